"""Options of `learn` and `report` as a learning configuration."""

from __future__ import annotations

import argparse
from dataclasses import replace

from calibrate.learning.fit import LearningConfig
from calibrate.learning.train import TrainingConfig
from engines.model.shape import PRESETS
from realtime.core.errors import UsageError


def learning_config(options: argparse.Namespace) -> LearningConfig:
    """Return the learning configuration; raises `UsageError` for fewer than two folds."""
    training = TrainingConfig(PRESETS[options.preset])
    if options.epochs is not None:
        training = replace(training, epochs=options.epochs)
    config, folds = LearningConfig(training, seed=options.seed), options.held_out_folds
    if folds is None:
        return config
    if folds < 2:
        raise UsageError(
            f"--held-out-folds is {folds}; want 2 or more, so that each person is held out by"
            " one network"
        )
    return replace(config, held_out_folds=folds)
