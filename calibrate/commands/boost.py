"""`calibrate boost`: networks and out-of-fold features to a bundle."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from calibrate.bundle import reader
from calibrate.bundle.writer import write_bundle
from calibrate.commands.support.progress import print_notes
from calibrate.data.label_check import check_both_labels, emotions_of_one_label
from calibrate.evaluation.model_card import NOT_STATED, STATED, DataStatement, render_model_card
from calibrate.evaluation.personalisation import steps_of
from calibrate.learning.boosting import LabelledFeatures, fit_booster
from calibrate.learning.calibration import fit_platt_scaling
from calibrate.learning.fit import FittedModel
from engines.bundle.checksums import write_checksums
from realtime.verdict.calibration import PlattScaling


def run(options: argparse.Namespace) -> None:
    """Fit the boosters and write the bundle; a cross-validated report sets the calibration."""
    metrics = reader.load_report(options.report) if options.report else {}
    features, notes = _usable(reader.load_features(options.features))
    learned, timing, gate = reader.load_networks(options.learned)
    statement = _statement(options, features)
    print_notes([*notes, *statement.notes()])
    config = learned.learning_config
    model = FittedModel(learned, fit_booster(features, config.boosting, config.seed))
    scaling = _scaling_of(metrics) if metrics else _fitted_scaling(model, features)
    write_bundle(
        options.out,
        model,
        timing,
        gate,
        dict.fromkeys(model.boosted, scaling),
        {"metrics": metrics, "data": statement.as_dict()},
        steps_of(metrics),
    )
    (options.out / "MODEL_CARD.md").write_text(
        render_model_card(metrics, statement), encoding="utf-8"
    )
    write_checksums(options.out)
    print(f"bundle in {options.out}")


def _usable(features: LabelledFeatures) -> tuple[LabelledFeatures, list[str]]:
    """Return the features of emotions with both labels, and notes on the others."""
    emotions, genuine = features.emotion.tolist(), features.genuine.tolist()
    check_both_labels(genuine, "features")
    lacking = emotions_of_one_label(emotions, genuine)
    kept = features.where(~np.isin(features.emotion, list(lacking)))
    check_both_labels(kept.genuine.tolist(), "features")
    return kept, [f"{emotion} is left out: {why}" for emotion, why in lacking.items()]


def _statement(options: argparse.Namespace, features: LabelledFeatures) -> DataStatement:
    """Return what the options state of the data, and what its features show."""
    name, source, terms, recording = (
        " ".join((getattr(options, f"data_{part}") or "").split()) or NOT_STATED for part in STATED
    )
    people, emotions = len(np.unique(features.subject)), np.unique(features.emotion).tolist()
    return DataStatement(name, source, terms, recording, people, tuple(emotions))


def _scaling_of(metrics: dict[str, Any]) -> PlattScaling:
    probability = metrics["probability"]
    return PlattScaling(
        float(probability["slope"]),
        float(probability["shift"]),
        float(metrics["abstaining"]["half_width"]),
    )


def _fitted_scaling(model: FittedModel, features: LabelledFeatures) -> PlattScaling:
    score = model.boosted["any"].start.score(features.inputs).astype(np.float64)
    return PlattScaling(*fit_platt_scaling(score, features.genuine), 0.0)
