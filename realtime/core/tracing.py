"""Tracing interface: spans of work and waits reported by every thread; recorded only on request.

Stages are named here once, in pipeline order; waits are listed separately from work.
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
    SOURCE: "for the next frame, including its decoding",
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
    """Interval of the monotonic clock in which a stage worked on a frame, or a frame waited.

    `on_cpu_s` is the thread's CPU time within it; 0 for a wait.
    """

    stage: str
    frame: int
    began_s: float
    lasted_s: float
    on_cpu_s: float = 0.0

    @property
    def ended_s(self) -> float:
        """Return the end of the interval on the monotonic clock."""
        return self.began_s + self.lasted_s


@dataclass(frozen=True, slots=True)
class TraceEvent:
    """Instantaneous event: a frame was dropped, a tick was judged."""

    name: str
    thread: str
    at_s: float
    details: str = ""


class Tracer:
    """No-op receiver of stage timings; `realtime.profiling.profiler.Profiler` records them."""

    def span(self, stage: str, frame: int = NO_FRAME) -> AbstractContextManager[None]:
        """Return a context manager that times a stage's work on a frame, in the calling thread."""
        return _NOTHING

    def wait(self, stage: str, frame: int, since_s: float, until_s: float) -> None:
        """Record that a frame waited from `since_s` to `until_s`."""

    def event(self, name: str, thread: str, details: str = "") -> None:
        """Record an event at the present time."""

    def table(self) -> ProfileTable | None:
        """Return the timings of every stage so far; None if nothing is recorded."""
        return None

    def judged(self, frame: int) -> None:
        """Record that the reading of a frame is published."""

    def shown(self, frame: int) -> None:
        """Record that the view just drew the reading of a frame for the first time. Main thread."""


_NOTHING: AbstractContextManager[None] = nullcontext()
NO_TRACING = Tracer()
