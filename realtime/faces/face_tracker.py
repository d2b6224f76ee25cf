"""Detection and tracking of one face through a stream of frames."""

from __future__ import annotations

import math
from itertools import cycle

from realtime.core.messages import Box, BoxSource, Face, Image
from realtime.faces.haar_detector import SMALL, HaarDetector, rolled_view
from realtime.faces.mosse import GOOD_PSR, MosseTracker

LOST_AFTER_S = 0.2  # without confirmation that the box contains a face
SEARCH_EVERY_S = 0.1  # between Haar searches, the most expensive step; 0.1 s goes unnoticed
# Views searched in turn where the upright one shows no face. The cascade finds heads within 20
# degrees of a view's roll; a head beyond the gate's limit is found too, to be named as such.
OTHER_VIEWS = (
    rolled_view(30),
    rolled_view(-30),
    SMALL,
    *map(rolled_view, (60, -60, 90, -90, 130, -130, 180)),
)
MIN_SHARE_INSIDE = 0.5  # of the box inside the picture


class FaceTracker:
    """Tracker of the largest face that ignores other faces. Owned by one thread; media time.

    A frame is confirmed by a good PSR or by `reseat`; `mark_unsure` withdraws the confirmation.
    `roll_deg` is the roll of the tracked face that a fit should undo. `in_other_view` tells whether
    the newest detection needed a view other than the upright one; false finds add up over views.
    """

    def __init__(self, detector: HaarDetector | None = None) -> None:
        self._detector = detector or HaarDetector()
        self._mosse = MosseTracker()
        self._frame_at_s = self._searched_at_s = -math.inf
        self._other_views, self._other_view_due = cycle(OTHER_VIEWS), False
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

    def reseat(self, box: Box, roll_deg: float = 0.0) -> None:
        """Confirm the face of the last picture and set box and roll from its landmarks."""
        self._mosse.reseat(box)
        self.roll_deg, self._other_view_due = roll_deg, False
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
        self.roll_deg, self.in_other_view = 0.0, False

    def _track(self, gray: Image, was_sure: bool) -> Face | None:
        box, psr = self._mosse.track(gray)
        self._sure_before_s = self._sure_at_s
        if _share_inside(box, gray) < MIN_SHARE_INSIDE:
            return None
        if psr >= GOOD_PSR:
            self._sure_at_s = self._frame_at_s
        if (psr < GOOD_PSR or not was_sure) and (detected := self._search_near(gray, box)):
            return detected
        return (
            Face(box, psr, BoxSource.MOSSE)
            if self._frame_at_s - self._sure_at_s <= LOST_AFTER_S
            else None
        )

    def _search_near(self, gray: Image, box: Box) -> Face | None:
        if not self._search_due():
            return None
        boxes = self._detector.find_near(gray, box, self.roll_deg)
        return self._start(gray, boxes, self.roll_deg, in_other_view=False)

    def _search(self, gray: Image) -> Face | None:
        """Search the upright view, and one other in the next picture unless it showed a face."""
        if self._other_view_due:
            self._other_view_due, view = False, next(self._other_views)
            boxes = self._detector.find(gray, view)
            return self._start(gray, boxes, view.roll_deg, in_other_view=True)
        if not self._search_due():
            return None
        self._other_view_due = True  # until `reseat` confirms what is found
        return self._start(gray, self._detector.find(gray), roll_deg=0.0, in_other_view=False)

    def _search_due(self) -> bool:
        if 0 <= self._frame_at_s - self._searched_at_s < SEARCH_EVERY_S:
            return False
        self._searched_at_s = self._frame_at_s
        return True

    def _start(
        self, gray: Image, boxes: list[Box], roll_deg: float, in_other_view: bool
    ) -> Face | None:
        """Start tracking the first, largest box, if any."""
        if not boxes:
            return None
        box, self.roll_deg, self.in_other_view = boxes[0], roll_deg, in_other_view
        self._mosse.start(gray, box)
        self._sure_at_s = self._frame_at_s
        return Face(box, self._mosse.track(gray)[1], BoxSource.HAAR)


def _share_inside(box: Box, gray: Image) -> float:
    """Return the share of a box inside the picture, 0 to 1."""
    x, y, width, height = box
    across = min(x + width, float(gray.shape[1])) - max(x, 0.0)
    down = min(y + height, float(gray.shape[0])) - max(y, 0.0)
    return max(0.0, across) * max(0.0, down) / (width * height)
