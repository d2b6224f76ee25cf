"""The smallest learning that finds a planted difference between genuine and fake."""

from __future__ import annotations

from calibrate.learning.batches import Augmentation
from calibrate.learning.boosting import BoostingConfig
from calibrate.learning.fit import LearningConfig
from calibrate.learning.train import TrainingConfig
from engines.model.shape import NetworkShape

TINY = LearningConfig(
    training=TrainingConfig(
        NetworkShape(16, 1), epochs=12, batch=16, learning_rate=1e-2, read_out=0.5
    ),
    augmentation=Augmentation(draws=((3, 2),)),
    boosting=BoostingConfig(rounds=30, folds=3),
    single_emotion_epochs_factor=1,
    ensemble_size=2,
    held_out_folds=2,
    known_clip_counts=(3,),
)
