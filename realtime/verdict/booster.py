"""From evidence to score: gradient-boosted trees over a linear start (paper, section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.errors import BundleRefused
from realtime.values import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """The linear score that the trees correct: weights (F,) . inputs + bias. It is smooth where trees step."""

    weights: Floats
    bias: float

    def score(self, inputs: Floats) -> Floats:
        """Log odds for inputs (n, F) -> (n,)."""
        return np.asarray(inputs @ self.weights + self.bias, np.float32)


class Booster:
    """Scores in log odds, above 0 for genuine."""

    def __init__(self, model: bytes, start: Start, name: str) -> None:
        import xgboost

        self._xgboost, self._start = xgboost, start
        self._booster = xgboost.Booster({"nthread": 1})
        try:
            self._booster.load_model(bytearray(model))
        except (xgboost.core.XGBoostError, UnicodeDecodeError) as error:  # what is wrong may be quoted, byte for byte
            why = str(error).splitlines()[-1]
            raise BundleRefused(f"{name} is no XGBoost model ({why:.200}); get a whole bundle") from None
        if int(self._booster.num_features()) != len(start.weights):
            found = f"{self._booster.num_features()} inputs, its linear start {len(start.weights)}"
            raise BundleRefused(f"{name} takes {found}; get a whole bundle")

    def score(self, inputs: Floats) -> float:
        """The log odds of genuine for one tick's `inputs` (F,)."""
        row = inputs[None]
        margin = self._booster.inplace_predict(row, predict_type="margin", base_margin=self._start.score(row))
        return float(margin[0])
