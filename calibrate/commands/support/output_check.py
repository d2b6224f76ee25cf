"""Outputs of the commands: refused where they are inputs, or those of another run."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from calibrate.data.clips import find_clips, labels_of
from calibrate.scoring.inputs import ManifestWords
from calibrate.scoring.labelled_corpus import find_labelled
from calibrate.scoring.work_store import work_folder_of
from engines.bundle.bundle import ARRAYS, DEFAULT_BUNDLE, MANIFEST
from engines.bundle.checksums import CHECKSUM_FILE
from engines.errors import GaugeError
from realtime.app.output_check import bundle_files
from realtime.capture.demo import CLIP
from realtime.core.output_guard import Output, check_outputs_apart, hold_inputs, lock_outputs
from realtime.person import saved_profile

OUT = "--out"
NETWORKS = (MANIFEST, ARRAYS, CHECKSUM_FILE)  # what `write_folder` replaces
LEARNED = (*NETWORKS, "losses.png")
BUNDLE = (*NETWORKS, "MODEL_CARD.md")
PICTURES = ("roc", "reliability", "seconds", "known", "seen", "confusion")
REPORT = ("metrics.json", "scores.csv", *(f"{name}.png" for name in PICTURES))
PAPER = ("metrics.json", "scores.csv", "roc.png", "losses.png")


@dataclass(frozen=True, slots=True)
class OutputPlan:
    """Every file and folder that a command may replace, what it reads, and what it locks.

    Locked are the file or folder that the user named, except a file that its writer locks.
    """

    written: tuple[Output, ...] = ()
    read: tuple[Path, ...] = ()
    locked_files: tuple[Path, ...] = ()
    locked_folders: tuple[Path, ...] = ()


@contextmanager
def guarded_outputs(options: argparse.Namespace) -> Iterator[None]:
    """Check the outputs of a command against its inputs, then lock both until the end.

    Raises `UsageError` for an output that is an input, `OutputInUse` for one that another run is
    writing, and `RecordError` for a folder that cannot be made.
    """
    plan = _PLANS[options.command](options)
    if plan.written:
        check_outputs_apart(plan.written, plan.read)
    with hold_inputs(plan.read), lock_outputs(plan.locked_files, plan.locked_folders):
        yield


def _extract(options: argparse.Namespace) -> OutputPlan:
    out: Path = options.out
    tracks = _tracks(out)
    return OutputPlan(tracks, _data(options.data), (out,), (tracks[1].path,))


def _all(options: argparse.Namespace) -> OutputPlan:
    out: Path = options.out
    report, work = report_folder_of(out), training_folder_of(out)
    written = (*_networks(out, BUNDLE), *_files(report, (*REPORT, "people.png")))
    return OutputPlan(
        (*written, Output(OUT, work, folder=True)),
        (*_corpus(options), *bundle_files(DEFAULT_BUNDLE)),
        locked_folders=(out, report, work),
    )


def _learn(options: argparse.Namespace) -> OutputPlan:
    out: Path = options.out
    parts = _subfolders(out) if options.protocol == "whole" else (out,)
    written = [each for part in parts for each in _networks(part, LEARNED)]
    checkpoints = [Output(OUT, part / "parts", folder=True) for part in parts]
    return OutputPlan((*written, *checkpoints), (options.tracks,), locked_folders=(out,))


def _features(options: argparse.Namespace) -> OutputPlan:
    read = (*bundle_files(options.learned), options.tracks)
    return OutputPlan((Output(OUT, options.out),), read, locked_files=(options.out,))


def _appearance(options: argparse.Namespace) -> OutputPlan:
    out = (options.out,)
    return OutputPlan((Output(OUT, options.out),), (options.samples,), locked_files=out)


def _boost(options: argparse.Namespace) -> OutputPlan:
    report = (options.report / "metrics.json",) if options.report else ()
    read = (*bundle_files(options.learned), options.features, *report)
    return OutputPlan(_networks(options.out, BUNDLE), read, locked_folders=(options.out,))


def _sample(options: argparse.Namespace) -> OutputPlan:
    read = (path for data in options.data for path in _taught(data))
    return OutputPlan((Output(OUT, options.out),), (*read,), locked_files=(options.out,))


def _expression(options: argparse.Namespace) -> OutputPlan:
    written = [Output("--bundle", output.path) for output in _networks(options.bundle, BUNDLE)]
    read = (options.samples,) if options.samples else bundle_files(options.source)
    return OutputPlan((*written,), (*read,), locked_folders=(options.bundle,))


def _bundle_part(options: argparse.Namespace) -> OutputPlan:
    written = [Output("--bundle", output.path) for output in _networks(options.bundle, BUNDLE)]
    return OutputPlan((*written,), (options.tracks,), locked_folders=(options.bundle,))


def _generate(options: argparse.Namespace) -> OutputPlan:
    if options.out is None:
        return OutputPlan()
    return OutputPlan((Output(OUT, options.out),), _bundle(options))


def _compare(options: argparse.Namespace) -> OutputPlan:
    if options.out is None:
        return OutputPlan()
    read = (options.a, options.b, *_bundle(options))
    return OutputPlan((Output(OUT, options.out),), read, locked_files=(options.out,))


def _score(options: argparse.Namespace) -> OutputPlan:
    if options.out is None:
        return OutputPlan()
    tables = [(OUT, options.out), *([("--ticks", options.ticks)] if options.ticks else [])]
    work = Output(OUT, work_folder_of(options.out), folder=True)
    written = (*(Output(option, path) for option, path in tables), work)
    read = (*(path for path in options.inputs if path.is_file()), *_bundle(options))
    return OutputPlan(written, read, tuple(path for _, path in tables))


def _report(options: argparse.Namespace) -> OutputPlan:
    out: Path = options.out
    extracted = _tracks(out / "tracks.npz") if options.data.is_dir() else ()
    folds = Output(OUT, out / "folds", folder=True)
    read = (*_data(options.data), *_bundle(options))
    return OutputPlan((*_files(out, REPORT), *extracted, folds), read, locked_folders=(out,))


def _paper(options: argparse.Namespace) -> OutputPlan:
    out: Path = options.out
    folders = (Output(OUT, out / name, folder=True) for name in ("work", "networks"))
    return OutputPlan((*_files(out, PAPER), *folders), _data(options.data), locked_folders=(out,))


def _personal(options: argparse.Namespace) -> OutputPlan:
    """Lock the saved person: one run at a time may enrol, update or delete them."""
    name = options.name or options.delete
    return OutputPlan(locked_files=(saved_profile.path_of(name),)) if name else OutputPlan()


_PLANS: dict[str, Callable[[argparse.Namespace], OutputPlan]] = {
    "all": _all,
    "extract": _extract,
    "learn": _learn,
    "features": _features,
    "boost": _boost,
    "sample": _sample,
    "appearance": _appearance,
    "expression": _expression,
    "onsets": _bundle_part,
    "emotions": _bundle_part,
    "generate": _generate,
    "compare": _compare,
    "personal": _personal,
    "report": _report,
    "score": _score,
    "paper": _paper,
}


def report_folder_of(bundle: Path) -> Path:
    """Return where `calibrate all` writes the report of a bundle."""
    return bundle.with_name(bundle.name + ".report")


def training_folder_of(bundle: Path) -> Path:
    """Return where `calibrate all` keeps what the steps before the bundle give."""
    return bundle.with_name(bundle.name + ".work")


def _files(folder: Path, names: tuple[str, ...]) -> tuple[Output, ...]:
    return tuple(Output(OUT, folder / name) for name in names)


def _networks(folder: Path, names: tuple[str, ...]) -> tuple[Output, ...]:
    """Return the files of `names`, and the boosters of an older bundle there, which are removed."""
    boosters = (path.name for path in bundle_files(folder) if path.suffix == ".ubj")
    return _files(folder, (*names, *boosters))


def _tracks(out: Path) -> tuple[Output, Output]:
    """Return a tracks file and the folder of its finished parts, which is emptied at the end."""
    return Output(OUT, out), Output(OUT, out.with_name(out.name + ".parts"), folder=True)


def _data(data: Path) -> tuple[Path, ...]:
    """Return a tracks file, or the clips and labels in a folder; nothing where they are invalid."""
    if not data.is_dir():
        return (data,)
    try:
        labels = labels_of(data)
        return (*([labels] if labels else ()), *(clip.path for clip in find_clips(data)))
    except (GaugeError, OSError):
        return ()  # the command says what is wrong with them


def _corpus(options: argparse.Namespace) -> tuple[Path, ...]:
    """Return the clips and labels to learn from; nothing where they are invalid."""
    data: Path = options.manifest
    if data.is_dir():
        return _data(data)
    try:
        clips, _ = find_labelled(data, ManifestWords.of(options.columns, options.labels))
        return (data, *(clip.path for clip in clips))
    except (GaugeError, OSError):
        return ()  # the command says what is wrong with them


def _taught(data: Path) -> tuple[Path, ...]:
    """Return what `calibrate sample` reads in a folder; nothing where that is invalid."""
    from calibrate.data.expression_samples import TEACHER_FILE, find_taught_clips

    try:
        clips = find_taught_clips(data)
    except (GaugeError, OSError):
        return ()  # the command says what is wrong with them
    labels = labels_of(data)
    return (data / TEACHER_FILE, *([labels] if labels else ()), *(clip.path for clip in clips))


def _bundle(options: argparse.Namespace) -> tuple[Path, ...]:
    return (*bundle_files(options.bundle or DEFAULT_BUNDLE), *bundle_files(DEFAULT_BUNDLE), CLIP)


def _subfolders(out: Path) -> tuple[Path, ...]:
    from calibrate.learning.fit_whole_clips import PARTS

    return tuple(out / part for part in PARTS)
