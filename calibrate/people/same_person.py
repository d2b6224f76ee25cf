"""Whether clips that are said to show one person do: by the proportions of the faces, and by how they look."""

from __future__ import annotations

from calibrate.data.dataset import Dataset
from realtime.person.population import Population
from realtime.person.reidentify import Met, met
from realtime.person.segment import Stretch


def strangers(data: Dataset, people: Population) -> list[int]:
    """The clips whose face is unlike that of the others together; none of a single clip."""
    stretches = [_stretch(data, clip, people) for clip in range(len(data))]
    return [
        clip
        for clip, seen in enumerate(stretches)
        if met(people, None, [], [*stretches[:clip], *stretches[clip + 1 :]], [seen], briefly=False)
        is Met.ANOTHER
    ]


def _stretch(data: Dataset, clip: int, people: Population) -> Stretch:
    looks, patches = people.telling and people.telling.appearance, data.tracks[clip].patches
    return Stretch(
        data.window(clip),
        True,
        looks.place(patches).mean(axis=0) if looks and len(patches) else None,
    )
