"""Baselines on the same clips and folds: metadata, clip edges, kinematics, human raters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.data.folds import Folds
from calibrate.learning.boosting import quiet_xgboost
from calibrate.metrics import Numbers
from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats
from realtime.person.population import PersonProfile

COMPONENTS = 20
FOR_ALL_EMOTIONS = {"rounds": 450, "max_depth": 4, "eta": 0.045, "colsample_bytree": 0.4}
FOR_ONE_EMOTION = {"rounds": 250, "max_depth": 3, "eta": 0.05, "colsample_bytree": 0.5}
Profiles = Callable[[int], PersonProfile]


def metadata(data: Dataset) -> Floats:
    """What a clip's container says of it (n, 3): seconds, frames a second, frames."""
    rows = []
    for track in data.tracks:
        seconds = float(track.times_s[-1] - track.times_s[0])
        rows.append((seconds, (len(track.times_s) - 1) / max(seconds, 1e-6), track.frames))
    return np.array(rows, np.float32)


def edges(data: Dataset, profile_of: Profiles) -> Floats:
    """Return the first two frames relative to neutral (n, 160): where the clip was cut."""
    return np.array(
        [
            profile_of(i).movement(shapes[:2])[:, :LANDMARKS].ravel()
            for i, shapes in enumerate(data.shapes)
        ],
        np.float32,
    )


def kinematics(windows: ApexWindows, profile_of: Profiles, training: NDArray[np.intp]) -> Floats:
    """Return kinematic measures of the landmarks in each window (n, 120).

    Their PCA is fitted on the `training` clips.
    """
    data = windows.data
    movement = [profile_of(i).movement(windows.window(i))[:, :LANDMARKS] for i in range(len(data))]
    fitted = np.concatenate([movement[i] for i in training])
    mean = fitted.mean(axis=0)
    components = np.linalg.svd(fitted - mean, full_matrices=False)[2][:COMPONENTS]
    return np.array(
        [_measures((m - mean) @ components.T, data.timing.rate_hz) for m in movement], np.float32
    )


def _measures(course: Floats, rate_hz: float) -> Floats:
    """Return mean, spread, extremes, mean and top speed of each component of `course` (T, 20)."""
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
    """Return out-of-fold probabilities (n,): trees per emotion averaged with trees for all.

    The trees for all emotions have the emotion as an input. `inputs(inside)` returns the features
    (n, F) of all clips, fitted on the clips `inside`.
    """
    p_genuine = np.zeros(len(data))
    emotions = np.searchsorted(np.unique(data.emotions), data.emotions)
    for inside, outside in folds.splits():
        made = inputs(inside)
        one_hot = np.eye(emotions.max() + 1, dtype=np.float32)[emotions]
        with_emotion = np.concatenate((made, one_hot), axis=1)
        settings = FOR_ALL_EMOTIONS | {"seed": seed}
        predict = partial(_fit_and_predict, with_emotion, data, settings=settings)
        p_genuine[outside] = predict(inside, outside) / 2
        for emotion in np.unique(emotions):
            own, asked = inside[emotions[inside] == emotion], outside[emotions[outside] == emotion]
            if len(asked):
                settings = FOR_ONE_EMOTION | {"seed": seed}
                predict = partial(_fit_and_predict, made, data, settings=settings)
                p_genuine[asked] += predict(own, asked) / 2
    return p_genuine


def _fit_and_predict(
    inputs: Floats,
    data: Dataset,
    inside: NDArray[np.intp],
    outside: NDArray[np.intp],
    settings: Mapping[str, float],
) -> Numbers:
    """Return probabilities for the clips `outside`; even odds if those `inside` lack a label."""
    if len(set(data.genuine[inside])) < 2:
        return np.full(len(outside), 0.5)
    common = {"objective": "binary:logistic", "subsample": 0.8, "nthread": 1}
    chosen = {name: value for name, value in settings.items() if name != "rounds"}
    with quiet_xgboost() as xgboost:
        train = xgboost.DMatrix(inputs[inside], data.genuine[inside])
        trees = xgboost.train(common | chosen, train, int(settings["rounds"]))
        return np.asarray(trees.predict(xgboost.DMatrix(inputs[outside])), np.float64)


def raters(data: Dataset) -> Numbers | None:
    """Return the share of raters (n,) who called each clip genuine, None without raters.

    They saw the whole clip, edges included.
    """
    return data.rater_share if np.isfinite(data.rater_share).all() else None
