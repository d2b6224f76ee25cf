"""Whether clips that are said to show one person do: by the proportions of the faces, and by how they look."""

from __future__ import annotations

from calibrate.data.dataset import Dataset
from realtime.person.population import Population
from realtime.person.reidentify import Identity, reidentify
from realtime.person.segment import Segment


def different_people(data: Dataset, people: Population) -> list[int]:
    """The clips whose face is unlike that of the others together; none of a single clip."""
    stretches = [_stretch(data, clip, people) for clip in range(len(data))]
    return [
        clip
        for clip, seen in enumerate(stretches)
        if reidentify(
            people, None, [], [*stretches[:clip], *stretches[clip + 1 :]], [seen], briefly=False
        )
        is Identity.DIFFERENT
    ]


def _stretch(data: Dataset, clip: int, people: Population) -> Segment:
    looks, patches = people.geometry and people.geometry.appearance, data.tracks[clip].crops
    return Segment(
        data.window(clip),
        True,
        looks.embed(patches).mean(axis=0) if looks and len(patches) else None,
    )
