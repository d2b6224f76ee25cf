"""The face in recorded tracks, known by its descriptors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from calibrate.data.tracks import Track
from realtime.person.known_face import Identity, KnownFace


def face_in(tracks: Iterable[Track]) -> KnownFace | None:
    """Return the face of one person in `tracks`; None where no descriptor was recorded."""
    descriptors = [row for track in tracks for row in track.descriptors]
    return KnownFace.of(descriptors) if descriptors else None


def different_people(tracks: Sequence[Track]) -> list[int]:
    """Return the tracks whose face differs from that of all others; none for a single track."""
    return [number for number in range(len(tracks)) if _is_another(tracks, number)]


def _is_another(tracks: Sequence[Track], number: int) -> bool:
    others = face_in([*tracks[:number], *tracks[number + 1 :]])
    seen = list(tracks[number].descriptors)
    return others is not None and bool(seen) and others.compare(seen) is Identity.DIFFERENT
