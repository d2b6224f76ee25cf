"""Search for faces: Haar's cascade first, as in the paper, then dlib's HOG and CNN detectors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import cycle

from realtime.core.messages import Box, BoxSource
from realtime.faces.cnn_detector import CnnDetector
from realtime.faces.haar_detector import SMALL, TINY, UPRIGHT, HaarDetector, SearchView, rolled_view
from realtime.faces.hog_detector import BoxDetector, HogDetector
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import InlineDetector, SlowDetector
from realtime.faces.slow_search import SlowSearch
from realtime.faces.upright import cut_upright

SEARCH_EVERY_S = 0.1  # between searches, the most expensive step of a frame
# Searched in turn where the cascade's upright view shows no face: the HOG detector at a longer
# side, and the cascade in another view. The cascade finds heads within 20 degrees of a view's
# roll; a head beyond the gate's limit is found too, to be named as such.
HOG_SIDES_PX = (320, 640)
OTHER_VIEWS = (
    rolled_view(30),
    rolled_view(-30),
    SMALL,
    TINY,
    *map(rolled_view, (60, -60, 90, -90, 130, -130, 180)),
)
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


@dataclass(frozen=True, slots=True)
class SlowDetection:
    """Face that the CNN found in `picture`, maybe an earlier one, and that picture's time."""

    picture: Pyramid
    at_s: float
    first: Detection


class FaceDetectors:
    """The three detectors, which keep nothing of a video. Owned by one thread at a time."""

    def __init__(self) -> None:
        self._haar, self._hog, self._cnn = HaarDetector(), HogDetector(), CnnDetector()

    def in_order(self) -> tuple[HaarDetector, HogDetector, InlineDetector]:
        """Return them for a search; the CNN is waited for."""
        return self._haar, self._hog, InlineDetector(self._cnn)


class FaceSearch:
    """Schedule of the detectors in media time. Owned by one thread.

    `slow` is the search by the CNN; the pipeline of a live run replaces its detector.
    """

    def __init__(
        self,
        haar: HaarDetector | None = None,
        hog: BoxDetector | None = None,
        slow: SlowDetector | None = None,
    ) -> None:
        self._haar, self._hog = haar or HaarDetector(), hog or HogDetector()
        self.slow = SlowSearch(slow)
        self._searched_at_s = -math.inf
        self._sides_px, self._views = cycle(HOG_SIDES_PX), cycle(OTHER_VIEWS)
        self._due: list[int | SearchView] = []

    @property
    def is_done(self) -> bool:
        """Whether no search is due before the next upright one."""
        return not self._due

    def confirm(self) -> None:
        """Skip the searches still due: the face found last is one."""
        self._due.clear()
        self.slow.confirm()

    def warm_up(self, gray: Pyramid) -> None:
        """Run the cascade once on `gray`: OpenCV allocates on first use."""
        self._haar.find(gray)

    def load(self) -> None:
        """Load the HOG detector, which otherwise the first frame without a face waits for."""
        self._hog.load()

    def search(self, gray: Pyramid, at_s: float) -> list[Detection]:
        """Return the faces found in `gray`, largest first; most frames are not searched.

        The upright view first; one HOG search and one other view follow, a frame each, until
        `confirm`. The small HOG search needs no frame of its own where the first view is empty.
        """
        if self._due:
            return self._search_otherwise(gray, self._due.pop(0))
        if not self._is_time(at_s):
            return []
        self._due = [next(self._sides_px), next(self._views)]
        found = self._search_by_haar(gray, UPRIGHT)
        if found or self._due[0] != HOG_SIDES_PX[0]:
            return found
        return self._search_otherwise(gray, self._due.pop(0))

    def search_near(self, gray: Pyramid, box: Box, roll_deg: float, at_s: float) -> list[Detection]:
        """Return the faces around `box`, of about its size and roll; most frames give none."""
        if not self._is_time(at_s):
            return []
        if found := self._haar.find_near(gray, box, roll_deg):
            return [Detection(near, BoxSource.HAAR, roll_deg) for near in found]
        return self.search_near_by_hog(gray, box, roll_deg)

    def search_near_by_hog(self, gray: Pyramid, box: Box, roll_deg: float) -> list[Detection]:
        """Return the faces that HOG sees around `box`, whatever the time."""
        x, y, width, height = box
        side, centre = NEAR_SIDE_PX, (x + width / 2, y + height / 2)
        patch = cut_upright(gray, centre, roll_deg, (side, side), side / (2 * width))
        return [
            Detection(patch.box_in_picture(near.box), BoxSource.HOG, roll_deg, near.sure)
            for near in self._hog.find(patch.gray, side)
        ]

    def search_slowly(self, gray: Pyramid, at_s: float) -> SlowDetection | None:
        """Return the largest face that the CNN found in `gray` or, live, not long before.

        Called for each picture after one without a confirmed face; most are not searched.
        """
        answer = self.slow.search(gray, at_s)
        if answer is None:
            return None
        first = answer.boxes[0]
        found = Detection(first.box, BoxSource.CNN, sure=first.sure)
        return SlowDetection(answer.picture, answer.at_s, found)

    def _search_otherwise(self, gray: Pyramid, search: int | SearchView) -> list[Detection]:
        if isinstance(search, SearchView):
            return self._search_by_haar(gray, search)
        found = self._hog.find(gray, search)
        return [Detection(one.box, BoxSource.HOG, sure=one.sure) for one in found]

    def _search_by_haar(self, gray: Pyramid, view: SearchView) -> list[Detection]:
        boxes = self._haar.find(gray, view)
        return [Detection(box, BoxSource.HAAR, view.roll_deg, doubtful=True) for box in boxes]

    def _is_time(self, at_s: float) -> bool:
        if 0 <= at_s - self._searched_at_s < SEARCH_EVERY_S:
            return False
        self._searched_at_s = at_s
        return True
