"""Readers of several faces in the same frames; a face keeps its number."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from realtime.core.messages import Face, Frame, Landmarks
from realtime.core.tracing import NO_TRACING, Tracer
from realtime.faces.face_tracker import FaceTracker
from realtime.faces.pyramid import Pyramid
from realtime.faces.shared_search import SharedSearch, same_face
from realtime.faces.slow_search import SlowSearch
from realtime.landmarks.face_reader import ExpressionSource, FaceReader
from realtime.landmarks.predictor import LandmarkPredictor

Seen = tuple[Face | None, Landmarks | None]
LOST: Seen = (None, None)


class GroupReader:
    """Face readers with one search, one pyramid and one landmark model. Owned by one thread."""

    def __init__(
        self,
        count: int,
        predictor: LandmarkPredictor | None = None,
        tracer: Tracer = NO_TRACING,
        search: SharedSearch | None = None,
        expressions: ExpressionSource | None = None,
    ) -> None:
        self._search = search or SharedSearch(count)
        predictor = predictor or LandmarkPredictor()
        self._readers = [
            FaceReader(FaceTracker(view), predictor, tracer, expressions)
            for view in self._search.views
        ]
        self._shape: tuple[int, ...] = ()

    @property
    def slow_search(self) -> SlowSearch:
        """The search by the CNN, whose detector a live run replaces."""
        return self._search.slow

    def load_detectors(self) -> None:
        """Load the detectors that are otherwise loaded when a frame first needs them."""
        self._search.load()

    def warm_up(self) -> None:
        """Run all steps once on a black picture, so that the first frame does not wait."""
        self._readers[0].warm_up()
        self._search.warm_up(Pyramid(np.zeros((360, 640), np.uint8)))

    def read(self, frame: Frame) -> tuple[Seen | None, ...]:
        """Return face and landmarks by number: (None, None) for one just lost, None for nobody.

        Faces that are followed are read first, so that none is found a second time.
        """
        gray, at_s = Pyramid(frame.gray), frame.captured_at_s
        if gray.shape != self._shape:
            self._shape = gray.shape
            self._search.forget()
        seen: dict[int, Seen] = {}
        for number in sorted(range(len(self._readers)), key=lambda n: self._turn(n, at_s)):
            seen[number] = self._readers[number].read_in(gray, frame)
            face, _ = seen[number]
            self._search.note(number, face.box_px if face else None)
        self._drop_doubles(seen)
        for number in range(len(seen)):
            if seen[number][1] is not None:  # what a detector found may be no face
                number = self._lowest_free(number, seen, at_s)
                self._search.keep(number, at_s)
        return tuple(self._shown(number, seen[number], at_s) for number in sorted(seen))

    def exchange(self, one: int, other: int) -> None:
        """Exchange the faces of two numbers from the next frame on."""
        readers = self._readers
        readers[one], readers[other] = readers[other], readers[one]
        self._search.exchange(one, other)

    def _turn(self, number: int, at_s: float) -> int:
        """Return when a number is read: those with a face, then those that lost one, then rest."""
        if self._readers[number].following:
            return 0
        return 1 if self._search.awaits(number, at_s) else 2

    def _shown(self, number: int, seen: Seen, at_s: float) -> Seen | None:
        there = seen[0] is not None or self._search.awaits(number, at_s)
        return seen if there else None

    def _lowest_free(self, number: int, seen: dict[int, Seen], at_s: float) -> int:
        """Return the number of a face: of one that has come, the lowest that nobody has."""
        if self._search.awaits(number, at_s):
            return number
        for free in range(number):
            if seen[free][0] is None and not self._search.awaits(free, at_s):
                self.exchange(free, number)
                seen[free], seen[number] = seen[number], seen[free]
                return free
        return number

    def _drop_doubles(self, seen: dict[int, Seen]) -> None:
        """Let only one tracker keep a face: that of the other was covered by it."""
        for one, other in combinations(seen, 2):
            first, second = seen[one][0], seen[other][0]
            if first and second and same_face(first.box_px, second.box_px):
                loser = one if first.psr < second.psr else other
                seen[loser] = LOST
                self._readers[loser].reset()
                self._search.note(loser, None)
