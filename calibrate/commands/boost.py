"""`calibrate boost`: networks and out-of-fold features to a bundle."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from calibrate.bundle import reader
from calibrate.bundle.writer import write_bundle
from calibrate.evaluation.model_card import DATA, render_model_card
from calibrate.evaluation.personalisation import steps_of
from calibrate.learning.boosting import LabelledFeatures, fit_booster
from calibrate.learning.calibration import fit_platt_scaling
from calibrate.learning.fit import FittedModel
from engines.bundle.checksums import write_checksums
from realtime.verdict.calibration import PlattScaling


def run(options: argparse.Namespace) -> None:
    """Fit the boosters and write the bundle; a cross-validated report sets the calibration."""
    learned, timing, gate = reader.load_networks(options.learned)
    features = reader.load_features(options.features)
    model = FittedModel(learned, fit_booster(features, learned.plan.boosting, learned.plan.seed))
    metrics = reader.load_json(options.report / "metrics.json") if options.report else {}
    scaling = _scaling_of(metrics) if metrics else _fitted_scaling(model, features)
    write_bundle(
        options.out,
        model,
        timing,
        gate,
        dict.fromkeys(model.boosted, scaling),
        {"metrics": metrics, "data": DATA},
        steps_of(metrics),
    )
    (options.out / "MODEL_CARD.md").write_text(render_model_card(metrics))
    write_checksums(options.out)
    print(f"bundle in {options.out}")


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
