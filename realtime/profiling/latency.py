"""Latency of readings, and the share of it that the stages' times explain."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from realtime.core.tracing import FRAME_QUEUE, SCREEN, Span
from realtime.profiling.histogram import Histogram

ON_THE_WAY = 256  # frames whose readings are not shown yet


@dataclass(slots=True)
class FrameLatency:
    """Latency of one frame so far: arrival, end of the last stage, sum of the stages' times."""

    read_at_s: float
    ended_s: float
    explained_s: float = 0.0


@dataclass(slots=True)
class AgeStats:
    """Ages of readings at one point of the pipeline, and the time the stages explain."""

    ages: Histogram = field(default_factory=Histogram)
    explained_s: float = 0.0

    def add(self, account: FrameLatency, at_s: float) -> None:
        """Add a reading that reached this point at `at_s`."""
        self.ages.add(at_s - account.read_at_s)
        self.explained_s += account.explained_s

    @property
    def share(self) -> float | None:
        """Return the explained share of the ages, 1 for all; None before the first."""
        return self.explained_s / self.ages.total_s if self.ages.total_s else None


class LatencyTracker:
    """Tracks each frame from arrival to the first drawing of its reading. Owned by the profiler.

    Time between two spans of a frame counts as unexplained age. The wait for the screen is
    computed here, since no thread measures it.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[int, FrameLatency] = OrderedDict()
        self.at_verdict, self.at_gauge = AgeStats(), AgeStats()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, span: Span) -> None:
        """Add a finished span; a frame's first is its wait for vision, which starts at arrival."""
        if span.stage == FRAME_QUEUE:
            self._open[span.frame] = FrameLatency(span.began_s, span.began_s)
            while len(self._open) > ON_THE_WAY:
                self._open.popitem(last=False)
        account = self._open.get(span.frame)
        if account is not None:
            account.explained_s += span.lasted_s
            account.ended_s = span.ended_s

    def judged(self, frame: int, at_s: float) -> None:
        """Record that the verdict of a frame was published."""
        account = self._open.get(frame)
        if account is not None:
            self.at_verdict.add(account, at_s)
            account.ended_s = at_s

    def shown(self, frame: int, drawing: Span) -> Span | None:
        """Record the first drawing of a frame's reading; return its wait, None if already shown."""
        account = self._open.get(frame)
        for older in [number for number in self._open if number <= frame]:
            del self._open[older]
        if account is None:
            return None
        waited = Span(SCREEN, frame, account.ended_s, max(0.0, drawing.began_s - account.ended_s))
        account.explained_s += waited.lasted_s + drawing.lasted_s
        self.at_gauge.add(account, drawing.ended_s)
        return waited
