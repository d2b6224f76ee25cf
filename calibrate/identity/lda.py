"""Linear discriminant analysis (Fisher 1936): directions of most between-person variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.messages import Floats


def lda_directions(rows: Floats, subjects: NDArray[np.str_], most: int, ridge: float) -> Floats:
    """Return up to `most` directions (d, k) that separate people in `rows` (n, k).

    Each has unit variance within people. `ridge`, a share of the mean variance within people,
    regularises directions that few rows support.
    """
    from scipy.linalg import eigh

    names, number = np.unique(subjects, return_inverse=True)
    means = np.array([rows[number == i].mean(axis=0) for i in range(len(names))], np.float64)
    within = rows - means[number]
    apart = (means - means.mean(axis=0))[number]
    spread = within.T @ within / len(rows)
    spread += ridge * np.trace(spread) / len(spread) * np.eye(len(spread))
    found = eigh(apart.T @ apart / len(rows), spread)[1][:, ::-1].T
    return np.asarray(found[: min(most, len(names) - 1)], np.float32)
