"""Makes container timestamps strictly increasing."""

from __future__ import annotations

import math

from realtime.capture.frame_counter import BACK_IN_TIME, REPEATED

HZ = 25.0  # if a file declares no rate: FFmpeg's default
NEW_PART_S = 1.0  # a longer jump back starts a new part, as in concatenated files


class TimestampFixer:
    """Maps container timestamps to media time. One instance per pass over a file.

    Frames without a timestamp follow the last one at the nominal rate. Frames that repeat or step
    back are skipped. After a jump back by more than `NEW_PART_S`, time continues from the last
    frame.
    """

    def __init__(self, hz: float) -> None:
        self._period_s = 1.0 / (hz if hz > 0 else HZ)
        self._offset_s = 0.0
        self._last_s: float | None = None

    def fix(self, stamp_s: float) -> tuple[float, str]:
        """Return the media time of a frame stamped `stamp_s`, and the reason to skip it or ""."""
        at_s, reason = self._media_time(stamp_s)
        if not reason:
            self._last_s = at_s
        return at_s, reason

    def _media_time(self, stamp_s: float) -> tuple[float, str]:
        if self._last_s is None:
            return (stamp_s if math.isfinite(stamp_s) else 0.0), ""
        next_s = self._last_s + self._period_s
        if not math.isfinite(stamp_s):  # the container has no timestamp
            return next_s, ""
        at_s = stamp_s + self._offset_s
        if at_s < self._last_s - NEW_PART_S:
            self._offset_s = next_s - stamp_s
            return next_s, ""
        if at_s == self._last_s:
            return at_s, REPEATED
        return at_s, BACK_IN_TIME if at_s < self._last_s else ""
