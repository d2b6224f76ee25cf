"""Search for faces: Haar's cascade first, as in the paper, then dlib's HOG detector.

dlib's CNN is asked only where a `SlowDetector` is given: inline it halts all threads for 0.5 s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle
from typing import Protocol

from realtime.core.messages import Box, BoxSource
from realtime.faces.dlib_detectors import BoxDetector, CnnDetector, HogDetector, ScoredBox
from realtime.faces.haar_detector import SMALL, UPRIGHT, HaarDetector, SearchView, rolled_view
from realtime.faces.pyramid import Pyramid
from realtime.faces.upright import cut_upright

SEARCH_EVERY_S = 0.1  # between searches, the most expensive step of a frame
# What is searched in turn where the cascade's upright view shows no face: the HOG detector at a
# longer side in px, or the cascade in another view. The cascade finds heads within 20 degrees of a
# view's roll; a head beyond the gate's limit is found too, to be named as such.
OTHER_SEARCHES: tuple[int | SearchView, ...] = tuple(
    search
    for view in (SMALL, *map(rolled_view, (30, -30, 60, -60, 90, -90, 130, -130, 180)))
    for search in (320, 640, view)
)
# The CNN takes up to half a second of a core: soon after a loss, then ever more rarely, but once a
# second while it alone sees the face.
CNN_AFTER_S, CNN_EVERY_S, CNN_SLOWER, CNN_SLOWEST_S = 0.1, 1.0, 2.0, 8.0
CNN_SIDE_PX = 480  # at 320 px it misses half of the faces that only it finds
NEAR_SIDE_PX = 240  # of the surroundings, two boxes wide, that the HOG detector searches


@dataclass(frozen=True, slots=True)
class Detection:
    """Face found in a picture: box, roll, which detector found it, and how sure that is.

    `doubtful` is what the cascade finds in a whole picture: its chance finds add up over views.
    """

    box: Box
    source: BoxSource
    roll_deg: float = 0.0
    sure: bool = False
    doubtful: bool = False


class SlowDetector(Protocol):
    """Contract of a detector whose answer may come some frames later."""

    def submit(self, gray: Pyramid, long_side_px: int) -> None:
        """Ask for the faces in `gray`; ignored while an answer is awaited."""
        ...

    def take(self) -> tuple[Pyramid, list[ScoredBox]] | None:
        """Return the picture last asked about and its faces, once; None before the answer."""
        ...


class NoDetector:
    """Slow detector of a gauge that does without: it never finds a face."""

    def submit(self, gray: Pyramid, long_side_px: int) -> None:
        """Do nothing."""

    def take(self) -> tuple[Pyramid, list[ScoredBox]] | None:
        """Return None."""
        return None


class InlineDetector:
    """Detector asked in the calling thread: the same frames always give the same faces."""

    def __init__(self, detector: BoxDetector | None = None) -> None:
        self._detector = detector or CnnDetector()
        self._answer: tuple[Pyramid, list[ScoredBox]] | None = None

    def submit(self, gray: Pyramid, long_side_px: int) -> None:
        """Find the faces in `gray`."""
        self._answer = (gray, self._detector.find(gray, long_side_px))

    def take(self) -> tuple[Pyramid, list[ScoredBox]] | None:
        """Return the picture last asked about and its faces, once."""
        answer, self._answer = self._answer, None
        return answer


class FaceSearch:
    """Schedule of the three detectors in media time. Owned by one thread."""

    def __init__(
        self,
        haar: HaarDetector | None = None,
        hog: BoxDetector | None = None,
        cnn: SlowDetector | None = None,
    ) -> None:
        self._haar, self._hog = haar or HaarDetector(), hog or HogDetector()
        self._cnn = cnn or NoDetector()
        self._searched_at_s = -math.inf
        self._others, self._other_due = cycle(OTHER_SEARCHES), False
        self.confirm()

    def confirm(self) -> None:
        """Start over: a face is followed, so that the next search is for another one."""
        self._other_due = False
        self._missing_since_s = math.inf
        self._cnn_wait_s = CNN_AFTER_S

    def warm_up(self, gray: Pyramid) -> None:
        """Run the fast detectors once on `gray`: libraries load and allocate on first use."""
        self._haar.find(gray)
        self._hog.find(gray, 80)

    def search(self, gray: Pyramid, at_s: float) -> list[Detection]:
        """Return the faces found in `gray`, largest first; most frames are not searched.

        One other search follows in the next frame unless the upright view shows a face.
        """
        if self._other_due:
            self._other_due = False
            return self._search_otherwise(gray, next(self._others))
        if not self._due(at_s):
            return []
        self._other_due = True
        return self._search_by_haar(gray, UPRIGHT)

    def search_near(self, gray: Pyramid, box: Box, roll_deg: float, at_s: float) -> list[Detection]:
        """Return the faces around `box`, of about its size and roll; most frames give none."""
        if not self._due(at_s):
            return []
        if found := self._haar.find_near(gray, box, roll_deg):
            return [Detection(near, BoxSource.HAAR, roll_deg) for near in found]
        x, y, width, height = box
        side, centre = NEAR_SIDE_PX, (x + width / 2, y + height / 2)
        patch = cut_upright(gray, centre, roll_deg, (side, side), side / (2 * width))
        return [
            Detection(patch.box_in_picture(near.box), BoxSource.HOG, roll_deg, near.sure)
            for near in self._hog.find(patch.gray, side)
        ]

    def search_slowly(self, gray: Pyramid, at_s: float) -> tuple[Pyramid, list[Detection]] | None:
        """Return a picture, maybe an earlier one, and the faces that the CNN found in it.

        Called for each frame without a confirmed face; the CNN is asked ever more rarely.
        """
        if not self._missing_since_s <= at_s:
            self._missing_since_s = at_s
        if at_s - self._missing_since_s >= self._cnn_wait_s:
            self._missing_since_s = at_s
            self._cnn_wait_s = min(CNN_SLOWEST_S, max(CNN_EVERY_S, CNN_SLOWER * self._cnn_wait_s))
            self._cnn.submit(gray, CNN_SIDE_PX)
        answer = self._cnn.take()
        if answer is None:
            return None
        picture, found = answer
        if any(one.sure for one in found):
            self._cnn_wait_s = CNN_EVERY_S
        return picture, [Detection(one.box, BoxSource.CNN, sure=one.sure) for one in found]

    def _search_otherwise(self, gray: Pyramid, search: int | SearchView) -> list[Detection]:
        if isinstance(search, SearchView):
            return self._search_by_haar(gray, search)
        found = self._hog.find(gray, search)
        return [Detection(one.box, BoxSource.HOG, sure=one.sure) for one in found]

    def _search_by_haar(self, gray: Pyramid, view: SearchView) -> list[Detection]:
        boxes = self._haar.find(gray, view)
        return [Detection(box, BoxSource.HAAR, view.roll_deg, doubtful=True) for box in boxes]

    def _due(self, at_s: float) -> bool:
        if 0 <= at_s - self._searched_at_s < SEARCH_EVERY_S:
            return False
        self._searched_at_s = at_s
        return True
