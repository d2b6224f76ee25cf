"""What lies between the commands: networks that were learned, and what was harvested from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from calibrate.bundle.learning_config import config_from_json
from calibrate.data.clips import DataError
from calibrate.learning.boosting import FittedBooster, LabelledFeatures
from calibrate.learning.fit import FittedModel, LearnedNetworks
from engines.bundle.bundle import Bundle
from realtime.motion.resample import WindowTiming
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.gate import Gate


def load_networks(folder: Path) -> tuple[LearnedNetworks, WindowTiming, Gate]:
    """What `calibrate learn` wrote; a bundle holds it too."""
    bundle = Bundle.load(folder)
    emotions = bundle.manifest.texts("read_outs")
    read_outs = {
        name: {e: stages.read_outs(bundle, [name], e)[0] for e in emotions}
        for name in bundle.networks
    }
    networks = {name: bundle.network(name) for name in bundle.networks}
    try:
        plan = config_from_json(bundle.manifest.section("plan").values)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{folder} was learned by another version ({error}); train it again"
        ) from None
    prototypes = {
        name: stages.prototype_pbs(bundle, name) for name in stages.networks_with_prototypes(bundle)
    }
    learned = LearnedNetworks(
        plan,
        stages.population(bundle),
        stages.movement_basis(bundle),
        networks,
        read_outs,
        {},
        prototypes,
    )
    return learned, stages.window_timing(bundle), stages.create_gate(bundle)


def load_model(folder: Path) -> tuple[FittedModel, WindowTiming, dict[str, PlattScaling]]:
    """A bundle as a model that clips can be scored with, and its probability maps by emotion."""
    bundle = Bundle.load(folder)
    learned, timing, _ = load_networks(folder)
    boosted, maps = {}, {}
    for emotion in bundle.emotions:
        part = bundle.manifest.section("emotions").section(emotion)
        boosted[emotion] = FittedBooster(
            stages.linear_score(part), stages.booster_trees(bundle, part)
        )
        maps[emotion] = stages.platt_scaling(part)
    return FittedModel(learned, boosted), timing, maps


def save_features(out: Path, examples: LabelledFeatures) -> None:
    """Write booster inputs with the truth beside them."""
    with out.open("wb") as file:
        np.savez_compressed(
            file,
            inputs=examples.inputs,
            genuine=examples.genuine,
            subject=examples.subject,
            emotion=examples.emotion,
        )


def load_features(path: Path) -> LabelledFeatures:
    """Read what `save_harvest` wrote; raises `DataError` for anything else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return LabelledFeatures(
                *(file[name] for name in ("inputs", "genuine", "subject", "emotion"))
            )
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path} is no features file ({error}); make one with calibrate features"
        ) from None


def load_json(path: Path) -> dict[str, Any]:
    """A JSON object on disk; raises `DataError` for anything else."""
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no report ({error}); make one with calibrate report") from None
    if not isinstance(values, dict):
        raise DataError(f"{path} holds {type(values).__name__}; want an object")
    return values
