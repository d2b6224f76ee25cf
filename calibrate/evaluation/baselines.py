"""What a gauge must beat on the same clips, folds and knowledge: metadata, clip edges, kinematics, human raters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.data.folds import Folds
from calibrate.metrics import Numbers
from realtime.core.messages import Floats
from realtime.person.population import PersonProfile

COMPONENTS = 20
Profiles = Callable[[int], PersonProfile]


def metadata(data: Dataset) -> Floats:
    """What a clip's container says of it (n, 3): seconds, frames a second, frames."""
    rows = []
    for track in data.tracks:
        seconds = float(track.times_s[-1] - track.times_s[0])
        rows.append((seconds, (len(track.times_s) - 1) / max(seconds, 1e-6), track.frames))
    return np.array(rows, np.float32)


def edges(data: Dataset, profile_of: Profiles) -> Floats:
    """The first two frames alone, from the person's neutral (n, 160): where the cut was made, not what was shown."""
    return np.array(
        [profile_of(i).movement(shapes[:2]).ravel() for i, shapes in enumerate(data.shapes)],
        np.float32,
    )


def kinematics(windows: ApexWindows, profile_of: Profiles, training: NDArray[np.intp]) -> Floats:
    """Return kinematic measures of each window (n, 120), with PCA fitted on `training` clips."""
    data = windows.data
    movement = [profile_of(i).movement(windows.window(i)) for i in range(len(data))]
    fitted = np.concatenate([movement[i] for i in training])
    mean = fitted.mean(axis=0)
    components = np.linalg.svd(fitted - mean, full_matrices=False)[2][:COMPONENTS]
    return np.array(
        [_measures((m - mean) @ components.T, data.timing.rate_hz) for m in movement], np.float32
    )


def _measures(course: Floats, rate_hz: float) -> Floats:
    """Mean, spread, highest, lowest, mean speed and highest speed of each component's `course` (T, 20)."""
    speed = np.abs(np.diff(course, axis=0)) * rate_hz
    measures = (
        course.mean(0),
        course.std(0),
        course.max(0),
        course.min(0),
        speed.mean(0),
        speed.max(0),
    )
    return np.concatenate(measures)


def trees(
    inputs: Callable[[NDArray[np.intp]], Floats], data: Dataset, folds: Folds, seed: int = 0
) -> Numbers:
    """Out-of-fold probabilities (n,): trees per emotion averaged with trees for all emotions, told which it is.

    `inputs` makes the features (n, F) of all clips; what it has to learn it learns on the clips that it is given.
    """
    p_genuine = np.zeros(len(data))
    emotions = np.searchsorted(np.unique(data.emotions), data.emotions)
    for inside, outside in folds.splits():
        made = inputs(inside)
        told = np.concatenate(
            (made, np.eye(emotions.max() + 1, dtype=np.float32)[emotions]), axis=1
        )
        p_genuine[outside] = (
            _fitted(told, data, inside, outside, seed, rounds=450, depth=4, rate=0.045, columns=0.4)
            / 2
        )
        for emotion in np.unique(emotions):
            own, asked = inside[emotions[inside] == emotion], outside[emotions[outside] == emotion]
            if len(asked):
                p_genuine[asked] += (
                    _fitted(
                        made, data, own, asked, seed, rounds=250, depth=3, rate=0.05, columns=0.5
                    )
                    / 2
                )
    return p_genuine


def _fitted(
    inputs: Floats,
    data: Dataset,
    inside: NDArray[np.intp],
    outside: NDArray[np.intp],
    seed: int,
    *,
    rounds: int,
    depth: int,
    rate: float,
    columns: float,
) -> Numbers:
    import xgboost

    settings = {
        "objective": "binary:logistic",
        "max_depth": depth,
        "eta": rate,
        "subsample": 0.8,
        "colsample_bytree": columns,
        "seed": seed,
        "nthread": 1,
    }
    grown = xgboost.train(settings, xgboost.DMatrix(inputs[inside], data.genuine[inside]), rounds)
    return np.asarray(grown.predict(xgboost.DMatrix(inputs[outside])), np.float64)


def raters(data: Dataset) -> Numbers | None:
    """The share of human raters who called each clip genuine (n,), or None where the labels carry no raters.

    They saw the whole clip, edges included.
    """
    return data.rater_share if np.isfinite(data.rater_share).all() else None
