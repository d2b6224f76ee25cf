"""Gauge: one frame through the stages in order, without threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from realtime.core.messages import Face, Floats, Frame, Landmarks, PersonStatus, Tick
from realtime.core.tracing import MOTION, NO_TRACING, Tracer
from realtime.faces.slow_search import SlowSearch
from realtime.motion.motion import MotionStage, make_tick
from realtime.motion.ticker import Ticker
from realtime.person.face_watch import OUTDATED, FaceWatch
from realtime.verdict.judge import Judge
from realtime.verdict.reading import Reading


class LandmarkSource(Protocol):
    """What gives a frame its face and landmarks: a `FaceReader`, or a recorded track."""

    def read(self, frame: Frame) -> tuple[Face | None, Landmarks | None]:
        """Return the face and its landmarks in `frame`; None for what the frame does not show."""


@runtime_checkable
class FaceSearcher(Protocol):
    """Landmark source with detectors that take longer to load or to run than a frame lasts."""

    @property
    def slow_search(self) -> SlowSearch:
        """The search by the CNN, whose detector may be replaced by one that runs elsewhere."""

    def load_detectors(self) -> None:
        """Load the detectors that are otherwise loaded when a frame first needs them."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Result of one frame for one face; `tick` is None between two ticks.

    `face_id` is None where one face is followed.
    """

    face: Face | None
    landmarks: Landmarks | None
    tick: Tick | None
    person: PersonStatus = field(default_factory=PersonStatus)
    face_id: int | None = None


class Gauge:
    """Face reader, motion stage, ticker and judge, connected.

    `step` and `read` may belong to two threads. Without a judge, `step` accepts every view; without
    a `watch`, only a long absence starts another person.
    """

    def __init__(
        self,
        reader: LandmarkSource,
        motion: MotionStage,
        judge: Judge | None = None,
        ticker: Ticker | None = None,
        tracer: Tracer = NO_TRACING,
        watch: FaceWatch | None = None,
    ) -> None:
        self.reader, self.motion, self._judge, self.tracer = reader, motion, judge, tracer
        self.watch = watch
        self.ticker = ticker or Ticker(motion.timing.stride_s)
        # Whether a descriptor is of the face of another gauge: a group of gauges knows.
        self.is_of_another: Callable[[Floats], bool] = lambda descriptor: False

    @property
    def judge(self) -> Judge:
        """Judge of the ticks; raises RuntimeError in a gauge without one."""
        if self._judge is None:
            raise RuntimeError("this gauge has no judge; it only makes ticks")
        return self._judge

    @property
    def not_described(self) -> Mapping[str, int]:
        """Faces that were due to be described and gave nothing to compare, by reason."""
        return {} if self.watch is None else dict(self.watch.not_described)

    def step(self, frame: Frame) -> Step:
        """Read the face in `frame`, add its movement, and make a tick where one is due."""
        face, landmarks = self.reader.read(frame)
        return self.add(frame, face, landmarks, due=self.ticker.due(frame.captured_at_s))

    def add(
        self, frame: Frame, face: Face | None, landmarks: Landmarks | None, *, due: bool
    ) -> Step:
        """Add what `frame` shows of the face, and make a tick if one is `due`."""
        with self.tracer.span(MOTION, frame.index):
            if face is not None and landmarks is not None:
                clear = self._is_clear_view(face, landmarks)
                self.motion.add(landmarks, clear)
                self._recognise(frame, landmarks, clear)
            newest = (frame.index, frame.read_at_s, frame.captured_at_s, face, landmarks)
            tick = make_tick(self.motion, *newest) if due else None
            return Step(face, landmarks, tick, self.motion.person.status)

    def read(self, tick: Tick) -> Reading:
        """Return the judge's reading of `tick`."""
        return self.judge.read(tick)

    def _recognise(self, frame: Frame, landmarks: Landmarks, clear: bool) -> None:
        if self.watch is not None:
            person = self.motion.person
            for described in self.watch.look(person, frame, landmarks, clear):
                if described.stretch != person.stretch:
                    self.watch.count_dropped(OUTDATED)
                elif not self.is_of_another(described.descriptor):
                    self.motion.recognise(described.descriptor)

    def _is_clear_view(self, face: Face, landmarks: Landmarks) -> bool:
        return self._judge is None or self._judge.is_clear_view(landmarks.quality, face.psr)
