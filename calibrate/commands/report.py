"""`calibrate report`: metrics and plots on held-out people."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from calibrate.bundle import reader
from calibrate.commands.support.learning_options import (
    check_held_out_folds,
    learning_config,
    learns_appearance,
)
from calibrate.commands.support.progress import print_notes, print_skipped, progress_bar
from calibrate.data.clips import Clip, find_clips, missing_files
from calibrate.data.dataset import APEX, LIVE, WHOLE, Dataset
from calibrate.data.extract import extract_tracks
from calibrate.data.folds import Folds, check_fold_count
from calibrate.data.label_check import check_both_labels, check_clips
from calibrate.data.tracks import Track, load_tracks
from calibrate.data.usable_data import usable_dataset, usable_in_folds
from calibrate.evaluation import report
from calibrate.evaluation.cross_validation import (
    CrossValidation,
    EvaluationConfig,
    cross_validate,
    edge_free_windows,
    score_clips,
)
from calibrate.evaluation.online_profile import score_online
from calibrate.evaluation.pairs import score_pairs
from calibrate.learning.emotions.errors import score_emotion_mismatches
from calibrate.parallel import check_jobs
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.errors import UsageError
from realtime.core.labels import ANY, GENUINE
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.calibration import PlattScaling

# Known clips of a person along the report's curve; `whole` is only a comparison, and its four sets
# of networks take long.
KNOWN = {"live": (0, 1, 2, 5, 10, 20), "whole": (0,)}


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Scores of `data`, with the calibration and the name of a bundle if one was scored.

    `config` is that of a cross-validation.
    """

    data: Dataset
    done: CrossValidation
    seed: int
    config: EvaluationConfig | None = None
    maps: Mapping[str, PlattScaling] | None = None
    bundle: report.Json | None = None


def run(options: argparse.Namespace) -> None:
    """Evaluate a bundle, or everything trained again for each fold, and write the report."""
    _check(options)
    with_folds = options.cross_validate is not None
    found = cross_validated(options) if with_folds else _bundle_scored(options)
    publish(options.out, found, findings_of(found, options.known))
    if not with_folds:
        print(
            "these figures hold only if the bundle was not trained on any of these people;"
            " otherwise use --cross-validate FOLDS"
        )


def findings_of(found: Evaluation, known: int) -> report.Findings:
    """Return the metrics of an evaluation; the headline knows `known` clips of a person."""
    return report.findings(found.data, found.done, known, found.seed, found.maps, found.bundle)


def publish(out: Path, found: Evaluation, findings: report.Findings) -> None:
    """Write the report into the folder `out` and print it."""
    print_notes(_notes(findings.metrics, found.data))
    report.write_report(out, found.data, findings, found.done)
    print("\n".join(report.lines(findings.metrics)))


def _check(options: argparse.Namespace) -> None:
    """Raise `UsageError` for options that cannot be met, before any work."""
    check_jobs(options.jobs)
    if options.known < 0:
        raise UsageError(f"--known is {options.known}; want 0 or more")
    if options.cross_validate is None:
        return
    if options.cross_validate < 2:
        raise UsageError(f"--cross-validate is {options.cross_validate}; want 2 folds or more")
    if options.bundle:
        raise UsageError("--cross-validate trains everything again; leave out --bundle")


def _known(options: argparse.Namespace) -> tuple[int, ...]:
    return tuple(sorted({*KNOWN[options.protocol], options.known}))


def _bundle_scored(options: argparse.Namespace) -> Evaluation:
    folder = options.bundle or DEFAULT_BUNDLE
    bundle = Bundle.load(folder)
    model, timing, maps = reader.load_model(folder)
    name = "packaged" if folder.resolve() == DEFAULT_BUNDLE.resolve() else folder.name
    tracks = _load_or_extract(options)
    appearance = model.learned.population.sees_appearance
    data, notes = usable_dataset(tracks, timing, bundle.emotions, appearance)
    print_notes(notes)
    print(f"bundle: {name}, in {folder}, sha256 {bundle.sha256[:16]}")
    clips = range(len(data))
    part = WHOLE if options.protocol == "whole" else APEX
    windows = model.learned.windows(data, part)
    done = CrossValidation(None, score_clips(model, windows, clips, _known(options)), part)
    if part == APEX:
        done = replace(done, edge_free=edge_free_windows(windows))
    if options.protocol == "live":
        # Limits of the read-out in the tracks, which may be another one than that of the bundle.
        thresholds = replace(stages.expression_thresholds(bundle), rest=data.rest)
        done = replace(
            done,
            online_scores=score_online(model, data, clips, thresholds),
            pairs=score_pairs(model, windows, clips),
            emotion_mismatches=score_emotion_mismatches(model, data, clips, options.known),
            any_scores=score_clips(model, windows, clips, {0, options.known}, ANY),
        )
    about: report.Json = {"name": name, "sha256": bundle.sha256}
    return Evaluation(data, done, model.learned.learning_config.seed, maps=maps, bundle=about)


def cross_validated(options: argparse.Namespace) -> Evaluation:
    """Train everything again for each fold of people, and score it on them; folds are kept."""
    learning, count = learning_config(options), options.cross_validate
    tracks = _load_or_extract(options)
    appearance = learns_appearance(options, tracks)
    data, notes = usable_dataset(tracks, LIVE, appearance=appearance)
    data, more_notes = usable_in_folds(data, count, options.seed)
    folds = Folds.by_person([str(s) for s in data.subjects], count, options.seed)
    fewest = min(len(np.unique(data.subjects[training])) for training, _ in folds.splits())
    check_held_out_folds(options, fewest)
    print_notes([*notes, *more_notes])
    print(f"bundle: none; everything is trained again for each of {count} folds of people")
    config = EvaluationConfig(learning, options.protocol, _known(options), options.known)
    out = options.out / "folds"
    with progress_bar("folds", count) as step:
        done = cross_validate(data, config, count, out, options.jobs, lambda fold: step(None))
    return Evaluation(data, done, options.seed, config)


def _load_or_extract(options: argparse.Namespace) -> list[Track]:
    """Load tracks from a tracks file, or extract clips unless an earlier run did."""
    data, extracted = options.data, options.out / "tracks.npz"
    if data.is_file():
        return load_tracks(data)
    clips = find_clips(data)
    _check_clips(clips, options)
    if extracted.exists():
        by_name = {clip.name: clip for clip in clips}  # their labels may have been mended since
        tracks = [track for track in load_tracks(extracted) if track.clip.name in by_name]
        return [replace(track, clip=by_name[track.clip.name]) for track in tracks]
    options.out.mkdir(parents=True, exist_ok=True)
    with progress_bar("clips", None) as step:
        tracks, skipped = extract_tracks(
            data, extracted, options.jobs, lambda done, clips: step(clips)
        )
    print_skipped(skipped, {clip.name for clip in missing_files(clips)})
    return tracks


def _check_clips(clips: list[Clip], options: argparse.Namespace) -> None:
    """Print notes on the clips; raises `DataError` where no report could be made of them."""
    print_notes(check_clips(clips))
    check_both_labels([clip.label == GENUINE for clip in clips], "clips")
    people, folds = len({clip.subject for clip in clips}), options.cross_validate
    if folds is not None:
        check_fold_count(folds, people)


def _notes(metrics: Mapping[str, object], data: Dataset) -> list[str]:
    """Return what the figures cannot say of themselves."""
    notes = []
    if silent := metrics["unjudged_clips"]:
        notes.append(f"no window in {silent} of {len(data)} clips; they count as undecided")
    if len(np.unique(data.subjects)) == 1:
        notes.append("all clips show one person: no intervals, and no baselines to learn")
    return notes
