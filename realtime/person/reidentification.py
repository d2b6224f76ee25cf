"""Re-identification after an interruption: same, different or undecided.

The appearance embedding is compared first; where it is undecided, the landmark geometry.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from realtime.core.messages import Floats
from realtime.person.geometry import MAX_KNOWN_SEGMENTS, MAX_NEW_SEGMENTS
from realtime.person.population import QUIET_MOMENT, Population
from realtime.person.segment import Segment
from realtime.person.stats import PersonStats, mean_of_nearest


class Identity(Enum):
    """Result of comparing the face after an interruption with the person before it."""

    SAME = "same"
    DIFFERENT = "different"
    UNDECIDED = "undecided"


def reidentify(
    population: Population,
    expected: PersonStats | None,
    familiar: Sequence[Floats],
    before: Sequence[Segment],
    new: Sequence[Segment],
    *,
    appearance_only: bool,
) -> Identity:
    """Compare the segments after an interruption with those `before` it and the `expected` person.

    `familiar` are embeddings of the expected person. `appearance_only` holds while less than one
    window has been seen since: too little for the landmark geometry.
    """
    if not new:
        return Identity.UNDECIDED
    by_appearance = _compare_appearance(
        population, [*familiar, *embeddings_of(before)], embeddings_of(new)
    )
    if by_appearance is not Identity.UNDECIDED or appearance_only:
        return by_appearance
    return (
        Identity.DIFFERENT
        if _has_other_geometry(population, expected, before, new)
        else Identity.UNDECIDED
    )


def is_recognised(
    population: Population, familiar: Sequence[Floats], new: Sequence[Segment]
) -> bool:
    """Return whether the new segments match the `familiar` embeddings."""
    return _compare_appearance(population, familiar, embeddings_of(new)) is Identity.SAME


def embeddings_of(segments: Sequence[Segment]) -> list[Floats]:
    """Return the appearance embeddings of the segments that have one."""
    return [segment.embedding for segment in segments if segment.embedding is not None]


def _compare_appearance(
    population: Population, known: Sequence[Floats], new: Sequence[Floats]
) -> Identity:
    """Compare by appearance alone; half a second of crops is enough."""
    appearance = population.geometry.appearance if population.geometry else None
    if appearance is None or not known or not new:
        return Identity.UNDECIDED
    if appearance.is_different(known, new):
        return Identity.DIFFERENT
    return Identity.SAME if appearance.is_same(known, new) else Identity.UNDECIDED


def _has_other_geometry(
    population: Population,
    expected: PersonStats | None,
    before: Sequence[Segment],
    new: Sequence[Segment],
) -> bool:
    geometry, weight = population.geometry, len(before) + (expected.clips if expected else 0.0)
    if geometry is None or weight <= 0:
        return False

    def embed(segment: Segment) -> Floats:
        """Embed the shapes nearest to the population's neutral, as in training."""
        return geometry.embed(mean_of_nearest(segment.shapes, population.neutral, QUIET_MOMENT))

    mean = (
        np.sum([embed(segment) for segment in before], axis=0)
        if before
        else np.zeros(len(geometry.directions))
    )
    if expected:
        mean = mean + expected.clips * geometry.embed(expected.neutral)
    known = np.asarray(mean / weight, np.float32)
    return geometry.is_different(
        [known],
        min(weight, MAX_KNOWN_SEGMENTS),
        [embed(segment) for segment in new[-MAX_NEW_SEGMENTS:]],
    )
