"""Clips grouped by whose face they show, from the descriptors alone."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from realtime.core.messages import Floats
from realtime.person.known_face import SAME_BELOW, KnownFace

PREFIX = "face-"


def group_faces(clips: Iterable[tuple[str, Floats]]) -> dict[str, str]:
    """Return a name for the person in each clip, by key; descriptors are float32 (n, 128).

    A clip joins the nearest face so far if it is near enough to be the same, and is a new face
    otherwise, so that the order matters. One without a descriptor has no name.
    """
    faces: list[KnownFace] = []
    names: dict[str, str] = {}
    for key, descriptors in clips:
        if not len(descriptors):
            names[key] = ""
            continue
        rows = list(descriptors)
        apart = [face.distance(rows) for face in faces]
        nearest = int(np.argmin(apart)) if apart else -1
        if apart and apart[nearest] < SAME_BELOW:
            faces[nearest] = faces[nearest].joined(rows)
        else:
            nearest = len(faces)
            faces.append(KnownFace.of(rows))
        names[key] = f"{PREFIX}{nearest + 1}"
    return names
