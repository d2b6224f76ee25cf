"""Whether a face is at rest or shows an expression, by the expression read-out.

The read-out knows a smile without knowing the person, so it also serves where their neutral face
was never seen. Some faces look a little like an expression at rest: once a person has been seen at
rest, only what goes beyond that counts.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from realtime.core.messages import Expression, Floats, Showing

MEDIAN_S = 0.5  # longer than a blink, as for the intensity
EVERY_S = 0.1  # between samples of the face at rest
SAMPLES, ENOUGH = 300, 10  # kept of the face at rest; before which nothing is known of it
# Nobody holds an expression for longer. What then still looks like a faint one is the face at rest;
# what looks like a certain one gets no reading until the face at rest has been seen.
LONGEST_S = 6.0


@dataclass(frozen=True, slots=True, eq=False)
class RestLimits:
    """Read-out of neutral faces: `typical` (n,) and `scale` (n,) of each action, rarely exceeded.

    Strength is the largest excess over typical in scales; an action of infinite scale counts for
    nothing. From `faint` on a face may show an expression, from `certain` on it does.
    """

    typical: Floats
    scale: Floats
    faint: float
    certain: float

    def __post_init__(self) -> None:
        if self.typical.shape != self.scale.shape or not (self.scale > 0).all():
            raise ValueError(f"scale is {self.scale}; want {self.typical.shape}, above 0")
        if not 0 < self.faint <= self.certain:
            raise ValueError(
                f"faint {self.faint}, certain {self.certain}; want 0 < faint <= certain"
            )

    def strength(self, values: Floats, usual: Floats | None = None) -> float:
        """Return the strength of the expression in `values` (n,), beyond the `usual` at rest."""
        return float(((values - (self.typical if usual is None else usual)) / self.scale).max())

    def usual_of(self, at_rest: Floats) -> Floats:
        """Return what is usual of a person whose values at rest are `at_rest` (n,).

        It is no more than one scale beyond the typical: a smile that grows slowly is no rest.
        """
        return np.clip(at_rest, self.typical, self.typical + self.scale)


class ExpressionWatch:
    """What one face shows, and how it is at rest. Memory is bounded; owned by the vision thread."""

    def __init__(self, limits: RestLimits) -> None:
        self._limits = limits
        self._recent: deque[tuple[float, Floats]] = deque()
        self.reset()

    def reset(self) -> None:
        """Start over with another person."""
        self._recent.clear()
        self._rest: deque[Floats] = deque(maxlen=SAMPLES)
        self._usual: Floats | None = None  # values of this person at rest; None before enough
        self._stated = False  # whether the user said so
        self._sampled_s = float("-inf")
        self._began_s: float | None = None  # of what is shown without a break

    def take_as_rest(self) -> None:
        """Take the face as it is now for at rest: the user says so."""
        values = self._values() if self._recent else None
        self.reset()
        if values is not None:
            self._usual, self._stated = np.maximum(self._limits.typical, values), True

    def add(self, at_s: float, expression: Expression) -> Showing:
        """Add the read-out of a frame; return what the face shows, over the last half second."""
        self._recent.append((at_s, expression.values))
        while self._recent[0][0] < at_s - MEDIAN_S:
            self._recent.popleft()
        values = self._values()
        showing = self._showing(values, at_s)
        if showing is Showing.REST and at_s - self._sampled_s >= EVERY_S:
            self._sampled_s = at_s
            self._add_rest(values)
        return showing

    def _showing(self, values: Floats, at_s: float) -> Showing:
        strength = self._limits.strength(values, self._usual)
        if strength < self._limits.faint:
            self._began_s = None
            return Showing.REST
        self._began_s = at_s if self._began_s is None else self._began_s
        held = self._usual is None and at_s - self._began_s > LONGEST_S
        if strength >= self._limits.certain:
            return Showing.UNCLEAR if held else Showing.EXPRESSION
        return Showing.REST if held else Showing.UNCLEAR

    def _values(self) -> Floats:
        return np.asarray(np.median([values for _, values in self._recent], axis=0), np.float32)

    def _add_rest(self, values: Floats) -> None:
        self._rest.append(values)
        if len(self._rest) >= ENOUGH and not self._stated:
            self._usual = self._limits.usual_of(np.median(self._rest, axis=0))
