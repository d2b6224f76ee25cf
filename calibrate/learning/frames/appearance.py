"""Learn the components of the appearance: how faces look different from moment to moment."""

from __future__ import annotations

import numpy as np

from calibrate.data.clips import DataError
from calibrate.data.expression_samples import ExpressionSamples
from realtime.core.messages import Floats
from realtime.landmarks.appearance import ANTISYMMETRIC, SYMMETRIC, AppearanceBasis, mirror_of_hog
from realtime.landmarks.expression_features import HOG_VALUES
from realtime.motion.basis import principal_directions


def fit_appearance(samples: ExpressionSamples) -> AppearanceBasis:
    """Fit the components on the people without a labels file, each about their own mean.

    Labelled people are excluded, so that in a cross-validation the components are fitted on none of
    the people evaluated. Raises `DataError` if no unlabelled people remain.
    """
    people = np.unique(samples.person[~samples.labelled])
    if not len(people):
        raise DataError("every sampled person is labelled; sample a folder without labels, too")
    hog = samples.features[:, 0, :HOG_VALUES]
    moved = np.concatenate([_about_mean(hog[samples.person == person]) for person in people])
    turned = moved[:, mirror_of_hog()]
    symmetric = principal_directions(moved + turned, SYMMETRIC)
    antisymmetric = principal_directions(moved - turned, ANTISYMMETRIC)
    return AppearanceBasis(np.concatenate((symmetric, antisymmetric)))


def _about_mean(rows: Floats) -> Floats:
    rows = np.asarray(rows, np.float32)
    return np.asarray(rows - rows.mean(axis=0), np.float32)
