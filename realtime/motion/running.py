"""The running profile: whoever is followed is got to know, stretch by stretch, and somebody else is noticed.

What is seen is cut into stretches: an expression with its way there and back, or a few seconds of rest. Each stretch
counts once, so that no long one speaks for all; the oldest fall away, so that a slow change of posture or camera is
followed. What follows a break (face lost, picture cut) may be another person until some stretches say otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realtime.motion.person import QUIET_SHARE, Known, Population, nearest, together
from realtime.motion.stretch import CLIP_S, SAMPLE_EVERY_S, Stretch, rest_of, told_by
from realtime.values import Floats

FRESH = 100  # shapes that one sample is the mean of, at most: a thousand frames a second
LONGEST_S = 6.0  # nothing moves for longer: it was no expression, or rest is elsewhere than was thought
SHORTEST_S = 0.5  # less than this tells nothing
STRETCHES = 30  # of rest and movement, a minute and more: long against one expression, short against a day
EXPRESSIONS = 30  # whose mean movement is the person's range
DOUBTED = 3  # stretches after a break that may be of another person


@dataclass(frozen=True, slots=True)
class Limits:
    """Strength from which a face shows an expression, and down to which one that has begun goes on (the gate's)."""

    begins: float = float("inf")
    goes_on: float = float("inf")


class Person:
    """Gets to know whoever is followed. Owned by the vision thread; its memory is bounded however long it runs."""

    def __init__(
        self, window_s: float, people: Population, limits: Limits | None = None, beforehand: Known | None = None
    ) -> None:
        """`window_s` is what one window shows: no more was seen of a stranger, and the window itself says it better.

        `beforehand` is what is known of the person who is expected.
        """
        self._window_s, self._people = window_s, people
        self._limits, self._saved = limits or Limits(), beforehand
        self._expected = beforehand  # who is known better at every leaving and break
        self.number = 0  # how many people were forgotten before this one
        self.anew = False  # whether the user let this person's neutral face be taken anew
        self._expressing = False
        self._fresh: deque[Floats] = deque(maxlen=FRESH)  # shapes since the last sample
        self._open: list[Floats] = []
        self._stretches: deque[Stretch] = deque(maxlen=STRETCHES)
        self._begin(beforehand)

    def _begin(self, beforehand: Known | None) -> None:
        self._beforehand = beforehand
        self._doubts = [0] if beforehand else []  # stretches since each break that may have brought another person
        self.expressions = 0  # that ended since this person is watched
        self._moved: deque[Stretch] = deque(maxlen=EXPRESSIONS)
        self._stretches.clear()
        self._fresh.clear()
        self._open.clear()
        self._rest: Floats | None = None  # of the stretches that ended
        self._expressing = False
        self._last_s = float("-inf")

    @property
    def expected(self) -> bool:
        """Whether this is still held to be the person who is known beforehand."""
        return self._beforehand is not None

    @property
    def tells(self) -> bool:
        """Whether the bundle can tell one person from another."""
        return self._people.telling is not None

    @property
    def sure(self) -> bool:
        """Whether no break is still in doubt."""
        return not self._doubts

    @property
    def kept(self) -> Known | None:
        """What is sure of the person who is expected, from before and from now, if anybody is."""
        self._keep()
        return self._expected

    @property
    def known_expressions(self) -> int:
        """Expressions that are known of this person, from before and from now."""
        return self.expressions + (round(self._beforehand.expressions) if self._beforehand else 0)

    @property
    def known_s(self) -> float:
        """Seconds of this person that are remembered."""
        return (sum(len(stretch.shapes) for stretch in self._stretches) + len(self._open)) * SAMPLE_EVERY_S

    def see(self, at_s: float, shape: Floats) -> None:
        """Take notice of a shape (80,). A tenth of a second's shapes become one, their mean: noise counts for less."""
        self._fresh.append(shape)
        if at_s - self._last_s < SAMPLE_EVERY_S - 1e-6:
            return
        late = at_s - self._last_s >= 2 * SAMPLE_EVERY_S
        self._last_s = at_s if late else self._last_s + SAMPLE_EVERY_S  # by the grid: frames fall beside it
        self._open.append(np.asarray(np.mean(self._fresh, axis=0), np.float32))
        self._fresh.clear()
        if len(self._open) * SAMPLE_EVERY_S >= (LONGEST_S if self._expressing else CLIP_S) - 1e-6:
            self._end()

    def feel(self, strength: float) -> None:
        """How far from rest the face is now, in usual ranges: the end of an expression ends its stretch."""
        before = self._expressing
        self._expressing = strength >= (self._limits.goes_on if before else self._limits.begins)
        if before and not self._expressing:
            self._end(moved=True)
        elif self._doubts and len(self._open) * SAMPLE_EVERY_S >= self._window_s - 1e-6:
            self._meet()

    def broken(self) -> None:
        """The face was lost, the picture cut, or the view poor: the stretch ends, and who comes may be another."""
        self._fresh.clear()
        self._end()
        self._keep()
        if self._stretches and 0 not in self._doubts:
            self._doubts.append(0)

    def left(self) -> None:
        """Nobody was seen for long: start anew, with the person who is expected, if any."""
        self._end()
        self._keep()
        self._begin(self._expected)
        self.number += 1
        self.anew = False

    def forget(self) -> None:
        """The user takes the neutral face anew: nothing that was known holds any longer."""
        self._expected = self._saved  # what this run learned of them began from a neutral face that was none
        self._begin(None)
        self.number += 1
        self.anew = True

    def _keep(self) -> None:
        """What is sure of the person who is expected stays, whoever comes next: all before the first break in doubt."""
        if not (self.expected and self.tells):
            return
        doubted = max(self._doubts, default=0)
        settled = list(self._stretches)[: len(self._stretches) - doubted]
        if not settled:
            return
        in_doubt = sum(stretch.moved for stretch in list(self._stretches)[len(settled) :])
        moved = list(self._moved)[: len(self._moved) - in_doubt]
        known = together(self._beforehand, told_by(settled, moved, rest_of(settled)))
        self._expected = known.held() if known else None

    def neutral(self) -> Floats | None:
        """The face at rest (80,) as it looks here, or None before anything was seen."""
        if self._rest is None and self._open:
            return rest_of([Stretch(np.array(self._open), False)])
        return self._rest

    def known(self) -> Known | None:
        """What is known of this person beyond one window, with what was known beforehand, or None until then."""
        return together(self._beforehand, self._seen())

    def _seen(self) -> Known | None:
        if self._stretches and self._rest is not None:
            return told_by(self._stretches, self._moved, self._rest)
        neutral = self.neutral()
        beyond_s = len(self._open) * SAMPLE_EVERY_S - self._window_s
        if neutral is None or beyond_s <= 0:
            return None
        return Known(beyond_s / CLIP_S, neutral, np.zeros_like(neutral), 0.0)

    def _end(self, moved: bool | None = None) -> None:
        """The open stretch is over and becomes knowledge, if it is long enough to tell something."""
        shapes, moved = self._open[:], self._expressing if moved is None else moved
        self._open.clear()
        self._expressing = False
        if len(shapes) * SAMPLE_EVERY_S < SHORTEST_S:
            return
        stretch = Stretch(np.array(shapes), moved)
        self._stretches.append(stretch)
        if moved:
            self.expressions += 1
            self._moved.append(stretch)
        self._doubts = [stretches + 1 for stretches in self._doubts]
        self._meet()
        self._rest = rest_of(self._stretches)

    def _meet(self) -> None:
        """Decide of every break in doubt, the earliest first, whether somebody else came or it is the same person."""
        stretches = list(self._stretches)
        now = [Stretch(np.array(self._open), False)] if len(self._open) > 1 else []
        for doubted in self._doubts:
            came = len(stretches) - doubted
            if (new := stretches[came:]) + now and self._unlike(new + now, stretches[:came]):
                self._another(new, [later for later in self._doubts if later < doubted])
                return
        self._doubts = [doubted for doubted in self._doubts if doubted < DOUBTED]

    def _unlike(self, seen: Sequence[Stretch], before: Sequence[Stretch]) -> bool:
        telling, expected = self._people.telling, self._beforehand
        weight = len(before) + (expected.clips if expected else 0.0)
        if telling is None or weight <= 0:
            return False
        places = [telling.place(self._quiet(stretch)) for stretch in before]
        mean = np.sum(places, axis=0) if places else np.zeros(len(telling.directions), np.float32)
        if expected:
            mean = mean + expected.clips * telling.place(expected.neutral)
        return telling.another([mean / weight], weight, [telling.place(self._quiet(stretch)) for stretch in seen])

    def _quiet(self, stretch: Stretch) -> Floats:
        """A stretch's quietest moment about the population's neutral, as `Telling` was learned from."""
        return nearest(stretch.shapes, self._people.neutral, QUIET_SHARE)

    def _another(self, new: Sequence[Stretch], doubts: list[int]) -> None:
        """Somebody else sits there since the break: nothing from before is theirs. Later breaks stay in doubt."""
        rest, expressing, last_s = self._open[:], self._expressing, self._last_s
        self._begin(None)
        self._doubts, self.anew = doubts, False
        self._open, self._expressing, self._last_s = rest, expressing, last_s
        self._stretches.extend(new)
        self._moved.extend(stretch for stretch in new if stretch.moved)
        self.expressions = len(self._moved)
        self._rest = rest_of(new) if new else None
        self.number += 1
