"""Gradient boosting on recognition features (paper, section 2.4), a model for each emotion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrate.data.folds import person_folds
from calibrate.learning.batches import balanced_weights
from calibrate.metrics import Flags, Numbers, Scored, auc
from realtime.core.labels import ANY
from realtime.core.messages import Floats
from realtime.verdict.booster import LinearScore
from realtime.verdict.features import MONOTONE

# How strongly an emotion's own weights are held at those of all emotions, where each person counts
# as one example: an emotion has a sixth of the clips. From 0.3 to 6 the figures hardly differ.
HOLD = 2.0
# In held-out AUC; for less, trees are not worth a second for XGBoost's import at every start.
LEAST_GAIN = 0.005


@dataclass(frozen=True, slots=True)
class BoostingConfig:
    """How boosters grow: shallow and strongly held back, for there are few people."""

    depth: int = 2
    reg_lambda: float = 1000.0
    subsample: float = 0.8
    rate: float = 0.05
    rounds: int = 200  # at most; as many are taken as people held out gain by
    folds: int = 5

    def settings(self, seed: int) -> dict[str, object]:
        """Return the settings for XGBoost, which stops by AUC."""
        return {
            "objective": "binary:logistic",
            "eval_metric": "auc",
            "max_depth": self.depth,
            "lambda": self.reg_lambda,
            "subsample": self.subsample,
            "eta": self.rate,
            "seed": seed,
            "nthread": 1,  # sums in another order would give other trees
        }


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFeatures:
    """Booster inputs (n, F), NaN where not seen, with label, person and emotion of each.

    `monotone` has F numbers: 1 where the score may only rise in an input, -1 only fall, 0 either.
    """

    inputs: Floats
    genuine: Flags
    subject: NDArray[np.str_]
    emotion: NDArray[np.str_]
    monotone: tuple[int, ...] = MONOTONE

    def where(self, keep: Flags) -> LabelledFeatures:
        """The examples that `keep` selects."""
        return LabelledFeatures(
            self.inputs[keep],
            self.genuine[keep],
            self.subject[keep],
            self.emotion[keep],
            self.monotone,
        )

    def trees_settings(self, trees: BoostingConfig, seed: int) -> dict[str, object]:
        """Return the settings for XGBoost with the constraints of the inputs."""
        signs = ",".join(map(str, self.monotone))
        return trees.settings(seed) | {"monotone_constraints": f"({signs})"}


@dataclass(frozen=True, slots=True, eq=False)
class FittedBooster:
    """A linear start with the trees that correct it, as UBJ bytes; empty where there is none."""

    start: LinearScore
    trees: bytes


@contextmanager
def quiet_xgboost() -> Iterator[Any]:
    """Yield the module `xgboost` without its own lines on the terminal.

    It warns of empty and of one-sided data; callers check for that and act on it.
    """
    import xgboost

    with xgboost.config_context(verbosity=0):
        yield xgboost


def fit_booster(
    examples: LabelledFeatures, trees: BoostingConfig, seed: int
) -> dict[str, FittedBooster]:
    """Fit a booster for each emotion, and a linear score for any.

    How an expression begins tells different things of different emotions, so its weights are each
    emotion's own. Emotions have trees if these gain `LEAST_GAIN` on people held out, in the mean
    over all emotions: the first tree of the first emotion costs as much as all.
    """
    start = fit_linear_score(examples)
    folds = person_folds([str(s) for s in examples.subject], trees.folds, seed)
    outside = [folds == fold for fold in np.unique(folds)]
    found, curves = {ANY: FittedBooster(start, b"")}, dict[str, list[list[float]]]()
    for emotion in map(str, np.unique(examples.emotion)):
        here = examples.emotion == emotion
        own = fit_own_score(examples.where(here), start)
        found[emotion] = FittedBooster(own, b"")
        each = [_curve(examples.where(here), out[here], own, trees, seed) for out in outside]
        curves[emotion] = [curve for curve in each if curve is not None]
    gains = {emotion: _gain(of) for emotion, of in curves.items()}
    if np.mean(list(gains.values())) < LEAST_GAIN:
        return found
    for emotion, of in curves.items():
        own, rounds = found[emotion].start, _rounds(of)
        if rounds and gains[emotion] > 0:
            grown = _grown(examples.where(examples.emotion == emotion), own, trees, seed, rounds)
            found[emotion] = FittedBooster(own, grown)
    return found


def fit_linear_score(examples: LabelledFeatures) -> LinearScore:
    """Fit a logistic regression, genuine and fake weighted equally within each emotion."""
    usual = _usual(examples, np.zeros(examples.inputs.shape[1], np.float32))
    inputs = np.where(np.isnan(examples.inputs), usual, examples.inputs)
    count = len(inputs)
    with_bias = np.concatenate((inputs, np.ones((count, 1))), axis=1)
    hold = np.append(np.full(inputs.shape[1], 1 / count), 0.0)
    found = _logistic_weights(examples, with_bias, np.zeros(count), hold, np.zeros(len(hold)))
    return LinearScore(found[:-1].astype(np.float32), float(found[-1]), usual)


def fit_own_score(examples: LabelledFeatures, shared: LinearScore) -> LinearScore:
    """Fit an emotion's own weights of the inputs that may tell either label (`monotone` 0).

    All else is as in `shared`, the score of all emotions: weights of the movement that were fitted
    to one emotion are worse on people held out (docs/RESULTS.md).
    """
    own = np.array(examples.monotone) == 0
    if not own.any():
        return shared
    assert shared.usual is not None
    usual = np.where(own, _usual(examples, shared.usual), shared.usual)
    away = np.where(np.isnan(examples.inputs), 0.0, examples.inputs - usual).astype(np.float64)
    same = np.where(own, 0.0, shared.weights)
    base = away @ same + shared.usual_score
    hold = HOLD / len(np.unique(examples.subject)) * away[:, own].var(axis=0)
    weights = same.copy()
    weights[own] = _logistic_weights(examples, away[:, own], base, hold, shared.weights[own])
    bias = shared.usual_score - float(weights @ usual)
    return LinearScore(weights.astype(np.float32), bias, usual.astype(np.float32))


def _logistic_weights(
    examples: LabelledFeatures, inputs: Numbers, base: Numbers, hold: Numbers, at: Numbers | Floats
) -> Numbers:
    """Return the weights (F,) of `inputs` (n, F) in log odds `base` (n,) + inputs . weights.

    The mean loss and `hold` times half the squared distance of the weights from `at` are least.
    """
    from scipy.optimize import minimize

    sign = np.where(examples.genuine, 1.0, -1.0)
    weight = _weight(examples).astype(np.float64) / len(inputs)

    def cost(w: Numbers) -> tuple[float, Numbers]:
        odds, away = sign * (base + inputs @ w), w - at
        slope = -weight * sign / (1 + np.exp(odds))
        loss = float(weight @ np.logaddexp(0, -odds))
        return loss + 0.5 * float(hold @ away**2), slope @ inputs + hold * away

    begin = np.array(at, np.float64)
    found = minimize(cost, begin, jac=True, method="L-BFGS-B", options={"gtol": 1e-8}).x
    return np.asarray(found, np.float64)


def _usual(examples: LabelledFeatures, otherwise: Floats) -> Floats:
    """Return the mean (F,) of the inputs that were seen, midway between genuine and fake.

    Of an input that one label does not show, it is the other's mean; that neither shows, as in
    `otherwise`.
    """
    by_label = [examples.inputs[examples.genuine == label] for label in (True, False)]
    counts = [(~np.isnan(inputs)).sum(axis=0) for inputs in by_label]
    means = [np.nansum(i, axis=0) / np.maximum(n, 1) for i, n in zip(by_label, counts, strict=True)]
    shown = np.sum([count > 0 for count in counts], axis=0)
    middle = np.sum(means, axis=0) / np.maximum(shown, 1)
    return np.where(shown > 0, middle, otherwise).astype(np.float32)


def _gain(curves: Sequence[list[float]]) -> float:
    """Return the held-out AUC that trees gain, each fold's with the rounds that the others choose.

    With rounds that the fold itself helps to choose, luck would count as gain.
    """
    gains = []
    for fold, curve in enumerate(curves):
        rounds = _rounds([*curves[:fold], *curves[fold + 1 :]])
        gains.append(curve[rounds] - curve[0])
    return float(np.mean(gains)) if gains else 0.0


def _rounds(curves: Sequence[list[float]]) -> int:
    """Return the number of rounds by the one-standard-error rule; 0 where the gain is noise.

    The best of 200 rounds is partly luck with few people. So the gain over the linear score must be
    `LEAST_GAIN` and twice its standard error over the folds, and the fewest rounds within one
    standard error of the best are taken (Breiman et al. 1984).
    """
    if len(curves) < 2:
        return 0
    known = np.array(curves)
    gain = known - known[:, :1]
    mean, best = gain.mean(axis=0), int(gain.mean(axis=0).argmax())
    error = float(gain[:, best].std(ddof=1)) / len(known) ** 0.5
    enough = mean[best] >= LEAST_GAIN and mean[best] > 2 * error
    return int(np.argmax(mean >= mean[best] - error)) if enough else 0


def _grown(
    examples: LabelledFeatures, start: LinearScore, trees: BoostingConfig, seed: int, rounds: int
) -> bytes:
    """Return `rounds` trees that correct `start`, learned on all `examples`, as UBJ bytes."""
    settings = examples.trees_settings(trees, seed)
    with quiet_xgboost() as xgboost:
        matrix = _matrix(xgboost, examples, start)
        return bytes(xgboost.train(settings, matrix, num_boost_round=rounds).save_raw("ubj"))


def _curve(
    examples: LabelledFeatures, outside: Flags, start: LinearScore, trees: BoostingConfig, seed: int
) -> list[float] | None:
    """Return the AUC on people `outside` after 0, 1, 2, ... rounds over a `start` that saw them.

    None where the people inside or outside lack a label.
    """
    held_out, training = examples.where(outside), examples.where(~outside)
    if len(set(held_out.genuine)) < 2 or len(set(training.genuine)) < 2:
        return None
    seen: dict[str, dict[str, list[float]]] = {}
    with quiet_xgboost() as xgboost:
        xgboost.train(
            examples.trees_settings(trees, seed),
            _matrix(xgboost, training, start),
            num_boost_round=trees.rounds,
            evals=[(_matrix(xgboost, held_out, start), "held_out")],
            evals_result=seen,
            verbose_eval=False,
        )
    before = np.asarray(start.score(held_out.inputs), np.float64)
    scored = Scored(before, held_out.genuine, held_out.subject, held_out.emotion)
    before_auc = auc(scored)
    return [0.5 if before_auc is None else before_auc, *seen["held_out"]["auc"]]


def _matrix(xgboost: Any, examples: LabelledFeatures, start: LinearScore) -> Any:
    return xgboost.DMatrix(
        start.filled(examples.inputs),
        examples.genuine.astype(np.float32),
        weight=_weight(examples),
        base_margin=start.score(examples.inputs),
    )


def _weight(examples: LabelledFeatures) -> Floats:
    return balanced_weights(np.unique(examples.emotion, return_inverse=True)[1], examples.genuine)
