"""Gradient boosting on the 64 numbers of a PB (paper, section 2.4), one booster for each emotion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import DataError
from calibrate.learning.boosting import BoostingConfig
from calibrate.metrics import Flags, Numbers, person_folds
from realtime.core.messages import Floats

PATIENCE = 500  # rounds without gain in AUC
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
    """PBs (n, 64) of passes over clips, with the truth and the person of each."""

    pbs: Floats
    genuine: Flags
    subject: NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False)
class PbClassifier:
    """Trees as UBJ bytes, how many rounds there are, and the AUC of as many on people held out."""

    trees: bytes
    rounds: int
    auc: float

    def p_genuine(self, pbs: Floats) -> Numbers:
        """The probability of genuine (n,) for PBs (n, 64)."""
        import xgboost

        booster = xgboost.Booster({"nthread": 1}, model_file=bytearray(self.trees))
        return np.asarray(booster.predict(xgboost.DMatrix(pbs)), np.float64)


def trees_of(emotion: str) -> BoostingConfig:
    """The paper's trees for an emotion; the rate is its own."""
    return BoostingConfig(rate=RATES.get(emotion, OTHER_RATE), rounds=5000)


def fit_pb_classifier(
    emotion: str, learned: LabelledPbs, trees: BoostingConfig, seed: int
) -> PbClassifier:
    """Trees on all of `learned`, in as many rounds as serve people held out best, by folds of people."""
    import xgboost

    told = xgboost.DMatrix(learned.pbs, learned.genuine.astype(np.float32))
    folds = _folds(learned, trees.folds, seed)
    if not folds:
        raise DataError(
            f"{emotion}: nobody to learn from shows both genuine and fake clips; want some who do"
        )
    settings = trees.settings(seed)
    found = xgboost.cv(
        settings,
        told,
        num_boost_round=trees.rounds,
        folds=folds,
        metrics="auc",
        early_stopping_rounds=PATIENCE,
        as_pandas=False,
        seed=seed,
    )
    history = cast(dict[str, list[float]], found)["test-auc-mean"]
    grown = xgboost.train(settings, told, num_boost_round=len(history))
    return PbClassifier(bytes(grown.save_raw("ubj")), len(history), float(history[-1]))


def _folds(
    learned: LabelledPbs, most: int, seed: int
) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Who is inside and who outside of each fold of people; without both labels on each side no AUC can be told."""
    people = len(np.unique(learned.subject))
    fold_of = person_folds([str(s) for s in learned.subject], min(most, people), seed)
    folds = [
        (np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold))
        for fold in np.unique(fold_of)
    ]
    return [
        fold for fold in folds if all(len(np.unique(learned.genuine[side])) == 2 for side in fold)
    ]
