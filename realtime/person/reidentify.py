"""Whether who is seen after a break is who was seen before it: by how they look, or by the proportions of the face."""

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
    """Who is seen after a break."""

    SAME = "the same person, surely"
    DIFFERENT = "somebody else"
    UNDECIDED = "not to be told yet"


def reidentify(
    population: Population,
    expected: PersonStats | None,
    familiar: Sequence[Floats],
    before: Sequence[Segment],
    seen: Sequence[Segment],
    *,
    appearance_only: bool,
) -> Identity:
    """Who is `seen`, after who was seen `before` and, if anybody, the `expected` one, whose looks are `familiar`.

    Looks decide where they are clear either way; between, and against who is only expected, proportions do. Somebody
    seen `briefly`, for less than a window, shows their looks alone.
    """
    if not seen:
        return Identity.UNDECIDED
    looked = _glimpsed(population, [*familiar, *embeddings_of(before)], embeddings_of(seen))
    if looked is not Identity.UNDECIDED or appearance_only:
        return looked
    return Identity.DIFFERENT if _unlike(population, expected, before, seen) else Identity.UNDECIDED


def is_recognised(population: Population, familiar: Sequence[Floats], seen: Sequence[Segment]) -> bool:
    """Whether who is `seen` surely looks as somebody `familiar` did."""
    return _glimpsed(population, familiar, embeddings_of(seen)) is Identity.SAME


def embeddings_of(stretches: Sequence[Segment]) -> list[Floats]:
    """How the face looked in each of them that was seen as a picture."""
    return [stretch.embedding for stretch in stretches if stretch.embedding is not None]


def _glimpsed(people: Population, known: Sequence[Floats], seen: Sequence[Floats]) -> Identity:
    """Who it is by looks alone, for which half a second is enough."""
    appearance = people.geometry.appearance if people.geometry else None
    if appearance is None or not known or not seen:
        return Identity.UNDECIDED
    if appearance.is_different(known, seen):
        return Identity.DIFFERENT
    return Identity.SAME if appearance.is_same(known, seen) else Identity.UNDECIDED


def _unlike(
    people: Population,
    expected: PersonStats | None,
    before: Sequence[Segment],
    seen: Sequence[Segment],
) -> bool:
    telling, weight = people.geometry, len(before) + (expected.clips if expected else 0.0)
    if telling is None or weight <= 0:
        return False

    def place(stretch: Segment) -> Floats:
        """Of a stretch's quietest moment about the population's neutral, as `Telling` was learned from."""
        return telling.embed(mean_of_nearest(stretch.shapes, people.neutral, QUIET_MOMENT))

    mean = (
        np.sum([place(stretch) for stretch in before], axis=0)
        if before
        else np.zeros(len(telling.directions))
    )
    if expected:
        mean = mean + expected.clips * telling.embed(expected.neutral)
    known = np.asarray(mean / weight, np.float32)
    return telling.is_different(
        [known], min(weight, MAX_KNOWN_SEGMENTS), [place(stretch) for stretch in seen[-MAX_NEW_SEGMENTS:]]
    )
