"""Online enrolment of the tracked person, and detection of a person change.

The stream is cut into segments: one expression, or up to 3 s of neutral. Each segment has weight
one and old ones are dropped, so slow drift of posture or camera is followed. After an interruption
(face lost, poor view, shot cut) segments stay unconfirmed until a face descriptor is found to be
the person's; until it is found to be another's, they count for the person.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from realtime.core.messages import Floats, PersonStatus, Showing
from realtime.person.expression_watch import RestLimits
from realtime.person.known_face import ENOUGH, Identity, KnownFace
from realtime.person.population import Population
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
MAX_SEGMENTS = 30  # over a minute: long against one expression, short against slow drift
LEAST_REST_SHARE = 0.2  # of the time held; below it the neutral counts as unknown
FEW_AT_REST = 10  # samples, a second
MAX_EXPRESSIONS = 30  # averaged for the person's movement range
FIRST_DESCRIPTORS = 3  # of a new face, taken together
# Seconds between descriptors: of a confirmed person, while undecided, and while undecided for long.
DESCRIBE_EVERY_S, DESCRIBE_SOON_S, DESCRIBE_AGAIN_S = 1.0, 0.15, 0.5


@dataclass(frozen=True, slots=True)
class ExpressionThresholds:
    """Intensities at which an expression begins and ends (hysteresis, as in the gate).

    With `rest`, the read-out's limits, shapes that show an expression do not count for the neutral.
    """

    onset: float = float("inf")
    offset: float = float("inf")
    rest: RestLimits | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedPerson:
    """Saved `stats` and `face` of the expected person; without a face nothing confirms them."""

    stats: PersonStats
    face: KnownFace | None = None


class PersonTracker:
    """Enrol the tracked person online and decide who it is.

    Owned by the vision thread. Its memory is bounded.
    """

    def __init__(
        self,
        window_s: float,
        population: Population,
        thresholds: ExpressionThresholds | None = None,
        expected: ExpectedPerson | None = None,
    ) -> None:
        """Start with the stats and the face of the expected person, if any.

        Up to `window_s` of an unknown person adds nothing: the neutral guessed from the window is
        better.
        """
        self._window_s, self._population = window_s, population
        self._thresholds = thresholds or ExpressionThresholds()
        # Both grow with every confirmed segment and descriptor.
        self._expected = expected.stats if expected else None
        self._expected_face = expected.face if expected else None
        self.person_id = 0  # increases with every person change
        self.stretch = 0  # increases with every interruption: a descriptor belongs to one
        self.neutral_reset = False  # whether the user has reset the expected person's neutral
        self._open = SegmentBuffer()
        self._begin(self._expected, self._expected_face)

    def _begin(self, stats: PersonStats | None, face: KnownFace | None) -> None:
        self._prior_stats, self._face = stats, face
        self._new: list[Floats] = []  # descriptors since the identity is in doubt
        # Segments since the first interruption that is not confirmed, None without one, and since
        # the newest. The start of a saved person counts as an interruption.
        self._unconfirmed = 0 if stats else None
        self._since_newest = 0
        self._without_interruption = False  # whether the doubt came from a descriptor alone
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
        """Whether the person can be confirmed: False for a saved person without a saved face."""
        return not self.is_expected or self._expected_face is not None

    @property
    def face(self) -> KnownFace | None:
        """Face of this person, from confirmed descriptors alone; None before the first."""
        return self._face

    @property
    def expected_face(self) -> KnownFace | None:
        """Face of the expected person, saved and confirmed in this run."""
        return self._face if self.is_expected and self.can_reidentify else self._expected_face

    @property
    def describe_every_s(self) -> float:
        """Return the time between two descriptors that is useful now."""
        if self._face is None or (self.confirmed and self._face.count < FIRST_DESCRIPTORS):
            return DESCRIBE_SOON_S
        if self.confirmed:
            return DESCRIBE_EVERY_S
        return DESCRIBE_SOON_S if len(self._new) < ENOUGH else DESCRIBE_AGAIN_S

    @property
    def confirmed(self) -> bool:
        """Whether every interruption is confirmed."""
        return self._unconfirmed is None

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

    def add(
        self,
        at_s: float,
        shape: Floats,
        showing: Showing = Showing.REST,
        read_out: Floats | None = None,
    ) -> None:
        """Add a shape (D,); one that shows an expression does not count for the neutral.

        It may later, by its `read_out` (n,).
        """
        if self._open.add(at_s, shape, showing, read_out) and self._open.lasts(
            MAX_EXPRESSION_S if self._expressing else CLIP_S
        ):
            # Longer than any expression: close as neutral, so that a held expression counts once.
            self._close_segment(moved=False)

    def take_look_as_rest(self, look: Floats) -> None:
        """Count shapes for the neutral after all if their read-out is near `look` (n,)."""
        limits = self._thresholds.rest
        if limits is None:
            return
        self._close_segment(moved=False)  # an expression that goes on counts when it ends
        for index, segment in enumerate(self._segments):
            self._segments[index] = segment.with_look_at_rest(limits, look)
        self._neutral = neutral_of_segments(self._segments)

    def set_intensity(self, intensity: float) -> None:
        """Update the expression state; an expression that ends closes its segment."""
        before = self._expressing
        self._expressing = intensity >= (
            self._thresholds.offset if before else self._thresholds.onset
        )
        if before and not self._expressing:
            self._close_segment(moved=True)

    def interrupt(self) -> None:
        """Close the segment after a lost face, poor view or shot cut; the next is unconfirmed."""
        self._open.interrupt()
        if self._close_segment():
            self._store_confirmed()
        self._new.clear()
        self.stretch += 1
        self._since_newest, self._without_interruption = 0, False
        if self._unconfirmed is None and (self._segments or self._face):
            self._unconfirmed = 0

    def discard(self) -> None:
        """Drop the open segment, which another face was in, and interrupt."""
        self._open.clear()
        self.interrupt()

    def recognise(self, descriptor: Floats) -> bool:
        """Compare a descriptor (128,), seen in the present stretch, with the person's face.

        Return whether another person may be in the shapes since before the last interruption: a
        change that no interruption announced.
        """
        face = self._face
        if face is None or (self.confirmed and face.count < FIRST_DESCRIPTORS):
            self._confirm(descriptor)
            return False
        self._new.append(descriptor)
        del self._new[:-ENOUGH]
        identity, unannounced = face.compare(self._new), False
        if identity is Identity.SAME:
            self._confirm(*self._new)
        elif identity is Identity.DIFFERENT:
            unannounced = self._without_interruption
            self._change_person()
        elif self.confirmed:
            self._unconfirmed, self._since_newest, self._without_interruption = 0, 0, True
        return unannounced

    def depart(self) -> None:
        """Start over after a long absence, with the expected person if there is one."""
        self._close_segment()
        self._store_expected()
        self._begin(self._expected, self._expected_face)
        self.stretch += 1
        self.person_id += 1

    def reset(self) -> None:
        """Discard all stats because the user resets the neutral.

        The expected person is dropped for the rest of the run: the user has rejected their stats.
        """
        if self.is_expected:
            self._expected, self._expected_face, self.neutral_reset = None, None, True
        self._open.clear()
        self._open.interrupt()
        self._begin(None, None)
        self.stretch += 1
        self.person_id += 1

    @property
    def _unconfirmed_segments(self) -> list[Segment]:
        """Return the segments since the first unconfirmed interruption."""
        return _last(self._segments, self._unconfirmed or 0)

    def _store_confirmed(self) -> None:
        """Merge all confirmed segments into the expected person's stats."""
        unconfirmed = self._unconfirmed_segments
        confirmed = list(self._segments)[: len(self._segments) - len(unconfirmed)]
        if not (self.is_expected and self.can_reidentify and confirmed):
            return
        moved = list(self._expressions)[
            : len(self._expressions) - sum(segment.has_expression for segment in unconfirmed)
        ]
        neutral = neutral_of_segments(confirmed)
        if neutral is None:
            return
        known = merge_stats(self._prior_stats, stats_of_segments(confirmed, moved, neutral))
        self._expected = known.capped() if known else None

    def _store_expected(self) -> None:
        """Store the expected person's stats and face, to recognise them on return."""
        self._store_confirmed()
        self._expected_face = self.expected_face

    @property
    def neutral_known(self) -> bool:
        """Whether the face at rest was seen, in this run or when the person was saved.

        Who hardly ever is at rest by the read-out may look like an expression at rest, as a
        portrait that smiles; what then passes for rest may be an expression.
        """
        if self.is_expected:
            return True
        rest = self._rest_count
        seen = self._open.count + sum(len(part.shapes) for part in self._segments)
        return rest > 0 and rest >= LEAST_REST_SHARE * seen

    def neutral(self) -> Floats | None:
        """Return the neutral (D,) estimated from the stream; None before a sample of it.

        While less than `FEW_AT_REST` are at rest, shapes in doubt count, too: some faces at rest
        look a little like an expression. In the stats, which may be saved, they never do.
        """
        if self._rest_count >= FEW_AT_REST:
            return self._neutral_at_rest()
        newest = [self._open.segment(False)] if self._open.seconds else []
        return neutral_of_segments([*self._segments, *newest], in_doubt=True)

    @property
    def _rest_count(self) -> int:
        return self._open.rest_count + sum(part.rest_count for part in self._segments)

    def _neutral_at_rest(self) -> Floats | None:
        if self._neutral is None and self._open.seconds:
            return neutral_of_segments([self._open.segment(False)])
        return self._neutral

    def stats(self) -> PersonStats | None:
        """Return the saved and observed stats, or None until more than one window was observed."""
        return merge_stats(self._prior_stats, self._observed())

    def _observed(self) -> PersonStats | None:
        if self._segments and self._neutral is not None:
            return stats_of_segments(self._segments, self._expressions, self._neutral)
        neutral = self._neutral_at_rest()
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
        if self._unconfirmed is not None:
            self._unconfirmed += 1
            self._since_newest += 1
        self._neutral = neutral_of_segments(self._segments)
        return True

    def _confirm(self, *descriptors: Floats) -> None:
        """Add descriptors to the person's face: all segments so far are theirs."""
        face = self._face
        self._face = face.joined(descriptors) if face else KnownFace.of(descriptors)
        self._new.clear()
        self._unconfirmed, self._without_interruption = None, False

    def _change_person(self) -> None:
        """Switch to another person, perhaps the expected one, who is back.

        They have the segments since the newest interruption, which are classified again, because
        the intensities so far were relative to the previous person's neutral. Segments between two
        unconfirmed interruptions are of either person, so they are dropped, as are all where no
        interruption says when the other person came.
        """
        new = [] if self._without_interruption else _last(self._segments, self._since_newest)
        if self._without_interruption:
            self._open.clear()
        descriptors = list(self._new)
        self._store_expected()
        face = None if self.is_expected else self._expected_face
        if face is not None and face.compare(descriptors) is Identity.SAME:
            self._begin(self._expected, face)
        else:
            self._begin(None, None)
        self._confirm(*descriptors)
        if new:
            self._neutral = neutral_of_segments(new)
            self._segments.extend(
                replace(segment, has_expression=self._has_expression(segment)) for segment in new
            )
        self._expressions.extend(segment for segment in self._segments if segment.has_expression)
        self.observed_expressions = len(self._expressions)
        self.person_id += 1

    def _has_expression(self, segment: Segment) -> bool:
        """Return whether a segment left the neutral, or never was at rest."""
        return self._neutral is None or (
            segment.peak_intensity(self._neutral, self._population.movement_range)
            >= self._thresholds.onset
        )


def _last(segments: Sequence[Segment], count: int) -> list[Segment]:
    """Return the last `count` segments, or all if there are fewer."""
    return list(segments)[max(0, len(segments) - count) :]
