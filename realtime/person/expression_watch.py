"""Whether a face is at rest or shows an expression, by the expression read-out.

The read-out knows a smile without knowing the person, so it also serves where their neutral face
was never seen. Some faces look a little like an expression at rest: once a person has been seen at
rest, only what goes beyond that counts.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Expression, Floats, Showing

MEDIAN_S = 0.5  # longer than a blink, as for the intensity
EVERY_S = 0.1  # between samples of the face at rest
SAMPLES, ENOUGH = 300, 10  # kept of the face at rest; before which nothing is known of it
# Longer than an expression is held. What mostly looked like one faint expression until then is the
# face at rest; what looks like a certain one gets no reading until the face at rest was seen.
LONGEST_S = 6.0
MOSTLY = 0.5  # share of the time held in which the face must have had the same look
SELDOM = 0.1  # share of this look that may be a certain expression, as the onset of one in between


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

    def strengths(self, values: Floats) -> Floats:
        """Return the strength (m,) of each of `values` (m, n), beyond the typical."""
        return np.asarray(((values - self.typical) / self.scale).max(axis=1), np.float32)

    def shown(self, strength: float) -> Showing:
        """Return what a face of this strength shows."""
        if strength < self.faint:
            return Showing.REST
        return Showing.EXPRESSION if strength >= self.certain else Showing.UNCLEAR

    def usual_of(self, at_rest: Floats, look: Floats | None = None) -> Floats:
        """Return what is usual of a person whose values at rest are `at_rest` (n,).

        It is no more than one scale beyond the typical, or than the `look` that was held for long:
        a smile that grows slowly is no rest.
        """
        most = self.typical + self.scale
        return np.clip(at_rest, self.typical, most if look is None else np.maximum(most, look))

    def near(self, values: Floats, look: Floats) -> NDArray[np.bool_]:
        """Return which of `values` (m, n) differ from `look` (n,) by at most one scale."""
        near: NDArray[np.bool_] = (np.abs(values - look) <= self.scale).all(axis=1)
        return near

    def look_of(self, held: Floats) -> Floats | None:
        """Return the look (n,) that the face mostly had while `held` (m, n) was seen.

        None where it had none for most of the time, or one that is often a certain expression. It
        is the median, so that an expression in between, even the newest, hardly changes it.
        """
        look = np.asarray(np.median(held, axis=0), np.float32)
        alike = held[self.near(held, look)]
        if len(alike) < MOSTLY * len(held):
            return None
        certain = self.strengths(alike) >= self.certain
        return look if certain.mean() <= SELDOM else None


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
        self._held: deque[Floats] = deque(maxlen=SAMPLES)  # shown since then, before rest is known
        self.held_look: Floats | None = None  # that was held for so long that it is rest
        # For the neutral: an expression that has just begun, in the newest frame alone, is no rest.
        self.for_neutral = Showing.UNCLEAR
        self.sure = False  # of an expression in the last half second, however long it is held

    def take_as_rest(self) -> None:
        """Take the face as it is now for at rest: the user says so."""
        values = self._values() if self._recent else None
        self.reset()
        if values is not None:
            self._usual, self._stated = np.maximum(self._limits.typical, values), True
            self.for_neutral, self.sure = Showing.REST, False

    def add(self, at_s: float, expression: Expression) -> Showing:
        """Add the read-out of a frame; return what the face shows, over the last half second."""
        self._recent.append((at_s, expression.values))
        while self._recent[0][0] < at_s - MEDIAN_S:
            self._recent.popleft()
        values = self._values()
        showing = self._showing(values, at_s)
        newest, recent = (
            self._limits.shown(self._limits.strength(each, self._usual))
            for each in (expression.values, values)
        )
        self.for_neutral = newest if newest is Showing.EXPRESSION else showing
        self.sure = recent is Showing.EXPRESSION
        if at_s - self._sampled_s >= EVERY_S:
            self._sampled_s = at_s
            if showing is Showing.REST:
                self._add_rest(values)
            elif self._usual is None:
                self._held.append(values)
        return showing

    def _showing(self, values: Floats, at_s: float) -> Showing:
        strength = self._limits.strength(values, self._usual)
        shown = self._limits.shown(strength)
        if shown is Showing.REST:
            self._began_s = None
            self._held.clear()
            return shown
        self._began_s = at_s if self._began_s is None else self._began_s
        held = self._usual is None and at_s - self._began_s > LONGEST_S
        if held and self._take_held_as_rest():
            return self._showing(values, at_s)
        return Showing.UNCLEAR if held else shown

    def _take_held_as_rest(self) -> bool:
        """Take the look that was mostly held for at rest; return whether there was one."""
        if len(self._held) < ENOUGH:  # the view was poor for most of the time
            return False
        held = np.array(self._held)
        look = self.held_look = self._limits.look_of(held)
        if look is None:
            return False
        self._usual = self._limits.usual_of(look, look)
        self._rest.extend(held[self._limits.near(held, look)])
        self._held.clear()
        return True

    def _values(self) -> Floats:
        return np.asarray(np.median([values for _, values in self._recent], axis=0), np.float32)

    def _add_rest(self, values: Floats) -> None:
        self._rest.append(values)
        if len(self._rest) >= ENOUGH and not self._stated:
            self._usual = self._limits.usual_of(np.median(self._rest, axis=0), self.held_look)
