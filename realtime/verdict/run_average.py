"""Run average: the mean log odds of all judged ticks, as a probability.

Every tick has weight one. Windows overlap, so ticks are not independent, and summing their log odds
would claim too much certainty; the mean stays on the calibrated scale.
"""

from __future__ import annotations

from realtime.core.messages import State
from realtime.core.snapshot import RunVerdict
from realtime.verdict.calibration import PlattScaling


class RunAverage:
    """Accumulate the log odds of one emotion's judged ticks. Owned by the recognition thread."""

    def __init__(self, probability: PlattScaling, stride_s: float) -> None:
        self._probability = probability
        self._stride_s = stride_s
        self._sum = 0.0
        self._ticks = 0
        self._last = State.WARMING_UP

    def add(self, state: State, score: float | None) -> None:
        """Add a tick; `score` is None where nothing was judged."""
        self._last = state
        if score is not None:
            self._sum += score
            self._ticks += 1

    def verdict(self) -> RunVerdict:
        """Return the verdict so far, or the last tick's state if nothing was judged."""
        if not self._ticks:
            return RunVerdict(self._last.value, None, 0.0)
        p_genuine = self._probability.p_genuine(self._sum / self._ticks)
        state = State.UNCERTAIN if self._probability.is_uncertain(p_genuine) else State.JUDGING
        return RunVerdict(state.value, p_genuine, round(self._ticks * self._stride_s, 6))
