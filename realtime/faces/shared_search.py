"""One search for several trackers: each starts on a face that no other tracker follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from realtime.core.messages import Box, BoxSource
from realtime.faces.face_search import Detection, FaceSearch, SlowDetection
from realtime.faces.haar_detector import HaarDetector
from realtime.faces.hog_detector import BoxDetector, HogDetector
from realtime.faces.pyramid import Pyramid
from realtime.faces.slow_detector import SlowDetector
from realtime.faces.slow_search import SlowSearch

EXTRA_EVERY_S = 1.5  # between rounds of searches for further faces while one is followed
AWAITED_S = 2.0  # for which a face that was lost is looked for as often as one alone
SAME_FACE = 0.5  # of the smaller of two boxes inside the other: both are of one face
NEAR = 1.5  # in widths of its box: where a face is awaited that was lost


@dataclass(slots=True)
class FacePlace:
    """Box of a tracker's face in the newest picture, and when and where points last fitted it."""

    box: Box | None = None
    last_box: Box | None = None
    last_s: float = -math.inf


class SharedSearch:
    """Detectors of several trackers, and where each one's face is. Owned by one thread.

    A picture is searched once, whoever asks. What is found goes to the tracker that has lost a face
    there; all else to those that never had one or lost it long ago, the largest face first.
    """

    def __init__(
        self,
        count: int,
        haar: HaarDetector | None = None,
        hog: BoxDetector | None = None,
        slow: SlowDetector | None = None,
    ) -> None:
        haar, hog = haar or HaarDetector(), hog or HogDetector()
        self._search = FaceSearch(haar, hog, slow)
        self.views = [TrackerSearch(self, number, haar, hog) for number in range(count)]
        self._places = [FacePlace() for _ in range(count)]
        self._round_at_s = -math.inf
        self._picture: Pyramid | None = None  # the newest searched
        self._found: list[Detection] = []  # in it, and not yet given to a tracker
        self._slow_picture: Pyramid | None = None
        self._found_slowly: list[SlowDetection] = []

    @property
    def slow(self) -> SlowSearch:
        """The search by the CNN, whose detector a live run replaces."""
        return self._search.slow

    def note(self, number: int, box: Box | None) -> None:
        """Record where a tracker's face is in the newest picture; None if it has none."""
        place = self._places[number]
        if place.box is not None and box is None:
            self._search.confirm()  # what was looked for until now was another face
        place.box = box

    def keep(self, number: int, at_s: float) -> None:
        """Await a tracker's face where it is now, should it be lost."""
        place = self._places[number]
        place.last_box, place.last_s = place.box, at_s

    def awaits(self, number: int, at_s: float) -> bool:
        """Return whether a tracker has a face, or lost it less than `AWAITED_S` ago."""
        return 0 <= at_s - self._places[number].last_s <= AWAITED_S

    def exchange(self, one: int, other: int) -> None:
        """Exchange the faces of two trackers, which their owner exchanges, too."""
        places, views = self._places, self.views
        places[one], places[other] = places[other], places[one]
        views[one], views[other] = views[other], views[one]
        views[one].number, views[other].number = one, other

    def forget(self) -> None:
        """Forget where the faces are: the pictures have another size."""
        self._places = [FacePlace() for _ in self._places]

    def warm_up(self, gray: Pyramid) -> None:
        """Run the cascade once on `gray`."""
        self._search.warm_up(gray)

    def load(self) -> None:
        """Load the detector that all trackers share."""
        self._search.load()

    def found_for(self, number: int, gray: Pyramid, at_s: float) -> list[Detection]:
        """Return the face in `gray` that a tracker without one should start on, or none."""
        if gray is not self._picture:
            self._picture, self._found = gray, self._search_if_due(gray, at_s)
        chosen = self._choose(number, self.unfollowed(self._found, number), at_s)
        self._found = [each for each in self._found if each is not chosen]
        return [] if chosen is None else [chosen]

    def found_slowly_for(self, number: int, gray: Pyramid, at_s: float) -> SlowDetection | None:
        """Return the face that the CNN found, in `gray` or not long before, as `found_for` does.

        The CNN looks for a lost face, and for any while no tracker has one.
        """
        followed = any(place.box is not None for place in self._places)
        if followed and not self.awaits(number, at_s):
            return None
        if gray is not self._slow_picture:
            self._slow_picture, self._found_slowly = gray, self._search_slowly(gray, at_s)
        free = self.unfollowed([one.first for one in self._found_slowly], number)
        chosen = self._choose(number, free, at_s)
        slow = next((one for one in self._found_slowly if one.first is chosen), None)
        self._found_slowly = [each for each in self._found_slowly if each is not slow]
        return slow

    def unfollowed(self, found: Sequence[Detection], number: int) -> list[Detection]:
        """Return those of `found` that no other tracker than `number` follows."""
        places = (place for each, place in enumerate(self._places) if each != number)
        others = [place.box for place in places if place.box is not None]
        return [one for one in found if all(not same_face(one.box, box) for box in others)]

    def _search_if_due(self, gray: Pyramid, at_s: float) -> list[Detection]:
        free = [number for number, place in enumerate(self._places) if place.box is None]
        awaited = any(self.awaits(number, at_s) for number in free)
        rarely = len(free) < len(self._places) and not awaited
        if self._search.is_done:  # else the round goes on, a search a frame
            if rarely and 0 <= at_s - self._round_at_s < EXTRA_EVERY_S:
                return []
            self._round_at_s = at_s
        return self._search.search(gray, at_s)

    def _search_slowly(self, gray: Pyramid, at_s: float) -> list[SlowDetection]:
        answer = self.slow.search(gray, at_s)
        if answer is None:
            return []
        found = [Detection(one.box, BoxSource.CNN, sure=one.sure) for one in answer.boxes]
        return [SlowDetection(answer.picture, answer.at_s, each) for each in found]

    def _choose(self, number: int, found: list[Detection], at_s: float) -> Detection | None:
        last = self._places[number].last_box if self.awaits(number, at_s) else None
        if last is None:
            return found[0] if found else None
        nearest = min(found, key=lambda one: _apart(one.box, last), default=None)
        if nearest is None or _apart(nearest.box, last) <= NEAR:
            return nearest
        # Far from where the face was lost: somebody else, if a tracker is free for them.
        free = (each for each, place in enumerate(self._places) if place.box is None)
        return None if any(not self.awaits(each, at_s) for each in free) else nearest


class TrackerSearch(FaceSearch):
    """Search of one of several trackers, which finds no face that another follows."""

    def __init__(
        self, shared: SharedSearch, number: int, haar: HaarDetector, hog: BoxDetector
    ) -> None:
        super().__init__(haar, hog)
        self._shared, self.number = shared, number

    def confirm(self) -> None:
        """Skip nothing: other faces may be found yet."""

    def search(self, gray: Pyramid, at_s: float) -> list[Detection]:
        """Return the face that this tracker should start on, if there is one."""
        return self._shared.found_for(self.number, gray, at_s)

    def search_slowly(self, gray: Pyramid, at_s: float) -> SlowDetection | None:
        """Return the same of the CNN's finds."""
        return self._shared.found_slowly_for(self.number, gray, at_s)

    def search_near(self, gray: Pyramid, box: Box, roll_deg: float, at_s: float) -> list[Detection]:
        """Return the faces around `box`, without those of other trackers."""
        found = super().search_near(gray, box, roll_deg, at_s)
        return self._shared.unfollowed(found, self.number)


def same_face(one: Box, other: Box) -> bool:
    """Return whether two boxes show one face: most of the smaller is inside the other."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return False
    return across * down > SAME_FACE * min(one[2] * one[3], other[2] * other[3])


def _apart(one: Box, other: Box) -> float:
    """Return the distance of the boxes' centres in widths of `other`."""
    x, y = (one[n] + one[n + 2] / 2 - other[n] - other[n + 2] / 2 for n in (0, 1))
    return math.hypot(x, y) / other[2]
