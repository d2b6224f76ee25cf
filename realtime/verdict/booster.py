"""Score from features: gradient-boosted trees over a linear score (paper, section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.errors import BundleRefused
from realtime.core.messages import Contribution, Floats
from realtime.verdict.features import INPUTS

USUAL, TREES = "usual", "trees"  # contributions of no single input


@dataclass(frozen=True, slots=True, eq=False)
class LinearScore:
    """Linear score, weights (F,) . inputs + bias, that the trees correct.

    `usual` (F,) stands for inputs that were not seen (NaN): whether an onset is seen may tell how a
    clip was cut, so that it is not seen must tell nothing. None where all are always seen.
    """

    weights: Floats
    bias: float
    usual: Floats | None = None

    def __post_init__(self) -> None:
        if self.usual is not None and self.usual.shape != self.weights.shape:
            raise ValueError(f"{len(self.usual)} usual inputs; want {len(self.weights)}")

    def filled(self, inputs: Floats) -> Floats:
        """Return the first F of the `inputs` (n, at least F), the usual where one is NaN."""
        own = inputs[:, : len(self.weights)]
        return own if self.usual is None else np.where(np.isnan(own), self.usual, own)

    def score(self, inputs: Floats) -> Floats:
        """Log odds for inputs (n, at least F) -> (n,)."""
        return np.asarray(self.filled(inputs) @ self.weights + self.bias, np.float32)

    @property
    def usual_score(self) -> float:
        """Return the score where every input has its usual value."""
        usual = 0.0 if self.usual is None else float(self.weights @ self.usual)
        return self.bias + usual

    def contributions(self, inputs: Floats) -> tuple[Contribution, ...]:
        """Return the score of usual inputs, and what each of the inputs (at least F,) adds to it.

        Their sum is the score.
        """
        usual = np.zeros_like(self.weights) if self.usual is None else self.usual
        away = self.filled(inputs[None])[0] - usual
        names, added = INPUTS[: len(self.weights)], (self.weights * away).tolist()
        start = Contribution(USUAL, self.usual_score)
        return (start, *map(Contribution, names, added, (away > 0).tolist()))


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """A score in log odds, above 0 for genuine, and the contributions whose sum it is."""

    log_odds: float
    contributions: tuple[Contribution, ...]


class ScoreModel:
    """Score in log odds, above 0 for genuine.

    `trees` is an XGBoost model; empty bytes leave the linear score alone.
    """

    def __init__(self, trees: bytes, start: LinearScore, name: str) -> None:
        self._start = start
        # XGBoost imports SciPy and takes most of a second: import it only for trees.
        self._trees = _loaded(trees, len(start.weights), name) if trees else None

    def score(self, inputs: Floats) -> float:
        """Return the log odds of genuine for one tick's features (at least F,)."""
        row = self._start.filled(inputs[None])
        margin = self._start.score(row)
        if self._trees is not None:
            margin = self._trees.inplace_predict(row, predict_type="margin", base_margin=margin)
        return float(margin[0])

    def contributions(self, inputs: Floats) -> tuple[Contribution, ...]:
        """Return what makes the score of a tick's features (at least F,): the sum is the score."""
        linear = self._start.contributions(inputs)
        if self._trees is None:
            return linear
        added = self.score(inputs) - float(self._start.score(inputs[None])[0])
        return (*linear, Contribution(TREES, added))

    def explained(self, inputs: Floats) -> Score:
        """Return the score of a tick's features (at least F,), and what makes it."""
        return Score(self.score(inputs), self.contributions(inputs))


def _loaded(trees: bytes, inputs: int, name: str) -> Any:
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(trees))
    except (
        xgboost.core.XGBoostError,
        UnicodeDecodeError,
    ) as error:  # what is wrong may be quoted, byte for byte
        why = str(error).splitlines()[-1]
        raise BundleRefused(
            f"{name} is no XGBoost model ({why:.200}); get a whole bundle"
        ) from None
    if int(booster.num_features()) != inputs:
        found = f"{booster.num_features()} inputs, its linear start {inputs}"
        raise BundleRefused(f"{name} takes {found}; get a whole bundle")
    return booster
