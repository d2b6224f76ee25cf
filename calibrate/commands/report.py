"""`calibrate report`: metrics and plots on held-out people."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from calibrate.bundle import reader
from calibrate.commands.learning_options import learning_config
from calibrate.commands.progress import print_skipped, progress_bar
from calibrate.data.dataset import APEX, LIVE, WHOLE, Dataset
from calibrate.data.extract import extract_tracks
from calibrate.data.tracks import Track, load_tracks
from calibrate.evaluation import report
from calibrate.evaluation.cross_validation import (
    CrossValidation,
    EvaluationConfig,
    cross_validate,
    score_clips,
)
from calibrate.evaluation.online_profile import score_online
from calibrate.evaluation.pairs import score_pairs
from calibrate.learning.emotion_errors import score_emotion_errors
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.calibration import PlattScaling

# Known clips of a person along the report's curve; `whole` is only a comparison, and its four sets
# of networks take long.
KNOWN = {"live": (0, 1, 2, 5, 10, 20), "whole": (0,)}


def run(options: argparse.Namespace) -> None:
    """Evaluate a bundle, or everything trained again for each fold, and write the report."""
    options.out.mkdir(parents=True, exist_ok=True)
    tracks = _load_or_extract(options.data, options.out, options.jobs)
    known = tuple(sorted({*KNOWN[options.protocol], options.known}))
    maps: Mapping[str, PlattScaling] | None
    if options.cross_validate:
        data, maps = Dataset.of(tracks, LIVE), None
        seed, done = options.seed, _cross_validated(options, data, known)
    else:
        model, timing, maps = reader.load_model(options.bundle or DEFAULT_BUNDLE)
        data, seed = Dataset.of(tracks, timing), model.learned.plan.seed
        clips = range(len(data))
        part = WHOLE if options.protocol == "whole" else APEX
        windows = model.learned.windows(data, part)
        done = CrossValidation(None, score_clips(model, windows, clips, known), part)
        if options.protocol == "live":
            thresholds = stages.expression_thresholds(Bundle.load(options.bundle or DEFAULT_BUNDLE))
            done = replace(
                done,
                online_scores=score_online(model, data, clips, thresholds),
                pairs=score_pairs(model, windows, clips),
                emotion_errors=score_emotion_errors(model.learned, data, clips, options.known),
            )
    findings = report.findings(data, done, options.known, seed, maps)
    report.write_report(options.out, data, findings, done)
    print("\n".join(report.lines(findings.metrics)))
    if not options.cross_validate:
        print(
            "these figures hold only if the bundle was not trained on any of these people;"
            " otherwise use --cross-validate FOLDS"
        )


def _cross_validated(
    options: argparse.Namespace, data: Dataset, known: tuple[int, ...]
) -> CrossValidation:
    config = EvaluationConfig(learning_config(options), options.protocol, known, options.known)
    folds, out = options.cross_validate, options.out / "folds"
    with progress_bar("folds", folds) as step:
        return cross_validate(data, config, folds, out, options.jobs, lambda fold: step(None))


def _load_or_extract(data: Path, out: Path, jobs: int) -> list[Track]:
    """Load tracks from a tracks file, or extract clips into `out` unless an earlier run did."""
    if data.is_file():
        return load_tracks(data)
    extracted = out / "tracks.npz"
    if extracted.exists():
        return load_tracks(extracted)
    with progress_bar("clips", None) as step:
        tracks, skipped = extract_tracks(data, extracted, jobs, lambda done, clips: step(clips))
    print_skipped(skipped)
    return tracks
