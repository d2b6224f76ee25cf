"""Gauges of several faces in the same frames, without threads; or of one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from realtime.core.messages import Face, Floats, Frame, Landmarks, Tick
from realtime.core.snapshot import RunVerdict
from realtime.core.tracing import Tracer
from realtime.motion.ticker import Ticker
from realtime.person.known_face import SAME_BELOW, KnownFace
from realtime.runtime.gauge import FaceSearcher, Gauge, LandmarkSource, Step
from realtime.verdict.reading import Reading

Seen = tuple[Face | None, Landmarks | None]
NOBODY: Seen = (None, None)


class FacesSource(Protocol):
    """What gives a frame its faces by number: a `GroupReader`, or a script."""

    def read(self, frame: Frame) -> Sequence[Seen | None]:
        """Return face and landmarks of each number; None for one that nobody has."""
        ...

    def exchange(self, one: int, other: int) -> None:
        """Give the faces of two numbers, from 0, to each other from the next frame on."""
        ...


class GaugeGroup:
    """Gauges that share frames and ticks. Face n, from 1, is that of the n-th gauge.

    A face that comes back under another's number gets its own again, with all that is known of the
    person: descriptors tell whose it is.

    `alone` is a group of one, whose face has no number. `step` and `read` may belong to two
    threads, as those of a gauge; `close` is the last call.
    """

    def __init__(
        self,
        gauges: Sequence[Gauge],
        reader: FacesSource,
        *,
        numbered: bool = True,
        release: Callable[[], None] | None = None,
    ) -> None:
        """Judge what `reader` sees with one gauge for each face; `release` ends their models."""
        self.gauges, self._reader = tuple(gauges), reader
        self._numbered, self._release = numbered, release
        self.ticker: Ticker = self.gauges[0].ticker
        self.seen: set[int] = set()  # faces that were there, by number
        self._there: list[int] = []  # indices of the gauges whose faces are there
        self._exchange: tuple[int, int] | None = None  # to be made after this frame
        for index, gauge in enumerate(self.gauges):
            gauge.is_of_another = partial(self._is_of_another, index)

    @staticmethod
    def alone(gauge: Gauge) -> GaugeGroup:
        """Return a group of one gauge, which reads its own face."""
        return GaugeGroup((gauge,), OneFace(gauge.reader), numbered=False)

    @property
    def first_id(self) -> int | None:
        """Number of the face that stands for all while nobody is there."""
        return 1 if self._numbered else None

    @property
    def searcher(self) -> FaceSearcher | None:
        """The reader whose detectors a live run loads early or runs elsewhere; None without one."""
        reader = self._reader.reader if isinstance(self._reader, OneFace) else self._reader
        return reader if isinstance(reader, FaceSearcher) else None

    @property
    def tracer(self) -> Tracer:
        """Receiver of the stages' times."""
        return self.gauges[0].tracer

    def step(self, frame: Frame) -> tuple[Step, ...]:
        """Read the faces in `frame`; return the step of each that is there, or of nobody as face 1.

        All have a tick, or none has.
        """
        seen = self._reader.read(frame)
        due = self.ticker.due(frame.captured_at_s)
        self._there = [number for number, one in enumerate(seen) if one is not None]
        steps = tuple(
            self._step(number, frame, seen[number] or NOBODY, due) for number in self._there or [0]
        )
        if self._exchange is not None:
            self._make_exchange(*self._exchange)
        return steps

    def read(self, tick: Tick) -> Reading:
        """Return the reading of `tick` by the judge of its face."""
        return self.gauge_of(tick.face_id).read(tick)

    def gauge_of(self, face_id: int | None) -> Gauge:
        """Return the gauge of a face; None is the face that has no number."""
        return self.gauges[0 if face_id is None else face_id - 1]

    def run_verdicts(self) -> dict[str, RunVerdict]:
        """Return the first face's verdict over the run for each emotion."""
        return self.gauges[0].judge.run_verdicts()

    def face_verdicts(self) -> dict[int, dict[str, RunVerdict]]:
        """Return the same for each numbered face that was there; empty for one alone."""
        return {each: self.gauge_of(each).judge.run_verdicts() for each in sorted(self.seen)}

    @property
    def not_described(self) -> Counter[str]:
        """Faces that were due to be described and gave nothing to compare, by reason."""
        return sum((Counter(gauge.not_described) for gauge in self.gauges), Counter[str]())

    @property
    def searches_unused(self) -> Counter[str]:
        """Searches by the CNN without an answer that counts, by reason."""
        return Counter(self.searcher.slow_search.unused if self.searcher is not None else ())

    def close(self) -> None:
        """Release the engines, unless others own them."""
        for gauge in self.gauges:
            gauge.judge.close()
        if self._release is not None:
            self._release()

    def _is_of_another(self, index: int, descriptor: Floats) -> bool:
        """Return whether a face that is in doubt is known from another gauge whose own is away.

        Where it is, the two gauges exchange their faces.
        """
        person = self.gauges[index].motion.person
        certain = person.face is not None and person.confirmed
        if certain or _distance(person.face, descriptor) < SAME_BELOW:
            return False
        others = [each for each in range(len(self.gauges)) if each != index and self._lacks(each)]
        known = {each: self.gauges[each].motion.person.face for each in others}
        apart = {each: _distance(face, descriptor) for each, face in known.items()}
        nearest = min(apart, key=lambda each: apart[each], default=None)
        if nearest is None or apart[nearest] >= SAME_BELOW:
            return False
        self._exchange = index, nearest
        return True

    def _lacks(self, index: int) -> bool:
        """Return whether a gauge is without a face, or not certain that it is its own."""
        return index not in self._there or not self.gauges[index].motion.person.confirmed

    def _make_exchange(self, one: int, other: int) -> None:
        self._exchange = None
        self._reader.exchange(one, other)
        for index in (one, other):
            self.gauges[index].motion.discard()

    def _step(self, number: int, frame: Frame, seen: Seen, due: bool) -> Step:
        step = self.gauges[number].add(frame, *seen, due=due)
        if not self._numbered:
            return step
        face_id = number + 1
        if seen is not NOBODY:
            self.seen.add(face_id)
        tick = None if step.tick is None else replace(step.tick, face_id=face_id)
        return replace(step, tick=tick, face_id=face_id)


class OneFace:
    """The face of one gauge's own reader, always there."""

    def __init__(self, reader: LandmarkSource) -> None:
        self.reader = reader

    def read(self, frame: Frame) -> tuple[Seen]:
        """Return the face in `frame`."""
        return (self.reader.read(frame),)

    def exchange(self, one: int, other: int) -> None:
        """Do nothing: there is no other face."""


def _distance(face: KnownFace | None, descriptor: Floats) -> float:
    return math.inf if face is None else face.distance([descriptor])
