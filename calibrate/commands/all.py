"""`calibrate all`: from labelled clips to a bundle with report and model card, in one command."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from calibrate.commands import boost, features, learn, report
from calibrate.commands.parts import emotions, expression, onsets
from calibrate.commands.support.learning_options import check_held_out_folds, learning_config
from calibrate.commands.support.output_check import report_folder_of, training_folder_of
from calibrate.commands.support.progress import (
    print_notes,
    print_skipped,
    progress_bar,
    work_progress,
)
from calibrate.commands.support.steps import CommandStep, run_steps
from calibrate.data.clips import Clip, missing_files
from calibrate.data.extract import extract_clips
from calibrate.data.folds import Folds, check_fold_count
from calibrate.data.label_check import check_both_labels, check_clips
from calibrate.data.tracks import save_tracks
from calibrate.evaluation import plots
from calibrate.evaluation.confounds import confound_lines
from calibrate.evaluation.cross_validation import PARTS
from calibrate.evaluation.learning_curve import (
    CurvePlan,
    CurveWork,
    LearningCurve,
    curve_lines,
    measure_curve,
)
from calibrate.evaluation.model_card import STATED
from calibrate.evaluation.report import Json
from calibrate.parallel import atomic_write, check_jobs
from calibrate.scoring.data_check import Facts, check_lines, confounds
from calibrate.scoring.inputs import ManifestWords
from calibrate.scoring.labelled_corpus import entries_of, find_labelled
from calibrate.scoring.run import Execution, inspect_files
from calibrate.scoring.work_store import WorkStore, key_of
from engines.bundle.bundle import DEFAULT_BUNDLE, MANIFEST, Bundle
from realtime.core.errors import UsageError
from realtime.core.labels import GENUINE

LEARNING = ("preset", "epochs", "landmarks_only", "held_out_folds", "seed")
ADDED = ("onsets", "emotions", "expression")  # to the bundle, after its boosters
EVALUATION = ("folds", "known", "halvings")


@dataclass(frozen=True, slots=True)
class Training:
    """What the steps share: the options of the command, its clips, and what the check found."""

    options: argparse.Namespace
    clips: Sequence[Clip]
    facts: Facts
    confounds: dict[str, float]

    @property
    def report(self) -> Path:
        """Folder of the report."""
        return report_folder_of(self.options.out)

    @property
    def work(self) -> Path:
        """Folder of tracks, networks and features."""
        return training_folder_of(self.options.out)

    @property
    def tracks(self) -> Path:
        """The tracks file."""
        return self.work / "tracks.npz"

    @property
    def networks(self) -> Path:
        """Folder of networks."""
        return self.work / "learned"

    @property
    def features(self) -> Path:
        """The features file."""
        return self.work / "features.npz"

    def options_of(self, **values: object) -> argparse.Namespace:
        """Return the options of a single command: those of this one, and `values`."""
        return argparse.Namespace(**{**vars(self.options), "protocol": "live", **values})

    def chosen(self, names: Sequence[str]) -> tuple[object, ...]:
        """Return the values of some options."""
        return tuple((name, getattr(self.options, name)) for name in names)


def run(options: argparse.Namespace) -> None:
    """Check, extract, evaluate, learn and write the bundle; finished steps are not done again."""
    check_jobs(options.jobs)
    if options.halvings < 0 or options.known < 0 or options.folds < 2:
        raise UsageError("want --halvings and --known of 0 or more, and --folds of 2 or more")
    words = ManifestWords.of(options.columns, options.labels)
    clips, notes = find_labelled(options.manifest, words, (options.emotion or "").casefold())
    print_notes([*notes, *check_clips(clips)])
    _check_people(clips, options)
    training = _checked(clips, options)
    steps = (
        CommandStep(
            "extract", (training.tracks,), (), _contents(training), lambda: _extract(training)
        ),
        CommandStep(
            "report",
            (training.report / "metrics.json",),
            ("extract",),
            (training.chosen((*LEARNING, *EVALUATION)), training.confounds, PARTS),
            lambda: _report(training),
        ),
        CommandStep(
            "learn",
            (training.networks / MANIFEST,),
            ("extract",),
            training.chosen(LEARNING),
            lambda: _learn(training),
        ),
        CommandStep("features", (training.features,), ("learn",), (), lambda: _features(training)),
        CommandStep(
            "boost",
            (options.out / MANIFEST,),
            ("report", "features"),
            (training.chosen([f"data_{name}" for name in STATED]), ADDED),
            lambda: _boost(training),
        ),
    )
    run_steps(steps, training.work / "steps.json")
    print(
        f"bundle in {options.out}, report in {training.report}; {training.work} holds tracks of "
        "faces, which are biometric data: delete it when you need no more runs"
    )


def _check_people(clips: Sequence[Clip], options: argparse.Namespace) -> None:
    """Raise an error for clips that cannot be learned from as asked, before any work."""
    learning_config(options)
    check_both_labels([clip.label == GENUINE for clip in clips], "clips")
    subjects = [clip.subject for clip in clips]
    check_fold_count(options.folds, len(set(subjects)))
    folds = Folds.by_person(subjects, options.folds, options.seed)
    each = (len(np.unique(np.array(subjects)[training])) for training, _ in folds.splits())
    check_held_out_folds(options, min(each))


def _checked(clips: Sequence[Clip], options: argparse.Namespace) -> Training:
    """Look at every file and print what is found."""
    store, entries = WorkStore(training_folder_of(options.out)), entries_of(clips)
    store.make()
    how = Execution(options.jobs, store, work_progress)
    facts = inspect_files((clip.path for clip in clips), how)
    emotions = sorted({clip.emotion for clip in clips})
    print("\n".join(check_lines(entries, facts, emotions)), flush=True)
    return Training(options, clips, facts, confounds(entries, facts))


def _contents(training: Training) -> tuple[object, ...]:
    """Return what decides the tracks: clips by content, labels, and the program."""
    rows = (
        (clip.name, clip.subject, clip.emotion, clip.label, clip.gender, clip.rater_hit_pct)
        for clip in training.clips
    )
    contents = (training.facts[clip.path].sha256 for clip in training.clips)
    return (version("genuine-gauge"), *rows, *contents)


def _extract(training: Training) -> None:
    """Write the tracks; those of a content that was extracted before are taken from there."""
    program, folder = version("genuine-gauge"), training.work / "tracks"
    contents = {clip: training.facts[clip.path].sha256 or clip.name for clip in training.clips}
    files = {clip: folder / f"{key_of(content, program)}.npz" for clip, content in contents.items()}
    with progress_bar("clips", None) as step:
        tracks, skipped = extract_clips(
            files, training.options.jobs, lambda done, total: step(total)
        )
    print_skipped(skipped, {clip.name for clip in missing_files(training.clips)})
    with atomic_write(training.tracks) as unfinished:
        save_tracks(unfinished, tracks)
    print(f"{len(tracks)} tracks, {len(skipped)} clips skipped")


def _report(training: Training) -> None:
    """Cross-validate, measure the learning curve, and write the report."""
    options = training.options_of(
        data=training.tracks,
        out=training.report,
        bundle=None,
        cross_validate=training.options.folds,
    )
    found = report.cross_validated(options)
    curve = _curve(found, training)
    findings = report.findings_of(found, options.known)
    areas = training.confounds | _edges_of(findings.metrics, options.known)
    findings.metrics["confounds"] = {name: round(area, 4) for name, area in areas.items()}
    findings.metrics["learning_curve"] = curve.as_dict() if curve else {}
    report.publish(training.report, found, findings)
    print("\n".join(confound_lines(areas)))
    if curve:
        plots.curve(
            training.report / "people.png",
            curve.points,
            "People learned from",
            "AUC by people learned from, people held out",
        )
        print("\n".join(curve_lines(curve.as_dict())))


def _curve(found: report.Evaluation, training: Training) -> LearningCurve | None:
    folds, config, options = found.done.folds, found.config, training.options
    assert folds is not None
    assert config is not None
    plan = CurvePlan(found.data, folds, config)
    halvings = plan.halvings(options.halvings)
    if len(halvings) < options.halvings:
        print_notes(
            [
                f"{len(halvings)} of {options.halvings} halvings in the learning curve: smaller "
                "parts of the people do not show every emotion genuine and fake"
            ]
        )
    if not halvings:
        return None
    with progress_bar("learning curve", len(halvings) * folds.count) as step:
        work = CurveWork(training.work / "curve", options.jobs, lambda: step(None))
        return measure_curve(plan, found.done, halvings, work)


def _edges_of(metrics: Json, known: int) -> dict[str, float]:
    """Return the AUC of the clips' first two frames alone: how a clip was cut."""
    found = metrics["baselines"]
    row = found.get(f"first two frames, {known} clips known") if isinstance(found, dict) else None
    return {"clip edges": row["auc"]} if row and row["auc"] is not None else {}


def _learn(training: Training) -> None:
    learn.run(training.options_of(tracks=training.tracks, out=training.networks))


def _features(training: Training) -> None:
    options = training.options_of(
        learned=training.networks, tracks=training.tracks, out=training.features
    )
    features.run(options)


def _boost(training: Training) -> None:
    """Write the bundle, with onsets, emotion classifier and the packaged read-out."""
    options = training.options_of(
        learned=training.networks, features=training.features, report=training.report
    )
    boost.run(options)
    for part in (onsets, emotions):
        part.run(training.options_of(tracks=training.tracks, bundle=training.options.out))
    if not training.options.landmarks_only:  # as in the paper
        expression.copy_expression(Bundle.load(DEFAULT_BUNDLE), training.options.out)
