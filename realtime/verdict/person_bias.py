"""The person bias: a random intercept of one person, shrunk to zero while few expressions are known."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from realtime.person.stats import MAX_CLIPS

BIAS_PRIOR = 3.0  # expressions: how firmly a person's level is held to none until some were seen
MAX_BIAS_EXPRESSIONS = 30  # expressions of a person whose mean is their level


class PersonBias:
    """How genuine this person's expressions look in the mean: some faces look more so than others whatever they do.

    `known` and `clips` are what is known of the person beforehand. Owned by the recognition thread.
    """

    def __init__(self, mean: float = 0.0, expressions: float = 0.0) -> None:
        self._beforehand = self._known, self._clips = mean, min(expressions, MAX_CLIPS)
        self._seen: deque[tuple[int, float]] = deque(maxlen=MAX_BIAS_EXPRESSIONS)

    def add(self, log_odds: float, expression: int = 0) -> None:
        """An expression ended that looked like this in the mean, the person's so many-th."""
        self._seen.append((expression, log_odds))

    def reset(self, *, expected: bool = False) -> None:
        """Another person sits there, or the `expected` one once more, who is known beforehand."""
        self._known, self._clips = self._beforehand if expected else (0.0, 0.0)
        self._seen.clear()

    def confirm(self, confirmed_expressions: int) -> None:
        """So many expressions are surely of the person who is expected: they come back with what these said."""
        sure = [log_odds for expression, log_odds in self._seen if expression <= confirmed_expressions]
        if sure:
            known, clips = self._with(sure)
            self._beforehand = known, min(clips, MAX_CLIPS)

    @property
    def confirmed(self) -> tuple[float, float]:
        """What is sure of the level of the person who is expected, and the expressions that it rests on."""
        return self._beforehand

    @property
    def mean(self) -> tuple[float, float]:
        """The level as it was seen, not drawn anywhere, and the expressions that it rests on."""
        return self._with([log_odds for _, log_odds in self._seen])

    @property
    def shrunk(self) -> float:
        """The level, drawn to none by how few expressions it rests on."""
        known, clips = self.mean
        return known * clips / (clips + BIAS_PRIOR)

    def _with(self, seen: Sequence[float]) -> tuple[float, float]:
        clips = self._clips + len(seen)
        return ((self._known * self._clips + sum(seen)) / clips if clips else 0.0), clips
