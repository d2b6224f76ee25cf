"""Online enrolment of the tracked person, and detection of a person change.

The stream is cut into segments: one expression, or up to 3 s of neutral. Each segment has weight
one and old ones are dropped, so slow drift of posture or camera is followed. After an interruption
(face lost, poor view, shot cut) segments stay unconfirmed until re-identification or enough
segments agree.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from realtime.core.messages import Floats, Image, PersonStatus
from realtime.person.population import Population
from realtime.person.reidentification import Identity, embeddings_of, is_recognised, reidentify
from realtime.person.segment import (
    CLIP_S,
    SAMPLE_EVERY_S,
    Segment,
    neutral_of_segments,
    stats_of_segments,
)
from realtime.person.segment_buffer import SegmentBuffer
from realtime.person.stats import PersonStats, merge_stats

MAX_EXPRESSION_S = 6.0  # anything longer is no expression, or the neutral estimate is wrong
MIN_SEGMENT_S = 0.5  # shorter segments are discarded
MIN_EMBEDDING_S = 0.5  # of crops suffice for re-identification by appearance
MAX_SEGMENTS = 30  # over a minute: long against one expression, short against slow drift
MAX_EXPRESSIONS = 30  # averaged for the person's movement range
UNCONFIRMED_SEGMENTS = 3  # after an interruption, before it counts as confirmed
# The same at the start of a run with a saved person: only their saved stats can be compared with.
UNCONFIRMED_SEGMENTS_SAVED = 6


@dataclass(frozen=True, slots=True)
class ExpressionThresholds:
    """Intensities at which an expression begins and ends (hysteresis, as in the gate)."""

    onset: float = float("inf")
    offset: float = float("inf")


class PersonTracker:
    """Enrol the tracked person online and decide who it is.

    Owned by the vision thread. Its memory is bounded.
    """

    def __init__(
        self,
        window_s: float,
        population: Population,
        thresholds: ExpressionThresholds | None = None,
        expected_stats: PersonStats | None = None,
    ) -> None:
        """Start with the stats of the expected person, if any.

        Up to `window_s` of an unknown person adds nothing: the neutral guessed from the window is
        better.
        """
        self._window_s, self._population = window_s, population
        self._thresholds = thresholds or ExpressionThresholds()
        self._expected = expected_stats  # grows with every confirmed segment
        self._familiar: list[Floats] = []  # embeddings of the expected person before they left
        self.person_id = 0  # increases with every person change
        self.neutral_reset = False  # whether the user has reset the expected person's neutral
        self._open = SegmentBuffer(population.geometry.appearance if population.geometry else None)
        self._begin(expected_stats)

    def _begin(self, stats: PersonStats | None) -> None:
        self._prior_stats = stats
        # Segments since each unconfirmed interruption; the start of a saved person counts as one.
        self._unconfirmed = [0] if stats else []
        self.observed_expressions = 0  # ended in this run
        self._segments: deque[Segment] = deque(maxlen=MAX_SEGMENTS)
        self._expressions: deque[Segment] = deque(maxlen=MAX_EXPRESSIONS)
        self._neutral: Floats | None = None  # from the completed segments
        self._expressing = False

    @property
    def is_expected(self) -> bool:
        """Whether this is still taken for the saved person."""
        return self._prior_stats is not None

    @property
    def can_reidentify(self) -> bool:
        """Whether the bundle holds a model for re-identification."""
        return self._population.geometry is not None

    @property
    def confirmed(self) -> bool:
        """Whether every interruption is confirmed."""
        return not self._unconfirmed

    @property
    def confirmed_expressions(self) -> int:
        """Return how many expressions came before the first unconfirmed interruption."""
        if not self.can_reidentify:
            return 0
        return self.known_expressions - sum(
            segment.has_expression for segment in self._unconfirmed_segments
        )

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
        """Return the expected person's stats, saved and confirmed in this run, or None."""
        self._store_confirmed()
        return self._expected

    @property
    def known_expressions(self) -> int:
        """Return how many expressions of this person are known, saved and observed."""
        return self.observed_expressions + (
            round(self._prior_stats.expressions) if self._prior_stats else 0
        )

    @property
    def remembered_s(self) -> float:
        """Return how many seconds of this person are held."""
        return (
            sum(len(segment.shapes) for segment in self._segments) * SAMPLE_EVERY_S
            + self._open.seconds
        )

    def add(self, at_s: float, shape: Floats, crop: Image | None = None) -> None:
        """Add a shape (80,) and, where the source has pictures, the aligned crop (24, 24)."""
        if self._open.add(at_s, shape, crop) and self._open.lasts(
            MAX_EXPRESSION_S if self._expressing else CLIP_S
        ):
            # Longer than any expression: close as neutral, so that a held expression counts once.
            self._close_segment(moved=False)

    def set_intensity(self, intensity: float) -> None:
        """Update the expression state; an expression that ends closes its segment."""
        before = self._expressing
        self._expressing = intensity >= (
            self._thresholds.offset if before else self._thresholds.onset
        )
        if before and not self._expressing:
            self._close_segment(moved=True)
        elif self._unconfirmed and self._open.lasts(MIN_EMBEDDING_S):
            self._reidentify()

    def interrupt(self) -> None:
        """Close the segment after a lost face, poor view or shot cut; the next is unconfirmed."""
        self._open.interrupt()
        if self._close_segment():
            self._store_confirmed()
        if self._segments and 0 not in self._unconfirmed:
            self._unconfirmed.append(0)

    def depart(self) -> None:
        """Start over after a long absence, with the expected person if there is one."""
        self._close_segment()
        self._store_expected()
        self._begin(self._expected)
        self.person_id += 1

    def reset(self) -> None:
        """Discard all stats because the user resets the neutral.

        The expected person is dropped for the rest of the run: the user has rejected their stats.
        """
        if self.is_expected:
            self._expected, self.neutral_reset = None, True
            self._familiar.clear()
        self._open.clear()
        self._open.interrupt()
        self._begin(None)
        self.person_id += 1

    @property
    def _unconfirmed_segments(self) -> list[Segment]:
        """Return the segments since the first unconfirmed interruption."""
        return list(self._segments)[len(self._segments) - max(self._unconfirmed, default=0) :]

    def _store_confirmed(self) -> None:
        """Merge all confirmed segments into the expected person's stats."""
        unconfirmed = self._unconfirmed_segments
        confirmed = list(self._segments)[: len(self._segments) - len(unconfirmed)]
        if not (self.is_expected and self.can_reidentify and confirmed):
            return
        moved = list(self._expressions)[
            : len(self._expressions) - sum(segment.has_expression for segment in unconfirmed)
        ]
        known = merge_stats(
            self._prior_stats, stats_of_segments(confirmed, moved, neutral_of_segments(confirmed))
        )
        self._expected = known.capped() if known else None

    def _store_expected(self) -> None:
        """Store the expected person's stats and embeddings, to re-identify them on return."""
        self._store_confirmed()
        if self.is_expected:
            confirmed = list(self._segments)[
                : len(self._segments) - len(self._unconfirmed_segments)
            ]
            self._familiar = [*self._familiar, *embeddings_of(confirmed)][-MAX_SEGMENTS:]

    def neutral(self) -> Floats | None:
        """Return the neutral (80,) estimated from the stream, or None before the first sample."""
        if self._neutral is None and self._open.seconds:
            return neutral_of_segments([self._open.segment(False)])
        return self._neutral

    def stats(self) -> PersonStats | None:
        """Return the saved and observed stats, or None until more than one window was observed."""
        return merge_stats(self._prior_stats, self._observed())

    def _observed(self) -> PersonStats | None:
        if self._segments and self._neutral is not None:
            return stats_of_segments(self._segments, self._expressions, self._neutral)
        neutral = self.neutral()
        beyond_s = self._open.seconds - self._window_s
        if neutral is None or beyond_s <= 0:
            return None
        return PersonStats(beyond_s / CLIP_S, neutral, np.zeros_like(neutral), 0.0)

    def _close_segment(self, moved: bool | None = None) -> bool:
        """Close the open segment; return whether it was long enough to be added."""
        long_enough = self._open.lasts(MIN_SEGMENT_S)
        segment = self._open.segment(self._expressing if moved is None else moved)
        self._open.clear()
        self._expressing = False
        if not long_enough:
            return False
        self._segments.append(segment)
        if segment.has_expression:
            self.observed_expressions += 1
            self._expressions.append(segment)
        self._unconfirmed = [segments + 1 for segments in self._unconfirmed]
        self._reidentify()
        self._neutral = neutral_of_segments(self._segments)
        return True

    def _reidentify(self) -> None:
        """Re-identify at every unconfirmed interruption, the earliest first."""
        current = (
            [self._open.segment(self._expressing)] if self._open.lasts(MIN_EMBEDDING_S) else []
        )
        appearance_only = bool(current) and not self._open.lasts(self._window_s)
        segments, familiar = list(self._segments), self._familiar if self.is_expected else []
        for count in list(self._unconfirmed):
            before, new = (segments[: len(segments) - count], segments[len(segments) - count :])
            identity = reidentify(
                self._population,
                self._prior_stats,
                familiar,
                before,
                new + current,
                appearance_only=appearance_only,
            )
            if identity is Identity.DIFFERENT:
                self._change_person(
                    new, new + current, [later for later in self._unconfirmed if later < count]
                )
                return
            if identity is Identity.SAME:
                self._unconfirmed.remove(count)
        self._unconfirmed = [
            count
            for count in self._unconfirmed
            if count < self._segments_to_confirm(count == len(segments))
        ]

    def _segments_to_confirm(self, from_the_first: bool) -> int:
        """Return how many segments confirm an interruption; more if only saved stats precede it."""
        return UNCONFIRMED_SEGMENTS_SAVED if from_the_first else UNCONFIRMED_SEGMENTS

    def _change_person(
        self, new: Sequence[Segment], seen: Sequence[Segment], unconfirmed: list[int]
    ) -> None:
        """Switch to another person since the interruption; later interruptions stay unconfirmed.

        They may be the expected person, who returns. Their segments are classified again, because
        the intensities so far were relative to the previous person's neutral.
        """
        self._store_expected()
        returned = not self.is_expected and is_recognised(self._population, self._familiar, seen)
        self._begin(self._expected if returned else None)
        self._unconfirmed = [*([len(new)] if returned else []), *unconfirmed]
        if new:
            self._neutral = neutral_of_segments(new)
            self._segments.extend(
                replace(segment, has_expression=self._has_expression(segment)) for segment in new
            )
        self._expressions.extend(segment for segment in self._segments if segment.has_expression)
        self.observed_expressions = len(self._expressions)
        self.person_id += 1

    def _has_expression(self, segment: Segment) -> bool:
        assert self._neutral is not None
        return (
            segment.peak_intensity(self._neutral, self._population.movement_range)
            >= self._thresholds.onset
        )
