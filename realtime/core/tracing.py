"""Where a run's time goes: spans of work and of waiting, told by every thread. Nothing is kept unless it is asked for.

A stage that a frame passes through is named once here, in the order of its way; waits stand apart from work.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from realtime.core.snapshot import ProfileTable

NO_FRAME = -1

SOURCE, FRAME_QUEUE, TICK_QUEUE, SCREEN = "source", "frame queue", "tick queue", "screen"
FACES, LANDMARKS, MOTION, RECOGNITION, VERDICT, VIEW = (
    "faces",
    "landmarks",
    "motion",
    "recognition",
    "verdict",
    "view",
)

WAITS = {
    SOURCE: "for the next picture, its decoding included",
    FRAME_QUEUE: "a frame for vision",
    TICK_QUEUE: "a tick for recognition",
    SCREEN: "a reading for the next drawing",
}
THREADS = {
    SOURCE: "capture",
    FACES: "vision",
    LANDMARKS: "vision",
    MOTION: "vision",
    RECOGNITION: "recognition",
    VERDICT: "recognition",
    VIEW: "main",
}
STAGES = (
    SOURCE,
    FRAME_QUEUE,
    FACES,
    LANDMARKS,
    MOTION,
    TICK_QUEUE,
    RECOGNITION,
    VERDICT,
    SCREEN,
    VIEW,
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time on the monotonic clock that a stage worked on a frame, or that a frame waited.

    `on_cpu_s` is how much of it the thread had a core; 0 for a wait.
    """

    stage: str
    frame: int
    began_s: float
    lasted_s: float
    on_cpu_s: float = 0.0

    @property
    def ended_s(self) -> float:
        return self.began_s + self.lasted_s


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """Something that happened at one instant: a frame was dropped, a tick was judged."""

    name: str
    thread: str
    at_s: float
    details: str = ""


class Tracer:
    """What the stages tell their times to. This one forgets all of it; `realtime.profiling.profiler.Profile` keeps it."""

    def span(self, stage: str, frame: int = NO_FRAME) -> AbstractContextManager[None]:
        """Around a stage's work on a frame, in the thread that does it."""
        return _NOTHING

    def wait(self, stage: str, frame: int, since_s: float, until_s: float) -> None:
        """A frame waited."""

    def event(self, name: str, thread: str, said: str = "") -> None:
        """Something happened now."""

    def table(self) -> ProfileTable | None:
        """Every stage's times so far; None where nothing is kept."""
        return None

    def judged(self, frame: int) -> None:
        """The reading of a frame is out."""

    def shown(self, frame: int) -> None:
        """The picture just drawn is the first to show the reading of a frame. Main thread."""


_NOTHING: AbstractContextManager[None] = nullcontext()
NO_TRACING = Tracer()
