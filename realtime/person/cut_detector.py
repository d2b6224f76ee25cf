"""Shot-cut detection between neighbouring frames."""

from __future__ import annotations

from collections import deque
from statistics import median

from realtime.core.messages import Floats, Image
from realtime.person.appearance import cosine_similarity
from realtime.person.geometry import GeometryModel

RECENT_STEPS = 30  # newest steps, whose median measures the landmark jitter
OUTLIER_FACTOR = 4.0  # times the median; noise alone rarely exceeds twice


class CutDetector:
    """Detect a shot cut between neighbouring frames. Owned by the vision thread."""

    def __init__(self, geometry: GeometryModel) -> None:
        self._geometry = geometry
        self._shapes = OutlierDetector(geometry.shot_cut_above)
        self._crops = (
            OutlierDetector(1 - geometry.appearance.shot_cut_below) if geometry.appearance else None
        )

    def is_cut(self, before: Floats, after: Floats) -> bool:
        """Return whether two shapes (80,) of neighbouring frames are separated by a cut."""
        return self._shapes.is_outlier(self._geometry.step_size(before, after))

    def is_crop_cut(self, before: Image | None, after: Image | None) -> bool:
        """Return whether two crops (24, 24) are separated by a cut; False without both."""
        if self._crops is None or before is None or after is None:
            return False
        return self._crops.is_outlier(1 - cosine_similarity(before, after))


class OutlierDetector:
    """Detect steps above `limit` that are outliers among the last ones.

    In a dim room landmark jitter and image noise exceed those of the training data.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._last: deque[float] = deque(maxlen=RECENT_STEPS)

    def is_outlier(self, step: float) -> bool:
        """Add the next step; return whether it is an outlier."""
        jitter = OUTLIER_FACTOR * median(self._last) if self._last else 0.0
        self._last.append(step)
        return step > max(self._limit, jitter)
