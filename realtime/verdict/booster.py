"""From PB to score: XGBoost's trees on what the networks found (paper, section 2.4)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.errors import BundleRefused
from realtime.values import Estimate, Floats


def features(estimates: Sequence[Estimate]) -> Floats:
    """What the booster sees of a tick (F,): every network's PB, in the bundle's order."""
    return np.concatenate([estimate.pb for estimate in estimates])


class Booster:
    """Gradient-boosted trees that give a score in log odds, above 0 for genuine."""

    def __init__(self, model: bytes, name: str) -> None:
        import xgboost

        self._xgboost = xgboost
        self._booster = xgboost.Booster({"nthread": 1})
        try:
            self._booster.load_model(bytearray(model))
        except xgboost.core.XGBoostError as error:
            raise BundleRefused(f"{name} is no XGBoost model ({str(error).splitlines()[-1]}); get a whole bundle") from None
        self._width = int(self._booster.num_features())

    def score(self, inputs: Floats) -> float:
        """The log odds of genuine for one tick's `inputs` (F,)."""
        if inputs.shape != (self._width,):
            raise BundleRefused(f"the booster takes {self._width} numbers, the networks give {inputs.shape}; get a whole bundle")
        return float(self._booster.inplace_predict(inputs[None], predict_type="margin")[0])
