"""Detection and tracking of one face through a stream of frames."""

from __future__ import annotations

import math

from realtime.core.messages import Box, BoxSource, Face, Image
from realtime.faces.haar_detector import HaarDetector
from realtime.faces.mosse import GOOD_PSR, MosseTracker

LOST_AFTER_S = 0.2  # without confirmation that the box contains a face
SEARCH_EVERY_S = 0.1  # between Haar searches, the most expensive step; 0.1 s goes unnoticed
MIN_SHARE_INSIDE = 0.5  # of the box inside the picture


class FaceTracker:
    """Tracker of the largest face that ignores other faces. Owned by one thread; media time.

    A frame is confirmed by a good PSR or by `reseat`; `mark_unsure` withdraws the confirmation.
    """

    def __init__(self, detector: HaarDetector | None = None) -> None:
        self._detector = detector or HaarDetector()
        self._mosse = MosseTracker()
        self._frame_at_s = self._searched_at_s = -math.inf
        self.reset()

    @property
    def tracking(self) -> bool:
        """Whether a face is tracked, given the last frame and its confirmation."""
        return self._sure_at_s > -math.inf

    def update(self, gray: Image, captured_at_s: float) -> Face | None:
        """Return the face in the next uint8 (h, w) picture, or None."""
        was_sure = self._sure_at_s == self._frame_at_s
        self._frame_at_s = captured_at_s
        if self.tracking and (face := self._track(gray, was_sure)):
            return face
        self.reset()
        return self._search(gray)

    def warm_up(self, gray: Image) -> None:
        """Run detector and tracker once on `gray`: libraries load and allocate on first use."""
        self._detector.find(gray)
        MosseTracker().start(gray, (200.0, 60.0, 240.0, 240.0))

    def reseat(self, box: Box) -> None:
        """Confirm the face of the last picture and set its box from the landmarks."""
        self._mosse.reseat(box)
        self._sure_at_s = self._frame_at_s

    def mark_unsure(self) -> None:
        """Withdraw the confirmation of the last picture; drop a face never confirmed before."""
        self._mosse.reject()
        self._sure_at_s = self._sure_before_s
        if self._frame_at_s - self._sure_at_s > LOST_AFTER_S:
            self.reset()

    def reset(self) -> None:
        """Drop the tracked face."""
        self._sure_at_s = self._sure_before_s = -math.inf

    def _track(self, gray: Image, was_sure: bool) -> Face | None:
        box, psr = self._mosse.track(gray)
        self._sure_before_s = self._sure_at_s
        if _share_inside(box, gray) < MIN_SHARE_INSIDE:
            return None
        if psr >= GOOD_PSR:
            self._sure_at_s = self._frame_at_s
        if (psr < GOOD_PSR or not was_sure) and (detected := self._search(gray, near=box)):
            return detected
        return (
            Face(box, psr, BoxSource.MOSSE)
            if self._frame_at_s - self._sure_at_s <= LOST_AFTER_S
            else None
        )

    def _search(self, gray: Image, near: Box | None = None) -> Face | None:
        if 0 <= self._frame_at_s - self._searched_at_s < SEARCH_EVERY_S:
            return None
        self._searched_at_s = self._frame_at_s
        boxes = self._detector.find(gray, near)
        return self._start(gray, boxes[0]) if boxes else None

    def _start(self, gray: Image, box: Box) -> Face:
        self._mosse.start(gray, box)
        self._sure_at_s = self._frame_at_s
        return Face(box, self._mosse.track(gray)[1], BoxSource.HAAR)


def _share_inside(box: Box, gray: Image) -> float:
    """Return the share of a box inside the picture, 0 to 1."""
    x, y, width, height = box
    across = min(x + width, float(gray.shape[1])) - max(x, 0.0)
    down = min(y + height, float(gray.shape[0])) - max(y, 0.0)
    return max(0.0, across) * max(0.0, down) / (width * height)
