"""Puts a file's timestamps in order: strictly increasing, whatever the container says."""

from __future__ import annotations

import math

from realtime.capture.frame_counter import BACK_IN_TIME, REPEATED

HZ = 25.0  # where a file names no rate: FFmpeg's own fallback
NEW_PART_S = 1.0  # a jump back by more begins a new part, as in files that were joined; by less it is a disorder


class TimestampFixer:
    """Says where on the media's time each frame lies. Belongs to one reader of one file.

    A frame without a timestamp follows the last one at the nominal rate; one that repeats or goes back a little has no
    place; after a jump back by more than `NEW_PART_S` the times go on from the last one.
    """

    def __init__(self, hz: float) -> None:
        self._period_s = 1.0 / (hz if hz > 0 else HZ)
        self._offset_s = 0.0
        self._last_s: float | None = None

    def fix(self, stamp_s: float) -> tuple[float, str]:
        """The media time of a frame stamped `stamp_s`, and why it must be skipped (empty when it need not)."""
        at_s, reason = self._placed(stamp_s)
        if not reason:
            self._last_s = at_s
        return at_s, reason

    def _placed(self, stamp_s: float) -> tuple[float, str]:
        if self._last_s is None:
            return (stamp_s if math.isfinite(stamp_s) else 0.0), ""
        next_s = self._last_s + self._period_s
        if stamp_s == 0 or not math.isfinite(
            stamp_s
        ):  # OpenCV gives 0 where the container gives nothing
            return next_s, ""
        at_s = stamp_s + self._offset_s
        if at_s < self._last_s - NEW_PART_S:
            self._offset_s = next_s - stamp_s
            return next_s, ""
        if at_s == self._last_s:
            return at_s, REPEATED
        return at_s, BACK_IN_TIME if at_s < self._last_s else ""
