"""An hour of media without a face: how often the front end finds one (`make soak`)."""

from __future__ import annotations

import os

import pytest
from no_faces import KINDS, false_finds

MINUTES = 60.0 * float(os.environ.get("SOAK_HOURS", "1"))
MOST_SHARE = 0.001  # of the frames that show no face, nor a drawn one


@pytest.mark.soak
def test_faces_are_hardly_ever_found_where_none_is() -> None:
    found = false_finds(MINUTES)
    print("\n".join(found.lines()))
    undrawn = [kind for kind in KINDS if kind != "cartoon"]
    frames = sum(found.frames[kind] for kind in undrawn)
    assert frames > 0
    assert sum(found.landmarks[kind] for kind in undrawn) <= MOST_SHARE * frames
