"""Row of the score table: what is known of one clip, and what the gauge says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields

from realtime.core.messages import Onset

Cell = str | float | int | bool | None
Row = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class ClipScore:
    """Scores of one clip, before its file is named; None where something is unknown.

    p_genuine: over the clip, as the live gauge gives it; None where the gauge stays silent.
    p_sd: standard deviation of the probability over the judged readings of the clip.
    p_forced: of the apex window, as `calibrate report` has it, also where the gauge stays silent.
    state, reason: where there is no `p_genuine`, what kept most readings from a number.
    why: what makes the score of `p_forced`, in log odds of genuine before calibration.
    onset_s, apex_s, offset_s: of the largest movement; None where the clip begins or ends in it.
    onset: that leads to the apex, from 25 % of it on; None where the clip begins in it.
    edge_free: whether the apex window touches neither end of what shows the face.
    face_share: share of frames with a face. clear_share: share of those that show it well enough.
    known_clips: other clips of the person that the gauge knows.
    """

    judged_as: str
    state: str
    reason: str
    p_genuine: float | None = None
    p_sd: float | None = None
    p_forced: float | None = None
    why: str | None = None
    best_emotion: str | None = None
    onset_s: float | None = None
    apex_s: float | None = None
    offset_s: float | None = None
    onset: Onset | None = None
    edge_free: bool | None = None
    judged_s: float = 0.0
    face_share: float = 0.0
    clear_share: float | None = None
    known_clips: int = 0
    fps: float | None = None

    @property
    def forced(self) -> bool:
        """Whether `p_forced` is all there is: the gauge itself stays silent."""
        return self.p_genuine is None and self.p_forced is not None

    def row(self) -> Row:
        """Return plain values, rounded so that the same clip gives the same bytes."""
        return {name: _rounded(self._cell(name)) for name in SCORES}

    def _cell(self, column: str) -> Cell:
        measure = ONSET_MEASURES.get(column)
        found: Cell = getattr(self if measure is None else self.onset, measure or column, None)
        return found


ONSET_MEASURES: Mapping[str, str] = {  # column: field of the onset
    "onset_duration_s": "duration_s",
    "onset_amplitude": "amplitude",
    "onset_speed": "largest_speed",
    "onset_mean_speed": "mean_speed",
    "onset_relative_speed": "relative_speed",
    "onset_symmetry": "symmetry",
    "onset_mouth_lead_s": "mouth_lead_s",
    "onset_plateau_s": "plateau_s",
}
COLUMNS = (
    *("file", "person", "emotion", "label", "judged_as", "best_emotion", "state"),
    *("p_genuine", "p_sd", "p_forced", "forced", "why"),
    *("onset_s", "apex_s", "offset_s", "edge_free"),
    *ONSET_MEASURES,
    *("judged_s", "reason", "face_share", "clear_share", "fps", "known_clips"),
    *("version", "bundle", "error"),
)
_SCORED = {field.name for field in fields(ClipScore)} | {"forced", *ONSET_MEASURES}
SCORES = tuple(name for name in COLUMNS if name in _SCORED)
TIMES = ("onset_s", "apex_s", "offset_s", "judged_s")
SHARES = ("face_share", "clear_share")
NUMBERS = ("p_genuine", "p_sd", "p_forced", *TIMES, *ONSET_MEASURES, *SHARES, "fps")
KINDS: Mapping[str, type] = {  # of columns; all others are text
    **dict.fromkeys(NUMBERS, float),
    **dict.fromkeys(("forced", "edge_free"), bool),
    "known_clips": int,
}


def unscored() -> Row:
    """Return the scores of a clip that could not be read."""
    return {**dict.fromkeys(SCORES), "reason": "not read; see the column error"}


def _rounded(value: Cell) -> Cell:
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value
