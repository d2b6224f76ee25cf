"""The experiments of held-out networks in seconds: few deals, folds, rounds and epochs."""

from __future__ import annotations

from functools import partial

import pytest

from calibrate.experiments import ablation
from calibrate.learning.fit import LearningConfig
from calibrate.metrics import bootstrap

ROUNDS = 50  # of the bootstrap


def hasten(monkeypatch: pytest.MonkeyPatch, config: LearningConfig | None = None) -> None:
    """Shorten what follows of a test; networks are learned as `config` says, if it is given."""
    monkeypatch.setattr(ablation, "DEALS", 1)
    monkeypatch.setattr(ablation, "FOLDS", 3)
    monkeypatch.setattr(ablation, "bootstrap", partial(bootstrap, rounds=ROUNDS))
    if config is not None:
        monkeypatch.setattr(ablation, "LearningConfig", lambda: config)
