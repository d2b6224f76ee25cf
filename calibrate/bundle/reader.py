"""Read what one command leaves for the next: networks, features and reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from calibrate.bundle.learning_config import config_from_json
from calibrate.data.clips import DataError
from calibrate.learning.boosting import FittedBooster, LabelledFeatures
from calibrate.learning.fit import FittedModel, LearnedNetworks
from calibrate.learning.recognise import LiveStages
from engines.bundle.bundle import Bundle
from realtime.motion.resample import WindowTiming
from realtime.runtime import scores_from_bundle as scores
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.classifier_from_bundle import load_emotion_classifier
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.gate import Gate

# Of a report, what a bundle and its model card are written from.
REPORT = {"probability", "abstaining", "folds", "protocol", "known_clips", "by_gender", "overall"}
REPORT |= {"by_known", "by_emotion", "baselines"}


def load_networks(folder: Path) -> tuple[LearnedNetworks, WindowTiming, Gate]:
    """Return what `calibrate learn` wrote; a bundle holds it too."""
    bundle = Bundle.load(folder)
    emotions = bundle.manifest.texts("read_outs")
    read_outs = {
        name: {e: stages.read_outs(bundle, [name], e)[0] for e in emotions}
        for name in bundle.networks
    }
    networks = {name: bundle.network(name) for name in bundle.networks}
    try:
        config = config_from_json(bundle.manifest.section("plan").values)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{folder} was learned by another version ({error}); train it again"
        ) from None
    prototypes = {
        name: stages.prototype_pbs(bundle, name) for name in stages.networks_with_prototypes(bundle)
    }
    learned = LearnedNetworks(
        config,
        LiveStages(
            stages.population(bundle),
            stages.movement_basis(bundle),
            stages.expression_thresholds(bundle),
        ),
        networks,
        read_outs,
        {},
        prototypes,
    )
    return learned, stages.window_timing(bundle), stages.create_gate(bundle)


def load_model(folder: Path) -> tuple[FittedModel, WindowTiming, dict[str, PlattScaling]]:
    """Return a bundle as a model that scores clips, and its calibrations by emotion."""
    bundle = Bundle.load(folder)
    learned, timing, _ = load_networks(folder)
    boosted, maps = {}, {}
    for emotion in bundle.emotions:
        part = bundle.manifest.section("emotions").section(emotion)
        boosted[emotion] = FittedBooster(
            scores.linear_score(part), scores.booster_trees(bundle, part)
        )
        maps[emotion] = stages.platt_scaling(part)
    return FittedModel(learned, boosted, load_emotion_classifier(bundle)), timing, maps


def save_features(out: Path, examples: LabelledFeatures) -> None:
    """Write booster inputs with their labels."""
    with out.open("wb") as file:
        np.savez_compressed(
            file,
            inputs=examples.inputs,
            genuine=examples.genuine,
            subject=examples.subject,
            emotion=examples.emotion,
        )


def load_features(path: Path) -> LabelledFeatures:
    """Read what `save_features` wrote; raises `DataError` for anything else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            features = LabelledFeatures(
                *(file[name] for name in ("inputs", "genuine", "subject", "emotion"))
            )
        if not len(features.inputs) or len({*map(len, _columns(features))}) != 1:
            raise ValueError("its arrays are empty or differ in length")
        return features
    except (OSError, EOFError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise DataError(
            f"{path} is no features file ({error}); make one with calibrate features"
        ) from None


def load_report(folder: Path) -> dict[str, Any]:
    """Return the metrics of a cross-validated report; raises `DataError` for anything else."""
    path = folder / "metrics.json"
    make_one = "make one with calibrate report --cross-validate FOLDS"
    values: dict[str, Any]
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is no report ({error}); {make_one}") from None
    missing = REPORT - {*values} if isinstance(values, dict) else REPORT
    if missing:
        raise DataError(f"{path} is no report: no {', '.join(sorted(missing))}; {make_one}")
    if not isinstance(values["folds"], int) or values["folds"] < 2:
        raise DataError(
            f"{path} scores a bundle, perhaps on the people it was trained on; {make_one}"
        )
    return values


def _columns(features: LabelledFeatures) -> tuple[NDArray[Any], ...]:
    return features.inputs, features.genuine, features.subject, features.emotion
