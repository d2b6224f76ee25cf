"""`Reading`: what the gauge says at one tick."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace

from realtime.core.clock import Clock
from realtime.core.messages import Tick, Verdict
from realtime.verdict import reading as stage
from realtime.view.records.rows import verdict_row


@dataclass(frozen=True, slots=True, repr=False)
class Reading(Verdict):
    """Reading of the gauge at one tick, five times a second; frozen, safe to share and keep.

    at_s: media time in seconds: of a file or of your frames their own, of a camera the clock's.
    frame: number of the newest frame, from 0; -1 before the first.
    emotion: the emotion that is judged; with `auto` the one that is followed.
    state: a `State`, equal to its name as text; only `judging` and `settled` have a number.
    p_genuine: probability that the expression is genuine, 0 to 1, or None.
    reason: why there is no number; empty if there is one.
    age_ms: from the arrival of the frame to this reading.
    box_px, points_px: the face, (x, y, width, height), and its 40 landmarks, float32 (40, 2), in
        pixels; None without a face.
    pb: the parametric bias, float32 (n, 64), a row for each network that judged; None without.
    onset: how the expression began that is there now: an `Onset`; None without an expression, and
        where its beginning was not seen.
    onset_rank: shares of genuine and fake onsets of the emotion that are slower, an `OnsetRank`;
        None with a bundle that knows none.
    contributions: what makes the score, in log odds of genuine: `Contribution`s by name; empty
        where nothing was judged.
    expression: what the newest frame shows: `names` of actions, such as smile_left, and `values`
        float32 (n,), 0 to 1; None without a face, and with a bundle that has no read-out.
    p_emotion: probability that the movement shows `emotion`; None of `any`, where nothing was
        judged, and with a bundle that has no emotion classifier.
    loss, pb_speed, psr, prediction_error, pb_position, intensity: as in docs/RECORDS.md, where
        prediction_error is `misfit` and pb_position is `place`.
    rows: with emotion `all`, a reading of each emotion; else empty.
    face: number of the face, from 1; None where one face is followed.
    faces: where several are followed, a reading of each that is there, in the order of their
        numbers; this reading is that of the first of them. Else empty.
    missed: readings that were made since the last one you took, and not given out; live only.

    Readings are equal without regard to their arrays. In a notebook a reading shows itself.
    """

    rows: tuple[Reading, ...] = ()
    faces: tuple[Reading, ...] = ()
    missed: int = 0

    def row(self) -> dict[str, object]:
        """Return the reading as a record holds it: plain values, rounded (docs/RECORDS.md)."""
        return verdict_row(self)

    def __repr__(self) -> str:
        number = self.reason if self.p_genuine is None else f"p_genuine {self.p_genuine:.4f}"
        who = self.emotion if self.face is None else f"face {self.face}, {self.emotion}"
        return f"Reading({who} at {self.at_s:.3f} s: {self.state.value}, {number})"

    def _repr_svg_(self) -> str:
        """Return the reading as a small picture, for notebooks."""
        from realtime.api.reading_svg import draw_reading

        return draw_reading(self)


_VERDICT_FIELDS = tuple(each.name for each in fields(Verdict))


def reading_of(verdict: Verdict, rows: Iterable[Verdict] = ()) -> Reading:
    """Return the public form of a verdict and of those of the single emotions."""
    values = {name: getattr(verdict, name) for name in _VERDICT_FIELDS}
    return Reading(**values, rows=tuple(map(reading_of, rows)))


def reading_of_ticks(
    ticks: Sequence[Tick], read: Callable[[Tick], stage.Reading], clock: Clock
) -> Reading:
    """Return the public form of what the judges `read` in the ticks of one frame, face by face."""
    judged = [(tick, read(tick)) for tick in ticks]
    now_s = clock.now_s()
    return first_of([_reading_of_tick(tick, each, now_s) for tick, each in judged])


def first_of(faces: Sequence[Reading], missed: int = 0) -> Reading:
    """Return the first of the faces' readings, with all of them if faces are numbered."""
    first = faces[0]
    several = () if first.face is None else tuple(faces)
    return replace(first, faces=several, missed=missed)


def _reading_of_tick(tick: Tick, judged: stage.Reading, now_s: float) -> Reading:
    rows = (stage.make_verdict(tick, row, now_s) for row in judged.rows)
    return reading_of(stage.make_verdict(tick, judged, now_s), rows)
