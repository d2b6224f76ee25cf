"""Detect, track, lose, find again: one face through a stream of pictures."""

from __future__ import annotations

import math

from realtime.core.messages import Box, BoxSource, Face, Image
from realtime.faces.haar_detector import HaarDetector
from realtime.faces.mosse import GOOD_PSR, MosseTracker

LOST_AFTER_S = 0.2  # of pictures in which nothing says that the box holds a face
LOOK_EVERY_S = 0.1  # between two Haar searches: nothing here costs more, and nobody sees 0.1 s
INSIDE = 0.5  # of the box that must be in the picture


class FaceTracker:
    """Follows the largest face, and keeps to it while others come and go. Belongs to one thread; times are media time.

    A picture counts as sure when the PSR is good or `reseat` confirms the face; `doubt` takes that back.
    """

    def __init__(self, detector: HaarDetector | None = None) -> None:
        self._detector = detector or HaarDetector()
        self._mosse = MosseTracker()
        self._seen_at_s = self._looked_at_s = -math.inf
        self.reset()

    @property
    def tracking(self) -> bool:
        """Whether there is a face, after what was last seen and last said of it."""
        return self._sure_at_s > -math.inf

    def update(self, gray: Image, captured_at_s: float) -> Face | None:
        """The face in the next uint8 (h, w) picture, or None."""
        was_sure = self._sure_at_s == self._seen_at_s
        self._seen_at_s = captured_at_s
        if self.tracking and (face := self._follow(gray, was_sure)):
            return face
        self.reset()
        return self._look(gray)

    def warm_up(self, gray: Image) -> None:
        """Run every stage once on `gray` and forget it: libraries load and allocate on first use."""
        self._detector.find(gray)
        MosseTracker().start(gray, (200.0, 60.0, 240.0, 240.0))

    def reseat(self, box: Box) -> None:
        """The face of the last picture is there and is this large: the landmarks say so."""
        self._mosse.reseat(box)
        self._sure_at_s = self._seen_at_s

    def mark_unsure(self) -> None:
        """What the last picture shows does not look like a face. A face never sure before is dropped at once."""
        self._mosse.reject()
        self._sure_at_s = self._sure_before_s
        if self._seen_at_s - self._sure_at_s > LOST_AFTER_S:
            self.reset()

    def reset(self) -> None:
        """There is no face, whatever was followed."""
        self._sure_at_s = self._sure_before_s = -math.inf

    def _follow(self, gray: Image, was_sure: bool) -> Face | None:
        box, psr = self._mosse.track(gray)
        self._sure_before_s = self._sure_at_s
        if _share_inside(box, gray) < INSIDE:
            return None
        if psr >= GOOD_PSR:
            self._sure_at_s = self._seen_at_s
        if (psr < GOOD_PSR or not was_sure) and (found := self._look(gray, near=box)):
            return found
        return (
            Face(box, psr, BoxSource.MOSSE)
            if self._seen_at_s - self._sure_at_s <= LOST_AFTER_S
            else None
        )

    def _look(self, gray: Image, near: Box | None = None) -> Face | None:
        if 0 <= self._seen_at_s - self._looked_at_s < LOOK_EVERY_S:
            return None
        self._looked_at_s = self._seen_at_s
        boxes = self._detector.find(gray, near)
        return self._start(gray, boxes[0]) if boxes else None

    def _start(self, gray: Image, box: Box) -> Face:
        self._mosse.start(gray, box)
        self._sure_at_s = self._seen_at_s
        return Face(box, self._mosse.track(gray)[1], BoxSource.HAAR)


def _share_inside(box: Box, gray: Image) -> float:
    """How much of a box is in the picture, 0 to 1."""
    x, y, width, height = box
    across = min(x + width, float(gray.shape[1])) - max(x, 0.0)
    down = min(y + height, float(gray.shape[0])) - max(y, 0.0)
    return max(0.0, across) * max(0.0, down) / (width * height)
