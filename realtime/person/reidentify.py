"""Whether who is seen after a break is who was seen before it: by how they look, or by the proportions of the face."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np

from realtime.core.messages import Floats
from realtime.person.geometry import MOST_KNOWN, MOST_SEEN
from realtime.person.population import QUIET_MOMENT, Known, Population, nearest
from realtime.person.segment import Stretch


class Met(Enum):
    """Who is seen after a break."""

    ONE = "the same person, surely"
    ANOTHER = "somebody else"
    UNTOLD = "not to be told yet"


def met(
    people: Population,
    expected: Known | None,
    familiar: Sequence[Floats],
    before: Sequence[Stretch],
    seen: Sequence[Stretch],
    *,
    briefly: bool,
) -> Met:
    """Who is `seen`, after who was seen `before` and, if anybody, the `expected` one, whose looks are `familiar`.

    Looks decide where they are clear either way; between, and against who is only expected, proportions do. Somebody
    seen `briefly`, for less than a window, shows their looks alone.
    """
    if not seen:
        return Met.UNTOLD
    looked = _glimpsed(people, [*familiar, *looks_of(before)], looks_of(seen))
    if looked is not Met.UNTOLD or briefly:
        return looked
    return Met.ANOTHER if _unlike(people, expected, before, seen) else Met.UNTOLD


def known_again(people: Population, familiar: Sequence[Floats], seen: Sequence[Stretch]) -> bool:
    """Whether who is `seen` surely looks as somebody `familiar` did."""
    return _glimpsed(people, familiar, looks_of(seen)) is Met.ONE


def looks_of(stretches: Sequence[Stretch]) -> list[Floats]:
    """How the face looked in each of them that was seen as a picture."""
    return [stretch.look for stretch in stretches if stretch.look is not None]


def _glimpsed(people: Population, known: Sequence[Floats], seen: Sequence[Floats]) -> Met:
    """Who it is by looks alone, for which half a second is enough."""
    appearance = people.telling.appearance if people.telling else None
    if appearance is None or not known or not seen:
        return Met.UNTOLD
    if appearance.another(known, seen):
        return Met.ANOTHER
    return Met.ONE if appearance.one(known, seen) else Met.UNTOLD


def _unlike(
    people: Population, expected: Known | None, before: Sequence[Stretch], seen: Sequence[Stretch]
) -> bool:
    telling, weight = people.telling, len(before) + (expected.clips if expected else 0.0)
    if telling is None or weight <= 0:
        return False

    def place(stretch: Stretch) -> Floats:
        """Of a stretch's quietest moment about the population's neutral, as `Telling` was learned from."""
        return telling.place(nearest(stretch.shapes, people.neutral, QUIET_MOMENT))

    mean = (
        np.sum([place(stretch) for stretch in before], axis=0)
        if before
        else np.zeros(len(telling.directions))
    )
    if expected:
        mean = mean + expected.clips * telling.place(expected.neutral)
    known = np.asarray(mean / weight, np.float32)
    return telling.another(
        [known], min(weight, MOST_KNOWN), [place(stretch) for stretch in seen[-MOST_SEEN:]]
    )
