"""The verdict on everything seen so far: the mean of the judged ticks' log odds, made a probability.

Every judged tick weighs the same. Windows overlap, so ticks are no independent witnesses, and adding up their log odds
would claim a certainty that is not there; their mean stays on the scale that the probability maps were fitted on.
"""

from __future__ import annotations

from realtime.core.messages import State
from realtime.core.snapshot import RunVerdict
from realtime.verdict.calibration import PlattScaling


class RunAverage:
    """Gathers the scores of one emotion's judged ticks. Owned by the recognition thread."""

    def __init__(self, probability: PlattScaling, stride_s: float) -> None:
        self._probability = probability
        self._stride_s = stride_s
        self._sum = 0.0
        self._ticks = 0
        self._last = State.WARMING_UP

    def add(self, state: State, score: float | None) -> None:
        """Take note of a tick; `score` is None where nothing was judged."""
        self._last = state
        if score is not None:
            self._sum += score
            self._ticks += 1

    def verdict(self) -> RunVerdict:
        """The verdict so far: judged, uncertain, or the last tick's state when nothing could be judged at all."""
        if not self._ticks:
            return RunVerdict(self._last.value, None, 0.0)
        p_genuine = self._probability.p_genuine(self._sum / self._ticks)
        state = State.UNCERTAIN if self._probability.is_uncertain(p_genuine) else State.JUDGING
        return RunVerdict(state.value, p_genuine, round(self._ticks * self._stride_s, 6))
