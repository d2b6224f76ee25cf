"""A picture as it arrives from a device or a network."""

from __future__ import annotations

import math
from dataclasses import dataclass

from realtime.core.picture import Picture


@dataclass(frozen=True, slots=True, eq=False)
class Arrival:
    """Picture that arrived at clock time `at_s` after `read` others and `failed` failed reads.

    `media_s` is the source's own time, nan if it has none.
    """

    read: int
    failed: int
    at_s: float
    picture: Picture
    media_s: float = math.nan
