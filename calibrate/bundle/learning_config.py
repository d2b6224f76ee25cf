"""The learning configuration as JSON: the `plan` section of a learned folder's manifest.

Keys are written out by hand, so that a renamed field changes no byte of a bundle.
"""

from __future__ import annotations

from typing import Any

from calibrate.learning.batches import Augmentation
from calibrate.learning.boosting import BoostingConfig
from calibrate.learning.fit import LearningConfig
from calibrate.learning.train import TrainingConfig
from engines.model.shape import NetworkShape

Json = dict[str, Any]


def config_to_json(config: LearningConfig) -> Json:
    """Return `config` as the manifest holds it."""
    return {
        "recipe": _training_to_json(config.training),
        "variety": _augmentation_to_json(config.augmentation),
        "trees": _boosting_to_json(config.boosting),
        "alone": config.single_emotion_epochs_factor,
        "judges": config.ensemble_size,
        "bags": config.held_out_folds,
        "both": config.symmetric_components,
        "differing": config.asymmetric_components,
        "headroom": config.headroom,
        "settled_speed": config.settled_speed,
        "known": list(config.known_clip_counts),
        "seed": config.seed,
    }


def config_from_json(values: Any) -> LearningConfig:
    """Return the configuration that `values` hold.

    Raises `KeyError`, `TypeError` or `ValueError` where they are those of another version.
    """
    return LearningConfig(
        training=_training_from_json(values["recipe"]),
        augmentation=_augmentation_from_json(values["variety"]),
        boosting=_boosting_from_json(values["trees"]),
        single_emotion_epochs_factor=values["alone"],
        ensemble_size=values["judges"],
        held_out_folds=values["bags"],
        symmetric_components=values["both"],
        asymmetric_components=values["differing"],
        headroom=values["headroom"],
        settled_speed=values["settled_speed"],
        known_clip_counts=tuple(int(clips) for clips in values["known"]),
        seed=values["seed"],
    )


def _training_to_json(config: TrainingConfig) -> Json:
    return {
        "shape": {"hidden": config.shape.hidden, "blocks": config.shape.blocks},
        "epochs": config.epochs,
        "batch": config.batch,
        "rate": config.learning_rate,
        "weight_decay": config.weight_decay,
        "ticks": list(config.ticks),
        "carry": config.carry,
        "steps": config.steps,
        "own": config.closed_loop,
        "softening": config.epsilon,
        "first_length": config.initial_step,
        "read_out": config.read_out,
        "gradient_limit": config.gradient_limit,
    }


def _training_from_json(values: Any) -> TrainingConfig:
    return TrainingConfig(
        shape=NetworkShape(values["shape"]["hidden"], values["shape"]["blocks"]),
        epochs=values["epochs"],
        batch=values["batch"],
        learning_rate=values["rate"],
        weight_decay=values["weight_decay"],
        ticks=tuple(values["ticks"]),
        carry=values["carry"],
        steps=values["steps"],
        closed_loop=values["own"],
        epsilon=values["softening"],
        initial_step=values["first_length"],
        read_out=values["read_out"],
        gradient_limit=values["gradient_limit"],
    )


def _augmentation_to_json(augmentation: Augmentation) -> Json:
    return {
        "shift_s": augmentation.shift_s,
        "noise": augmentation.noise,
        "draws": [list(draw) for draw in augmentation.draws],
        "believed": augmentation.rater_weight,
        "blend": augmentation.mixup,
    }


def _augmentation_from_json(values: Any) -> Augmentation:
    return Augmentation(
        shift_s=values["shift_s"],
        noise=values["noise"],
        draws=tuple((int(k), int(times)) for k, times in values["draws"]),
        rater_weight=values["believed"],
        mixup=values["blend"],
    )


def _boosting_to_json(config: BoostingConfig) -> Json:
    return {
        "depth": config.depth,
        "reg_lambda": config.reg_lambda,
        "subsample": config.subsample,
        "rate": config.rate,
        "rounds": config.rounds,
        "folds": config.folds,
    }


def _boosting_from_json(values: Any) -> BoostingConfig:
    return BoostingConfig(
        depth=values["depth"],
        reg_lambda=values["reg_lambda"],
        subsample=values["subsample"],
        rate=values["rate"],
        rounds=values["rounds"],
        folds=values["folds"],
    )
