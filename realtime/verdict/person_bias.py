"""The person bias: a random intercept per person, shrunk to 0 while few expressions are known."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from realtime.person.stats import MAX_CLIPS

BIAS_PRIOR = 3.0  # expressions: at so many the bias is shrunk by half
MAX_BIAS_EXPRESSIONS = 30  # newest expressions of this run that are averaged


class PersonBias:
    """Mean log odds of one person's expressions: some faces look more genuine whatever they show.

    Starts from a saved `mean` over so many `expressions`. Stores log odds by expression number; the
    tracker decides identity. Owned by the recognition thread.
    """

    def __init__(self, mean: float = 0.0, expressions: float = 0.0) -> None:
        self._confirmed = self._known, self._clips = mean, min(expressions, MAX_CLIPS)
        self._log_odds: deque[tuple[int, float]] = deque(maxlen=MAX_BIAS_EXPRESSIONS)

    def add(self, log_odds: float, expression: int = 0) -> None:
        """Add the mean log odds of a completed expression, by its number."""
        self._log_odds.append((expression, log_odds))

    def reset(self, *, expected: bool = False) -> None:
        """Start over for another person; `expected` restores the saved and confirmed bias."""
        self._known, self._clips = self._confirmed if expected else (0.0, 0.0)
        self._log_odds.clear()

    def confirm(self, confirmed_expressions: int) -> None:
        """Store the expressions up to this number as the bias of the expected person."""
        kept = [
            log_odds
            for expression, log_odds in self._log_odds
            if expression <= confirmed_expressions
        ]
        if kept:
            known, clips = self._with(kept)
            self._confirmed = known, min(clips, MAX_CLIPS)

    @property
    def confirmed(self) -> tuple[float, float]:
        """Return the expected person's confirmed mean log odds and its number of expressions."""
        return self._confirmed

    @property
    def mean(self) -> tuple[float, float]:
        """Return the mean log odds without shrinkage, and its number of expressions."""
        return self._with([log_odds for _, log_odds in self._log_odds])

    @property
    def shrunk(self) -> float:
        """Return the mean log odds shrunk to 0: mean * n / (n + BIAS_PRIOR)."""
        known, clips = self.mean
        return known * clips / (clips + BIAS_PRIOR)

    def _with(self, seen: Sequence[float]) -> tuple[float, float]:
        clips = self._clips + len(seen)
        return ((self._known * self._clips + sum(seen)) / clips if clips else 0.0), clips
