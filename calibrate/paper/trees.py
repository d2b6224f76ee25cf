"""Gradient boosting on the 64 numbers of a PB (paper, section 2.4), one model for each emotion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import DataError
from calibrate.data.folds import person_folds
from calibrate.learning.boosting import BoostingConfig, quiet_xgboost
from calibrate.metrics import Flags, Numbers
from realtime.core.messages import Floats

PATIENCE = 500  # rounds without a gain in AUC
RATES = {
    "anger": 0.55,
    "contempt": 0.1,
    "disgust": 0.5,
    "happiness": 0.1,
    "sadness": 0.4,
    "surprise": 0.01,
}
OTHER_RATE = 0.1  # of an emotion that the paper does not have


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPbs:
    """PBs (n, 64) of passes over clips, with the label and the person of each."""

    pbs: Floats
    genuine: Flags
    subject: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class PbClassifier:
    """Trees as UBJ bytes, the number of rounds, and the AUC after them on held-out people."""

    trees: bytes
    rounds: int
    auc: float

    def p_genuine(self, pbs: Floats) -> Numbers:
        """Return the probability of genuine (n,) for PBs (n, 64)."""
        with quiet_xgboost() as xgboost:
            booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(self.trees))
            return np.asarray(booster.predict(xgboost.DMatrix(pbs)), np.float64)


def boosting_config(emotion: str) -> BoostingConfig:
    """Return the paper's boosting configuration of an emotion, with its own rate."""
    return BoostingConfig(rate=RATES.get(emotion, OTHER_RATE), rounds=5000)


def fit_pb_classifier(
    emotion: str, labelled: LabelledPbs, config: BoostingConfig, seed: int
) -> PbClassifier:
    """Fit trees on all PBs; cross-validation by person chooses the number of rounds.

    Raises `DataError` if no fold of people has both labels on each side.
    """
    folds = _folds(labelled, config.folds, seed)
    if not folds:
        raise DataError(f"{emotion}: no training person shows both genuine and fake clips")
    settings = config.settings(seed)
    with quiet_xgboost() as xgboost:
        matrix = xgboost.DMatrix(labelled.pbs, labelled.genuine.astype(np.float32))
        history = xgboost.cv(
            settings,
            matrix,
            num_boost_round=config.rounds,
            folds=folds,
            metrics="auc",
            early_stopping_rounds=PATIENCE,
            as_pandas=False,
            seed=seed,
        )
        aucs = cast(dict[str, list[float]], history)["test-auc-mean"]
        booster = xgboost.train(settings, matrix, num_boost_round=len(aucs))
    return PbClassifier(bytes(booster.save_raw("ubj")), len(aucs), float(aucs[-1]))


def _folds(
    labelled: LabelledPbs, count: int, seed: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Return training and test rows of each fold of people that has both labels on each side."""
    people = len(np.unique(labelled.subject))
    fold_of = person_folds([str(s) for s in labelled.subject], min(count, people), seed)
    folds = [
        (np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))
        for fold in np.unique(fold_of)
    ]
    return [
        fold for fold in folds if all(len(np.unique(labelled.genuine[side])) == 2 for side in fold)
    ]
