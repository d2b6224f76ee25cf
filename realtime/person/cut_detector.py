"""Shot-cut detection between neighbouring frames."""

from __future__ import annotations

from collections import deque
from statistics import median

from realtime.core.messages import Floats, Image
from realtime.person.appearance import cosine_similarity
from realtime.person.geometry import GeometryModel

RECENT_STEPS = 30  # between the last frames, whose median tells how much the points tremble
OUTLIER_FACTOR = 4.0  # times the median; noise alone hardly goes beyond twice


class CutDetector:
    """Notices that another face stands where one stood a frame ago. Owned by the vision thread."""

    def __init__(self, telling: GeometryModel) -> None:
        self._telling = telling
        self._shapes = OutlierDetector(telling.shot_cut_above)
        self._patches = (
            OutlierDetector(1 - telling.appearance.shot_cut_below) if telling.appearance else None
        )

    def is_cut(self, before: Floats, after: Floats) -> bool:
        """Whether a cut lies between two shapes (80,) of neighbouring frames."""
        return self._shapes.is_outlier(self._telling.step_size(before, after))

    def is_crop_cut(self, before: Image | None, after: Image | None) -> bool:
        """Whether one lies between two patches (24, 24) of neighbouring frames; None shows nothing."""
        if self._patches is None or before is None or after is None:
            return False
        return self._patches.is_outlier(1 - cosine_similarity(before, after))


class OutlierDetector:
    """Steps between frames, of which one may be a cut: one that goes beyond `limit` and stands out among the last ones.

    In a dim room points tremble, and pictures are noisy, more than any that were learned from.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._last: deque[float] = deque(maxlen=RECENT_STEPS)

    def is_outlier(self, step: float) -> bool:
        """Whether the next step is a cut."""
        trembling = OUTLIER_FACTOR * median(self._last) if self._last else 0.0
        self._last.append(step)
        return step > max(self._limit, trembling)
