"""Gradient boosting on the PBs (paper, section 2.4), one booster for each emotion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrate.metrics import Flags, Numbers, person_folds
from calibrate.sequences import balanced
from realtime.values import Floats


@dataclass(frozen=True, slots=True)
class Trees:
    """How boosters grow; depth, lambda, subsample and rounds as in the paper's released code."""

    depth: int = 2
    reg_lambda: float = 1000.0
    subsample: float = 0.8
    columns: float = 0.5
    rate: float = 0.1
    rounds: int = 5000
    patience: int = 500  # rounds without a better AUC on people held out
    folds: int = 5


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Booster inputs (n, F) with the truth and the person of each."""

    inputs: Floats
    genuine: Flags
    subject: NDArray[np.str_]


def boost(examples: Examples, trees: Trees, seed: int) -> bytes:
    """A booster as UBJ bytes; how many rounds is told by the AUC on people held out of each fold."""
    folds = person_folds([str(s) for s in examples.subject], trees.folds, seed)
    best = [_best_rounds(examples, folds != fold, folds == fold, trees, seed) for fold in range(trees.folds)]
    booster = _grown(examples, np.ones(len(folds), bool), trees, max(1, int(np.median(best))), seed)
    return bytes(booster.save_raw("ubj"))


def _best_rounds(examples: Examples, inside: Flags, outside: Flags, trees: Trees, seed: int) -> int:
    import xgboost

    if len(set(examples.genuine[outside])) < 2:
        return 1
    held_out = _matrix(examples, outside)
    stop = xgboost.callback.EarlyStopping(rounds=trees.patience, metric_name="auc", data_name="held_out", maximize=True)
    grown = xgboost.train(
        _parameters(trees, seed),
        _matrix(examples, inside),
        num_boost_round=trees.rounds,
        evals=[(held_out, "held_out")],
        callbacks=[stop],
        verbose_eval=False,
    )
    return int(grown.best_iteration) + 1


def _grown(examples: Examples, chosen: Flags, trees: Trees, rounds: int, seed: int) -> Any:
    import xgboost

    return xgboost.train(_parameters(trees, seed), _matrix(examples, chosen), num_boost_round=rounds)


def _matrix(examples: Examples, chosen: Flags) -> Any:
    import xgboost

    genuine = examples.genuine[chosen]
    weight = balanced(np.zeros(len(genuine), np.intp), genuine)
    return xgboost.DMatrix(examples.inputs[chosen], genuine.astype(np.float32), weight=weight)


def _parameters(trees: Trees, seed: int) -> dict[str, object]:
    return {
        "objective": "binary:logistic",
        "eval_metric": "auc",
        "base_score": 0.5,
        "max_depth": trees.depth,
        "lambda": trees.reg_lambda,
        "subsample": trees.subsample,
        "colsample_bytree": trees.columns,
        "eta": trees.rate,
        "seed": seed,
        "nthread": 1,  # sums in another order would give other trees
    }


def platt(score: Numbers, genuine: Flags) -> tuple[float, float]:
    """Slope (above 0) and shift of the sigmoid that maps `score` (n,) to the chance of genuine (Platt 1999)."""
    from scipy.optimize import minimize

    felt = int(genuine.sum())
    acted = len(genuine) - felt
    target = np.where(genuine, (felt + 1) / (felt + 2), 1 / (acted + 2))

    def cost(parameters: Numbers) -> float:
        odds = np.exp(parameters[0]) * score + parameters[1]
        return float(np.mean(np.logaddexp(0, odds) - target * odds))

    found = minimize(cost, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    return float(np.exp(found.x[0])), float(found.x[1])
