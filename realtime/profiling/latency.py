"""How old readings are, and how much of that age the stages' own times sum up to."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from realtime.core.tracing import FRAME_QUEUE, SCREEN, Span
from realtime.profiling.histogram import Histogram

ON_THE_WAY = 256  # frames whose readings are not shown yet


@dataclass(slots=True)
class FrameLatency:
    """A frame on its way: when it came in, when its last stage ended, how much time its stages took."""

    read_at_s: float
    ended_s: float
    explained_s: float = 0.0


@dataclass(slots=True)
class AgeStats:
    """The ages of readings at one place of their way, and what the stages told of them."""

    ages: Histogram = field(default_factory=Histogram)
    explained_s: float = 0.0

    def add(self, account: FrameLatency, at_s: float) -> None:
        """A reading got there."""
        self.ages.add(at_s - account.read_at_s)
        self.explained_s += account.explained_s

    @property
    def share(self) -> float | None:
        """How much of the ages is explained, 1 for all of it; None before the first."""
        return self.explained_s / self.ages.total_s if self.ages.total_s else None


class LatencyTracker:
    """Follows each frame from its arrival to the drawing that shows its reading. Belongs to who holds the profile.

    A frame's way is a chain of stretches, each begun where the last one ended: what a stage does not tell is age that
    nothing explains. Only the wait for the screen is reckoned here, as nobody sits through it.
    """

    def __init__(self) -> None:
        self._open: OrderedDict[int, FrameLatency] = OrderedDict()
        self.at_verdict, self.at_gauge = AgeStats(), AgeStats()

    def __len__(self) -> int:
        return len(self._open)

    def add(self, span: Span) -> None:
        """A stage or a wait is over; a frame's first is its wait for vision, which begins as it comes in."""
        if span.stage == FRAME_QUEUE:
            self._open[span.frame] = FrameLatency(span.began_s, span.began_s)
            while len(self._open) > ON_THE_WAY:
                self._open.popitem(last=False)
        account = self._open.get(span.frame)
        if account is not None:
            account.explained_s += span.lasted_s
            account.ended_s = span.ended_s

    def judged(self, frame: int, at_s: float) -> None:
        """The reading of a frame is out."""
        account = self._open.get(frame)
        if account is not None:
            self.at_verdict.add(account, at_s)
            account.ended_s = at_s

    def shown(self, frame: int, drawing: Span) -> Span | None:
        """`drawing` is the first that shows the reading of a frame; its wait for the screen, unless it was shown."""
        account = self._open.get(frame)
        for older in [number for number in self._open if number <= frame]:
            del self._open[older]
        if account is None:
            return None
        waited = Span(SCREEN, frame, account.ended_s, max(0.0, drawing.began_s - account.ended_s))
        account.explained_s += waited.lasted_s + drawing.lasted_s
        self.at_gauge.add(account, drawing.ended_s)
        return waited
