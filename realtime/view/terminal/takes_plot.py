"""Two curves in one small plot of text: a mark for each take, and one where both meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text

from realtime.core.snapshot import Take, TakePair, TakePoint
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX

FELT_MARK, POSED_MARK, BOTH_MARK = "●", "○", "◉"  # different without colours, too
STYLES = {FELT_MARK: GENUINE_HEX, POSED_MARK: FAKE_HEX, BOTH_MARK: "bold"}
_AXIS = 5  # columns of the scale at the left

Value = Callable[[TakePoint], float | None]


@dataclass(frozen=True, slots=True)
class PlotArea:
    """Size of a plot in characters, and the spans of its axes; the time is in seconds."""

    columns: int
    rows: int
    time_s: tuple[float, float]
    highest: float  # the scale begins at 0

    def __post_init__(self) -> None:
        if self.columns < 1 or self.rows < 2 or self.highest <= 0:
            raise ValueError(f"{self}: want a column, two rows and a scale above 0")
        if not self.time_s[0] < self.time_s[1]:
            raise ValueError(f"time_s is {self.time_s}; want a span")

    def column(self, at_s: float) -> int:
        """Return the column of a time."""
        first_s, last_s = self.time_s
        return round((at_s - first_s) / (last_s - first_s) * (self.columns - 1))

    def row(self, value: float) -> int:
        """Return the row of a value, 0 at the top; values above the scale are in the top row."""
        return max(0, self.rows - 1 - round(value / self.highest * (self.rows - 1)))


def movement(point: TakePoint) -> float | None:
    """Return how far the face is from its neutral, in movement ranges."""
    return point.intensity


def percent_genuine(point: TakePoint) -> float | None:
    """Return the reading as a percentage."""
    return None if point.p_genuine is None else 100 * point.p_genuine


def plot_takes(pair: TakePair, value: Value, size: tuple[int, int], title: str) -> list[Text]:
    """Return `size` = (columns, rows) of text: title, both curves over each other, time scale."""
    columns, rows = size
    points = [point for take in (pair.felt, pair.posed) if take for point in take.points]
    values = [number for number in map(value, points) if number is not None]
    highest = 100.0 if value is percent_genuine else max([1.0, *values])
    first_s = min([0.0, *(point.at_s for point in points)])
    last_s = max([1.0, *(point.at_s for point in points)])
    area = PlotArea(max(1, columns - _AXIS), max(2, rows - 2), (first_s, last_s), highest)
    curves = [_cells(take, value, area) for take in (pair.felt, pair.posed)]
    lines = [_scale(row, area).append_text(_row(curves, row, area)) for row in range(area.rows)]
    head = Text(title, "dim")
    head.truncate(columns, overflow="ellipsis")
    return [head, *lines, _time_scale(area)]


def _cells(take: Take | None, value: Value, area: PlotArea) -> set[tuple[int, int]]:
    """Return the cells of a curve, as column and row; between its points it is straight.

    A gap in the readings stays one.
    """
    cells: set[tuple[int, int]] = set()
    before: tuple[int, float] | None = None
    for point in () if take is None else take.points:
        number = value(point)
        if number is None:
            before = None
            continue
        column = area.column(point.at_s)
        cells.add((column, area.row(number)))
        for each in () if before is None else range(before[0] + 1, column):
            share = (each - before[0]) / (column - before[0]) if before else 0.0
            start = before[1] if before else number
            cells.add((each, area.row(start + share * (number - start))))
        before = column, number
    return cells


def _row(curves: Sequence[set[tuple[int, int]]], row: int, area: PlotArea) -> Text:
    line = Text()
    for column in range(area.columns):
        felt, posed = ((column, row) in cells for cells in curves)
        mark = BOTH_MARK if felt and posed else FELT_MARK if felt else POSED_MARK if posed else " "
        line.append(mark, STYLES.get(mark, ""))
    return line


def _scale(row: int, area: PlotArea) -> Text:
    """Return the label at the left: the ends of the scale, and its middle, have a number."""
    places = {area.row(value): value for value in (area.highest, area.highest / 2, 0.0)}
    digits = 0 if area.highest > 10 else 1
    label = f"{places[row]:.{digits}f}" if row in places else ""
    return Text(f"{label:>{_AXIS - 1}}│", "dim")


def _time_scale(area: PlotArea) -> Text:
    """Return the line below: where the take began, and its end in seconds."""
    end = f"{area.time_s[1]:.1f} s"
    line = list("─" * area.columns)
    began = area.column(0.0)
    line[began : began + 3] = "0 s"
    line[-len(end) :] = end
    return Text(f"{'':>{_AXIS - 1}}└{''.join(line)[: area.columns]}", "dim")
