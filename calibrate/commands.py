"""What the commands of `calibrate` do. Imported once the options are right: torch and the rest are heavy."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from calibrate.bundle import reader
from calibrate.bundle.writer import write_bundle, write_networks
from calibrate.data.dataset import APEX, LIVE, WHOLE, Dataset, population
from calibrate.data.extract import SkippedClip
from calibrate.data.extract import extract as extract_clips
from calibrate.data.tracks import Track
from calibrate.data.tracks import load_tracks as load_tracks
from calibrate.evaluation import plots
from calibrate.evaluation import report as reporting
from calibrate.evaluation.cross_validation import (
    CrossValidation,
    EvaluationConfig,
    cross_validate,
    score_clips,
)
from calibrate.evaluation.generation_fidelity import generation_fidelity, lines
from calibrate.evaluation.model_card import DATA, model_card
from calibrate.evaluation.online_profile import score_online
from calibrate.evaluation.pairs import score_pairs
from calibrate.evaluation.personalisation import steps_of
from calibrate.generation.generate import generate_stream
from calibrate.generation.generate import write as write_streams
from calibrate.learning.boosting import fit_booster as grow
from calibrate.learning.boosting import fit_platt_scaling
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.emotion_errors import prediction_error_limits, score_emotion_errors
from calibrate.learning.fit import (
    FittedModel,
    LearningConfig,
    examples,
    learn_networks,
    out_of_fold_features,
)
from calibrate.learning.fit_whole_clips import PARTS
from calibrate.learning.gate_thresholds import fit_gate
from calibrate.learning.prototypes import class_prototypes
from calibrate.learning.train import TrainingConfig
from calibrate.paper.command import paper as run_paper
from calibrate.people.compare import compare as compare
from calibrate.people.enrol import enrol as enrol
from engines.bundle.bundle import DEFAULT, Bundle
from engines.bundle.checksums import write_checksums
from engines.model.shape import PRESETS
from realtime.core.errors import UsageError
from realtime.core.labels import LABELS
from realtime.runtime import stages_from_bundle as stages
from realtime.verdict.calibration import PlattScaling

# Clips of a person that the report's curve asks for; whole clips are a comparison, and four sets of networks read them.
KNOWN = {"live": (0, 1, 2, 5, 10, 20), "whole": (0,)}
Step = Callable[[int | None], None]


def extract(options: argparse.Namespace) -> None:
    """Clips -> tracks; clips that gave none are listed with the reason."""
    with _progress("clips", None) as step:
        tracks, left = extract_clips(
            options.data, options.out, options.jobs, lambda done, clips: step(clips)
        )
    _list_left(left)
    print(f"{len(tracks)} tracks in {options.out}, {len(left)} clips left out")


def learn(options: argparse.Namespace) -> None:
    """Tracks -> networks; for protocol `whole` those of each part of a clip in a folder of its own."""
    data, plan = Dataset.of(load_tracks(options.tracks), LIVE), plan_of(options)
    if options.protocol == "whole":
        for part in PARTS:
            _learn(data.at(part), plan, options.out / part)
    else:
        _learn(data, plan, options.out)


def _learn(data: Dataset, plan: LearningConfig, out: Path) -> None:
    everything, keep = np.arange(len(data)), CheckpointStore(out / "parts")
    count = plan.ensemble_size + plan.held_out_folds + len(np.unique(data.emotions)) + 1
    with _progress(f"networks, {data.part}", count) as step:
        learned = learn_networks(data, everything, plan, lambda done: step(None), keep)
        learned = replace(learned, prototypes=class_prototypes(learned, data, everything))
    misfits = prediction_error_limits(learned.without_bag(), data, everything)
    limits = replace(fit_gate(data, population(data, everything)), prediction_error_max=misfits)
    write_networks(out, learned, data.timing, limits)
    plots.losses(out / "losses.png", learned.curves)
    keep.clear()
    print(f"{len(learned.networks)} networks in {out}, their curves in {out / 'losses.png'}")


def harvest(options: argparse.Namespace) -> None:
    """Networks and tracks -> booster inputs of people whom the networks never saw."""
    learned, timing, _ = reader.load_networks(options.learned)
    data = Dataset.of(load_tracks(options.tracks), timing)
    with _progress("clips", len(data)) as step:
        found = examples(
            out_of_fold_features(learned, data, np.arange(len(data)), lambda: step(None)), data
        )
    reader.save_features(options.out, found)
    print(f"{len(found.inputs)} ticks in {options.out}")


def boost(options: argparse.Namespace) -> None:
    """Networks and harvest -> bundle; probabilities come from a cross-validated report where there is one."""
    learned, timing, limits = reader.load_networks(options.learned)
    found = reader.load_features(options.harvest)
    model = FittedModel(learned, grow(found, learned.plan.boosting, learned.plan.seed))
    metrics = reader.load_json(options.report / "metrics.json") if options.report else {}
    if metrics:
        shown = metrics["probability"]
        probability = PlattScaling(
            float(shown["slope"]), float(shown["shift"]), float(metrics["abstaining"]["half_width"])
        )
    else:
        score = model.boosted["any"].start.score(found.inputs).astype(np.float64)
        probability = PlattScaling(*fit_platt_scaling(score, found.genuine), 0.0)
    maps = dict.fromkeys(model.boosted, probability)
    write_bundle(
        options.out,
        model,
        timing,
        limits,
        maps,
        {"metrics": metrics, "data": DATA},
        steps_of(metrics),
    )
    (options.out / "MODEL_CARD.md").write_text(model_card(metrics))
    write_checksums(options.out)
    print(f"bundle in {options.out}")


def generate(options: argparse.Namespace) -> None:
    """A prototype -> a stream of landmarks; or what the prototypes are worth."""
    folder = options.bundle or DEFAULT
    if options.check:
        learned, timing, _ = reader.load_networks(folder)
        data = Dataset.of(load_tracks(options.check), timing)
        print("\n".join(lines(generation_fidelity(learned, data, np.arange(len(data))))))
        return
    labels = LABELS if options.pb == "both" else (options.pb,)
    bundle = Bundle.load(folder)
    write_streams(
        options.out,
        [generate_stream(bundle, options.emotion, label, options.seconds) for label in labels],
    )
    print(f"{options.emotion}, {' and '.join(labels)}, in {options.out}")


def report(options: argparse.Namespace) -> None:
    """Figures and pictures: of everything learned anew per fold, or of a bundle asked about people it never saw."""
    options.out.mkdir(parents=True, exist_ok=True)
    tracks = _tracks_of(options.data, options.out, options.jobs)
    known = tuple(sorted({*KNOWN[options.protocol], options.known}))
    if options.cross_validate:
        data, plan = Dataset.of(tracks, LIVE), plan_of(options)
        asked = EvaluationConfig(plan, options.protocol, known, options.known)
        with _progress("folds", options.cross_validate) as step:
            keep = options.out / "folds"
            done = cross_validate(
                data, asked, options.cross_validate, keep, options.jobs, lambda fold: step(None)
            )
        maps, seed = None, plan.seed
    else:
        model, timing, maps = reader.load_model(options.bundle or DEFAULT)
        data, seed = Dataset.of(tracks, timing), model.learned.plan.seed
        seen = _seen_by(data, options.protocol)
        done = CrossValidation(
            np.zeros(len(data), np.int64), score_clips(model, seen, range(len(data)), known)
        )
        if options.protocol == "live":
            limits = stages.expression_thresholds(Bundle.load(options.bundle or DEFAULT))
            clips = range(len(data))
            streams, pairs = (
                score_online(model, data, clips, limits),
                score_pairs(model, data, clips),
            )
            done = replace(
                done,
                online_scores=streams,
                pairs=pairs,
                emotion_errors=score_emotion_errors(model.learned, data, clips, options.known),
            )
    data = _seen_by(data, options.protocol)
    found = reporting.findings(data, done, options.known, seed, maps)
    reporting.write_report(options.out, data, found, done)
    print("\n".join(reporting.lines(found.metrics)))
    if not options.cross_validate:
        print(
            "these figures hold if the bundle did not learn from any of these people; else --cross-validate FOLDS"
        )


def paper(options: argparse.Namespace) -> None:
    """The paper's own protocol, from clips to its tables."""
    run_paper(options, lambda what: _progress(what, None), _list_left)


def _seen_by(data: Dataset, protocol: str) -> Dataset:
    """`data` as a protocol looks at it."""
    return data.at(WHOLE if protocol == "whole" else APEX)


def plan_of(options: argparse.Namespace) -> LearningConfig:
    """The plan that the options ask for."""
    recipe = TrainingConfig(PRESETS[options.preset])
    if options.epochs is not None:
        recipe = replace(recipe, epochs=options.epochs)
    plan = LearningConfig(recipe, seed=options.seed)
    if options.bags is not None and options.bags < 2:
        raise UsageError(
            f"--bags is {options.bags}; want 2 or more, so that some network never saw each person"
        )
    return plan if options.bags is None else replace(plan, held_out_folds=options.bags)


def _tracks_of(data: Path, out: Path, jobs: int) -> list[Track]:
    """Tracks from a tracks file, or from clips, extracted into `out` if that was not done before."""
    if data.is_file():
        return load_tracks(data)
    kept = out / "tracks.npz"
    if kept.exists():
        return load_tracks(kept)
    with _progress("clips", None) as step:
        tracks, left = extract_clips(data, kept, jobs, lambda done, clips: step(clips))
    _list_left(left)
    return tracks


def _list_left(left: Sequence[SkippedClip]) -> None:
    for clip in left:
        print(f"left out {clip.name}: {clip.reason}", file=sys.stderr)


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Step]:
    """A progress bar on stderr; its step takes the total where that is only known on the way."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)

        def step(known_total: int | None) -> None:
            progress.update(task, advance=1, total=total if known_total is None else known_total)

        yield step
