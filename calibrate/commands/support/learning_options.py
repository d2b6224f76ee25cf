"""Options of `learn` and `report` as a learning configuration."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from calibrate.data.counting import counted_people
from calibrate.data.tracks import Track, have_appearance
from calibrate.learning.fit import LearningConfig
from calibrate.learning.train import TrainingConfig
from engines.model.shape import PRESETS
from realtime.core.errors import UsageError


def learning_config(options: argparse.Namespace) -> LearningConfig:
    """Return the learning configuration; raises `UsageError` for too few epochs or folds."""
    training = TrainingConfig(PRESETS[options.preset])
    if options.epochs is not None:
        if options.epochs < 1:
            raise UsageError(f"--epochs is {options.epochs}; want 1 or more")
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


def learns_appearance(options: argparse.Namespace, tracks: Sequence[Track]) -> bool:
    """Return whether the networks learn the appearance beside the landmarks, and print it.

    Raises `DataError` where only some of the tracks hold it.
    """
    found = have_appearance(tracks)
    if options.landmarks_only or not found:
        why = "as asked" if options.landmarks_only else "the tracks hold no appearance"
        print(f"views: landmarks alone ({why})")
        return False
    print("views: landmarks and appearance")
    return True


def check_held_out_folds(options: argparse.Namespace, people: int) -> None:
    """Raise `UsageError` if more folds were asked for than there are `people` to learn from."""
    folds = options.held_out_folds
    if folds is not None and folds > people:
        raise UsageError(
            f"--held-out-folds is {folds}, and {counted_people(people)} to learn from; want at"
            " most one fold for each"
        )
