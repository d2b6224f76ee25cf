"""Check that clips show one person, by face geometry and appearance embedding."""

from __future__ import annotations

from calibrate.data.dataset import ApexWindows
from realtime.person.population import Population
from realtime.person.reidentification import Identity, reidentify
from realtime.person.segment import Segment


def different_people(windows: ApexWindows, population: Population) -> list[int]:
    """Return the clips whose face differs from that of all others; none for a single clip."""
    segments = [_segment(windows, clip, population) for clip in range(len(windows.frame_ranges))]
    return [
        clip
        for clip, segment in enumerate(segments)
        if reidentify(
            population,
            None,
            [],
            [*segments[:clip], *segments[clip + 1 :]],
            [segment],
            appearance_only=False,
        )
        is Identity.DIFFERENT
    ]


def _segment(windows: ApexWindows, clip: int, population: Population) -> Segment:
    appearance = population.geometry and population.geometry.appearance
    crops = windows.data.tracks[clip].crops
    embedding = appearance.embed(crops).mean(axis=0) if appearance and len(crops) else None
    return Segment(windows.window(clip), True, embedding)
