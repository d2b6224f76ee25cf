"""Shot-cut detection between neighbouring frames, by small crops of the face."""

from __future__ import annotations

from collections import deque
from statistics import median

import numpy as np

from realtime.core.messages import Image

# Of a crop's correlation with the one before it, how far below 1 a cut lies: finds 95 to 99 % of
# cuts between two aligned faces, and 0.3 in 1000 frames of one face (docs/RESULTS.md).
CUT_ABOVE = 0.25
RECENT_STEPS = 30  # newest steps, whose median measures the noise
OUTLIER_FACTOR = 4.0  # times the median; noise alone rarely exceeds twice


class CutDetector:
    """Detect a shot cut: a step between crops that is an outlier among the last ones.

    In a dim room image noise exceeds the limit. Owned by the vision thread.
    """

    def __init__(self) -> None:
        self._last: deque[float] = deque(maxlen=RECENT_STEPS)

    def is_cut(self, before: Image | None, after: Image | None) -> bool:
        """Return whether a cut separates two crops uint8 (24, 24); False without both."""
        if before is None or after is None:
            return False
        step = 1 - crop_correlation(before, after)
        noise = OUTLIER_FACTOR * median(self._last) if self._last else 0.0
        self._last.append(step)
        return step > max(CUT_ABOVE, noise)


def crop_correlation(before: Image, after: Image) -> float:
    """Return the pixel correlation of two crops uint8 (h, w); 0 if one is uniform."""
    one, other = (crop.ravel() - crop.mean(dtype=np.float32) for crop in (before, after))
    length = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / length if length > 0 else 0.0
