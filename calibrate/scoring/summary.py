"""Closing lines of a scoring run: how many clips have a number, and the scores by label as a plot.

Written without a plotting library: the base installation has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from calibrate.data.counting import counted
from calibrate.metrics import Scored, auc, pairs
from calibrate.scoring.rows import Row
from realtime.core.labels import FAKE, GENUINE

BINS = 40  # of the plot, a letter each
BARS = "▁▂▃▄▅▆▇█"
EDGES = np.linspace(0, 1, BINS + 1)


@dataclass(slots=True)
class ScoreSummary:
    """Counts of the rows so far, and the scores of those with a label."""

    clips: int = 0
    errors: int = 0
    faces: int = 0
    numbers: int = 0
    forced: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    labelled: list[tuple[float, str, str, str]] = field(default_factory=list)

    def add(self, row: Row) -> Row:
        """Count a row and return it."""
        self.clips += 1
        self.errors += bool(row["error"])
        self.faces += bool(row["face_share"])
        self.numbers += row["p_genuine"] is not None
        self.forced += row["forced"] is True
        if row["p_genuine"] is None:
            self.reasons["error" if row["error"] else str(row["state"])] += 1
        if row["label"] and isinstance(row["p_forced"], float):
            self.labelled.append(
                (row["p_forced"], str(row["label"]), str(row["person"]), str(row["emotion"]))
            )
        return row

    def lines(self) -> list[str]:
        """Return the summary as lines of text."""
        silent = ", ".join(f"{count} {name}" for name, count in self.reasons.most_common())
        share = f" ({self.numbers / self.clips:.0%})" if self.clips else ""
        counts = [
            f"{self.numbers} of {counted(self.clips, 'clip')}{share} have a number; "
            f"{self.forced} only a forced one, of the apex alone",
            f"{self.faces} with a face, {self.errors} not readable",
        ]
        return [*counts, *([f"without a number: {silent}"] if silent else []), *self._plot()]

    def _plot(self) -> list[str]:
        groups = {
            label: np.array([p for p, own, _, _ in self.labelled if own == label])
            for label in (GENUINE, FAKE)
        }
        rows = [
            f"{label:>8}  {_histogram(values)}  median {np.median(values):.2f} of {len(values)}"
            for label, values in groups.items()
            if len(values)
        ]
        if not rows:
            return []
        scale = f"{'':>8}  0 fake{'':<{BINS - 15}}genuine 1"
        return ["", "p_forced by label", *rows, scale, *self._figures()]

    def _figures(self) -> list[str]:
        p_genuine, label, person, emotion = (
            np.array(column) for column in zip(*self.labelled, strict=True)
        )
        scored = Scored(p_genuine, label == GENUINE, person, emotion)
        area = auc(scored)
        if area is None:
            return []
        two = pairs(scored) if any(person) else None
        right = "" if two is None else f", {two:.3f} of pairs right"
        return [f"AUC {area:.3f}{right} (p_forced; people of the bundle's training score too high)"]


def _histogram(values: Iterable[float]) -> str:
    counts, _ = np.histogram(np.array(values), EDGES)
    top = max(1, int(counts.max()))
    return "".join(
        " " if not n else BARS[min(len(BARS) - 1, int(n * len(BARS) / (top + 1)))] for n in counts
    )
