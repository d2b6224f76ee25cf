"""The running profile: whoever is followed is got to know, stretch by stretch, and somebody else is noticed.

What is seen is cut into stretches: an expression with its way there and back, or a few seconds of rest. Each stretch
counts once, so that no long one speaks for all; the oldest fall away, so that a slow change of posture or camera is
followed. What follows a break (face lost, picture cut) may be another person until some stretches say otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from realtime.core.messages import Floats, Image, PersonStatus
from realtime.person.population import Population
from realtime.person.reidentify import Identity, embeddings_of, is_recognised, reidentify
from realtime.person.segment import (
    CLIP_S,
    SAMPLE_EVERY_S,
    Segment,
    neutral_of_segments,
    stats_of_segments,
)
from realtime.person.segment_buffer import SegmentBuffer
from realtime.person.stats import PersonStats, merge_stats

MAX_EXPRESSION_S = (
    6.0  # nothing moves for longer: it was no expression, or rest is elsewhere than was thought
)
MIN_SEGMENT_S = 0.5  # less than this tells nothing
MIN_EMBEDDING_S = 0.5  # of a face are enough to know it again by its looks
MAX_SEGMENTS = (
    30  # of rest and movement, a minute and more: long against one expression, short against a day
)
MAX_EXPRESSIONS = 30  # whose mean movement is the person's range
UNCONFIRMED_SEGMENTS = 3  # stretches after a break that may be of another person
UNCONFIRMED_SEGMENTS_SAVED = (
    6  # as many before a saved person is believed: until then nothing else is there to compare with
)


@dataclass(frozen=True, slots=True)
class ExpressionThresholds:
    """Strength from which a face shows an expression, and down to which one that has begun goes on (the gate's)."""

    onset: float = float("inf")
    offset: float = float("inf")


class PersonTracker:
    """Gets to know whoever is followed. Owned by the vision thread; its memory is bounded however long it runs."""

    def __init__(
        self,
        window_s: float,
        population: Population,
        thresholds: ExpressionThresholds | None = None,
        expected_stats: PersonStats | None = None,
    ) -> None:
        """`window_s` is what one window shows: no more was seen of a stranger, and the window itself says it better.

        `beforehand` is what is known of the person who is expected.
        """
        self._window_s, self._people = window_s, population
        self._limits = thresholds or ExpressionThresholds()
        self._expected = expected_stats  # who is known better at every leaving and break
        self._familiar: list[Floats] = []  # how they looked before somebody else came, or they left
        self.person_id = 0  # how many people were forgotten before this one
        self.neutral_reset = (
            False  # whether the user let the neutral face of who is expected be taken anew
        )
        self._open = SegmentBuffer(population.geometry.appearance if population.geometry else None)
        self._begin(expected_stats)

    def _begin(self, beforehand: PersonStats | None) -> None:
        self._beforehand = beforehand
        self._doubts = (
            [0] if beforehand else []
        )  # stretches since each break that may have brought another person
        self.observed_expressions = 0  # that ended since this person is watched
        self._stretches: deque[Segment] = deque(maxlen=MAX_SEGMENTS)
        self._moved: deque[Segment] = deque(maxlen=MAX_EXPRESSIONS)
        self._rest: Floats | None = None  # of the stretches that ended
        self._expressing = False

    @property
    def is_expected(self) -> bool:
        """Whether this is still held to be the person who is known beforehand."""
        return self._beforehand is not None

    @property
    def can_reidentify(self) -> bool:
        """Whether the bundle can tell one person from another."""
        return self._people.geometry is not None

    @property
    def confirmed(self) -> bool:
        """Whether no break is still in doubt."""
        return not self._doubts

    @property
    def confirmed_expressions(self) -> int:
        """Of `known_expressions` those that are surely of this person: before the first break in doubt."""
        if not self.can_reidentify:
            return 0
        return self.known_expressions - sum(stretch.has_expression for stretch in self._doubted)

    @property
    def status(self) -> PersonStatus:
        """Return the identity and the counts that the other stages work with."""
        return PersonStatus(
            self.person_id,
            self.known_expressions,
            self.confirmed_expressions,
            self.is_expected,
            self.neutral_reset,
        )

    @property
    def confirmed_stats(self) -> PersonStats | None:
        """What is sure of the person who is expected, from before and from now, if anybody is."""
        self._keep()
        return self._expected

    @property
    def known_expressions(self) -> int:
        """Expressions that are known of this person, from before and from now."""
        return self.observed_expressions + (round(self._beforehand.expressions) if self._beforehand else 0)

    @property
    def remembered_s(self) -> float:
        """Seconds of this person that are remembered."""
        return (
            sum(len(stretch.shapes) for stretch in self._stretches) * SAMPLE_EVERY_S
            + self._open.seconds
        )

    def add(self, at_s: float, shape: Floats, patch: Image | None = None) -> None:
        """Take notice of a shape (80,), and of the face's `patch` (24, 24) if it was seen as a picture."""
        if self._open.add(at_s, shape, patch) and self._open.lasts(
            MAX_EXPRESSION_S if self._expressing else CLIP_S
        ):
            self._end(
                moved=False
            )  # nobody moves for so long: one expression that is held is no two

    def set_intensity(self, strength: float) -> None:
        """How far from rest the face is now, in usual ranges: the end of an expression ends its stretch."""
        before = self._expressing
        self._expressing = strength >= (self._limits.offset if before else self._limits.onset)
        if before and not self._expressing:
            self._end(moved=True)
        elif self._doubts and self._open.lasts(MIN_EMBEDDING_S):
            self._meet()

    def interrupt(self) -> None:
        """The face was lost, the picture cut, or the view poor: the stretch ends, and who comes may be another."""
        self._open.interrupt()
        if self._end():
            self._keep()
        if self._stretches and 0 not in self._doubts:
            self._doubts.append(0)

    def depart(self) -> None:
        """Nobody was seen for long: start anew, with the person who is expected, if any."""
        self._end()
        self._remember()
        self._begin(self._expected)
        self.person_id += 1

    def reset(self) -> None:
        """The user takes the neutral face anew: nothing that was known holds any longer.

        Who was expected is not any more, for the rest of the run: what is known of them is what was refused.
        """
        if self.is_expected:
            self._expected, self.neutral_reset = None, True
            self._familiar.clear()
        self._open.clear()
        self._open.interrupt()
        self._begin(None)
        self.person_id += 1

    @property
    def _doubted(self) -> list[Segment]:
        """The stretches since the first break that is in doubt."""
        return list(self._stretches)[len(self._stretches) - max(self._doubts, default=0) :]

    def _keep(self) -> None:
        """What is sure of the person who is expected stays, whoever comes next: all before the first break in doubt."""
        doubted = self._doubted
        settled = list(self._stretches)[: len(self._stretches) - len(doubted)]
        if not (self.is_expected and self.can_reidentify and settled):
            return
        moved = list(self._moved)[
            : len(self._moved) - sum(stretch.has_expression for stretch in doubted)
        ]
        known = merge_stats(
            self._beforehand, stats_of_segments(settled, moved, neutral_of_segments(settled))
        )
        self._expected = known.capped() if known else None

    def _remember(self) -> None:
        """Who is expected may come back: by how they looked they are known again."""
        self._keep()
        if self.is_expected:
            settled = list(self._stretches)[: len(self._stretches) - len(self._doubted)]
            self._familiar = [*self._familiar, *embeddings_of(settled)][-MAX_SEGMENTS:]

    def neutral(self) -> Floats | None:
        """The face at rest (80,) as it looks here, or None before anything was seen."""
        if self._rest is None and self._open.seconds:
            return neutral_of_segments([self._open.segment(False)])
        return self._rest

    def stats(self) -> PersonStats | None:
        """What is known of this person beyond one window, with what was known beforehand, or None until then."""
        return merge_stats(self._beforehand, self._seen())

    def _seen(self) -> PersonStats | None:
        if self._stretches and self._rest is not None:
            return stats_of_segments(self._stretches, self._moved, self._rest)
        neutral = self.neutral()
        beyond_s = self._open.seconds - self._window_s
        if neutral is None or beyond_s <= 0:
            return None
        return PersonStats(beyond_s / CLIP_S, neutral, np.zeros_like(neutral), 0.0)

    def _end(self, moved: bool | None = None) -> bool:
        """The open stretch is over and becomes knowledge, if it is long enough to tell something; whether it was."""
        whole = self._open.lasts(MIN_SEGMENT_S)
        stretch = self._open.segment(self._expressing if moved is None else moved)
        self._open.clear()
        self._expressing = False
        if not whole:
            return False
        self._stretches.append(stretch)
        if stretch.has_expression:
            self.observed_expressions += 1
            self._moved.append(stretch)
        self._doubts = [stretches + 1 for stretches in self._doubts]
        self._meet()
        self._rest = neutral_of_segments(self._stretches)
        return True

    def _meet(self) -> None:
        """Decide of every break in doubt, the earliest first, whether somebody else came or it is the same person."""
        now = [self._open.segment(self._expressing)] if self._open.lasts(MIN_EMBEDDING_S) else []
        briefly = bool(now) and not self._open.lasts(self._window_s)
        stretches, familiar = list(self._stretches), self._familiar if self.is_expected else []
        for doubted in list(self._doubts):
            before, new = (
                stretches[: len(stretches) - doubted],
                stretches[len(stretches) - doubted :],
            )
            who = reidentify(
                self._people, self._beforehand, familiar, before, new + now, appearance_only=briefly
            )
            if who is Identity.DIFFERENT:
                self._another(new, new + now, [later for later in self._doubts if later < doubted])
                return
            if who is Identity.SAME:
                self._doubts.remove(doubted)
        self._doubts = [
            doubted
            for doubted in self._doubts
            if doubted < self._doubted_for(doubted == len(stretches))
        ]

    def _doubted_for(self, from_the_first: bool) -> int:
        """Stretches that a break stays in doubt; longer where only a saved face is there to compare with."""
        return UNCONFIRMED_SEGMENTS_SAVED if from_the_first else UNCONFIRMED_SEGMENTS

    def _another(self, new: Sequence[Segment], seen: Sequence[Segment], doubts: list[int]) -> None:
        """Somebody else sits there since the break: nothing from before is theirs. Later breaks stay in doubt.

        They may be the one who is expected, come back. Whether they moved was told by the rest of somebody else.
        """
        self._remember()
        back = not self.is_expected and is_recognised(self._people, self._familiar, seen)
        self._begin(self._expected if back else None)
        self._doubts = [*([len(new)] if back else []), *doubts]
        if new:
            self._rest = neutral_of_segments(new)
            self._stretches.extend(
                replace(stretch, has_expression=self._moves(stretch)) for stretch in new
            )
        self._moved.extend(stretch for stretch in self._stretches if stretch.has_expression)
        self.observed_expressions = len(self._moved)
        self.person_id += 1

    def _moves(self, stretch: Segment) -> bool:
        assert self._rest is not None
        return stretch.peak_intensity(self._rest, self._people.movement_range) >= self._limits.onset
