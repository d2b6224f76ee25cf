"""Command line of `calibrate`: from labelled clips to a bundle, in the order of the work."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path

from calibrate.commands.support.arguments import (
    BUNDLE,
    add_cluster,
    add_jobs,
    add_known,
    add_learned,
    add_manifest_words,
    add_out,
    add_provenance,
    add_seed,
    add_tracks,
    add_training,
)
from calibrate.commands.support.order_of_work import overview
from realtime.app.cli import Parser
from realtime.app.command_guard import Command, quiet_imports, run_guarded
from realtime.app.completion import add_completion
from realtime.core.errors import UsageError


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command of `calibrate`."""
    root = Parser(
        "calibrate",
        description="Train and evaluate the bundle of the live gauge from labelled clips.",
        allow_abbrev=False,
    )
    root.add_argument("--debug", action="store_true", help="show tracebacks")
    add_completion(root)
    commands = root.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", parser_class=Parser
    )
    for name, (add_options, text) in COMMANDS.items():
        add_options(commands.add_parser(name, help=text))
    return root


def _add_all(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "manifest",
        type=Path,
        help="a table with clip, person, emotion and label in each row, or a folder as for extract",
    )
    add_out(command, "the bundle folder to write")
    add_manifest_words(command)
    command.add_argument("--emotion", help="what clips show whose row of the manifest names none")
    command.add_argument(
        "--folds", type=int, default=5, help="folds of people in the report (default: 5)"
    )
    add_known(command)
    command.add_argument(
        "--halvings",
        type=int,
        default=2,
        metavar="N",
        help="points of the learning curve below all people: 1/2, 1/4, ... (default: 2)",
    )
    add_jobs(command, "clips and folds")
    add_cluster(command)
    add_training(command)
    add_provenance(command)


def _add_extract(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "data", type=Path, help="a folder with labels.csv and clips/, or the SASE-FE folders"
    )
    add_out(command, "the tracks file to write (.npz)")
    add_jobs(command, "clips")
    add_cluster(command)


def _add_learn(command: argparse.ArgumentParser) -> None:
    add_tracks(command)
    add_out(command, "the folder for networks and loss curves")
    add_jobs(command, "networks")
    add_cluster(command)
    _add_protocol(command)
    add_training(command)


def _add_features(command: argparse.ArgumentParser) -> None:
    add_learned(command)
    add_tracks(command)
    add_out(command, "the features file to write (.npz)")


def _add_boost(command: argparse.ArgumentParser) -> None:
    add_learned(command)
    command.add_argument("features", type=Path, help="the file that calibrate features wrote")
    command.add_argument(
        "--report", type=Path, help="a cross-validated report whose scores set the calibration"
    )
    add_provenance(command)
    add_out(command, "the bundle folder to write")


def _add_sample(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "data",
        type=Path,
        nargs="+",
        help="folders with clips/ and the teacher's file blendshapes_mediapipe.npz",
    )
    add_out(command, "the samples file to write (.npz)")
    add_jobs(command, "clips")


def _add_expression(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--bundle", type=Path, required=True, help="the bundle to add the read-out to"
    )
    source = command.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "samples", type=Path, nargs="?", help="the file that calibrate sample wrote"
    )
    source.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="BUNDLE",
        help="take over the read-out of this bundle, with its limits, instead of learning one",
    )
    command.add_argument("--gate", action="store_true", help="let the gate use the read-out, too")
    command.add_argument(
        "--data-name", metavar="TEXT", help="name and terms of the clips, for the model card"
    )
    add_seed(command)


def _add_bundle_part(part: str, command: argparse.ArgumentParser) -> None:
    add_tracks(command)
    command.add_argument("--bundle", type=Path, required=True, help=f"the bundle to add {part} to")


def _add_appearance(command: argparse.ArgumentParser) -> None:
    command.add_argument("samples", type=Path, help="the file that calibrate sample wrote")
    add_out(command, "the components file to write (.npy)")


def _add_generate(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--emotion", default="any", help="one of the bundle's emotions (default: any)"
    )
    command.add_argument(
        "--pb",
        choices=("genuine", "fake", "both"),
        default="both",
        help="which prototype to play (default: both, side by side)",
    )
    command.add_argument(
        "--seconds", type=float, help="duration (default: one window of the model)"
    )
    command.add_argument(
        "--bundle", type=Path, help="bundle or learned folder (default: the packaged bundle)"
    )
    output = command.add_mutually_exclusive_group(required=True)
    output.add_argument(
        "-o", "--out", type=Path, help="the animation (.gif, .mp4) or landmarks (.npz) to write"
    )
    output.add_argument(
        "--check",
        type=Path,
        metavar="TRACKS",
        help="measure instead how well the prototypes reproduce these clips",
    )


def _add_report(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data", type=Path, required=True, help="labelled clips, or a tracks file made of them"
    )
    add_out(command, "the folder to write")
    command.add_argument("--bundle", type=Path, help=BUNDLE)
    add_known(command)
    command.add_argument(
        "--cross-validate",
        type=int,
        metavar="FOLDS",
        help="train everything again for each fold of people",
    )
    add_jobs(command, "folds")
    add_cluster(command)
    _add_protocol(command)
    add_training(command)


def _add_paper(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--data", type=Path, required=True, help="the SASE-FE folders, or labels.csv and clips/"
    )
    add_out(command, "the folder to write")
    command.add_argument(
        "--preset", choices=("live", "paper"), default="paper", help="network size (default: paper)"
    )
    command.add_argument(
        "--epochs", type=int, default=100, help="epochs of each network (default: 100)"
    )
    command.add_argument(
        "--batch", type=int, default=1, help="sequences per training step (default: 1)"
    )
    command.add_argument(
        "--hz", type=float, help="resample clips to this rate (default: every frame)"
    )
    command.add_argument(
        "--passes", type=int, default=10, help="crops of each training clip (default: 10)"
    )
    command.add_argument(
        "--test-passes", type=int, default=20, help="crops of each held-out clip (default: 20)"
    )
    command.add_argument(
        "--steps", type=int, default=10, help="recognition steps on each PB (default: 10)"
    )
    add_jobs(command, "tasks")
    add_seed(command)


def _add_score(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "inputs",
        metavar="INPUT",
        nargs="+",
        type=Path,
        help="videos, folders of videos, or manifests: a table with a clip in each row",
    )
    command.add_argument(
        "-o", "--out", type=Path, help="the table to write (.csv, .jsonl or .parquet)"
    )
    command.add_argument(
        "--check", action="store_true", help="look at the clips and labels, and score nothing"
    )
    add_manifest_words(command)
    command.add_argument(
        "--emotion", default="any", help="emotion of clips that name none (default: any)"
    )
    command.add_argument(
        "--most-known",
        type=int,
        default=60,
        metavar="N",
        help="other clips that a person is known from, at most (default: 60)",
    )
    command.add_argument(
        "--group-faces", action="store_true", help="find out who is the same person by the faces"
    )
    command.add_argument(
        "--ticks", type=Path, metavar="FILE", help="also write a table with a row per reading"
    )
    command.add_argument(
        "--fail-fast", action="store_true", help="end at the first clip that cannot be read"
    )
    command.add_argument("--bundle", type=Path, help=BUNDLE)
    add_jobs(command, "clips")
    add_cluster(command)


def _add_compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("a", metavar="A", type=Path, help="a video of the person")
    command.add_argument("b", metavar="B", type=Path, help="another video of the same person")
    command.add_argument("--emotion", required=True, help="the emotion that both show")
    command.add_argument(
        "-o", "--out", type=Path, help="plot both movements over each other into this file"
    )
    command.add_argument("--bundle", type=Path, help=BUNDLE)


def _add_personal(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "name", metavar="NAME", nargs="?", help="enrol this person, at the camera or from --clips"
    )
    source = command.add_mutually_exclusive_group()
    source.add_argument("--camera", metavar="N", help="camera number or /dev/videoN (default: 0)")
    source.add_argument(
        "--replay", metavar="FILE", type=Path, help="a recorded session instead of the camera"
    )
    source.add_argument(
        "--clips", metavar="DIR", type=Path, help="a folder of the person's videos instead"
    )
    command.add_argument(
        "--recursive", action="store_true", help="with --clips: read the folders in it, too"
    )
    command.add_argument(
        "--unlabelled", action="store_true", help="use no labels: fit no personal calibration"
    )
    command.add_argument("--list", action="store_true", help="list the saved people")
    command.add_argument("--show", metavar="NAME", help="show what is saved of a person")
    command.add_argument("--delete", metavar="NAME", help="delete a saved person")
    command.add_argument("--bundle", type=Path, help=BUNDLE)


def _add_protocol(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--protocol",
        choices=("live", "whole"),
        default="live",
        help="part of each clip: its apex, as live, or, to compare, all of it (default: live)",
    )


COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], str]] = {
    "score": (_add_score, "score a corpus: one row for each clip"),
    "all": (_add_all, "do all of it: from labelled clips to a bundle with its report"),
    "extract": (_add_extract, "extract landmark tracks from clips, with the live code"),
    "learn": (_add_learn, "train the networks (learning mode)"),
    "features": (_add_features, "compute out-of-fold features (recognition mode)"),
    "boost": (_add_boost, "fit boosters and calibration, and write the bundle"),
    "sample": (_add_sample, "sample faces with a teacher's blendshapes, for the read-out"),
    "expression": (
        _add_expression,
        "add an expression read-out to a bundle: learned, or another's",
    ),
    "onsets": (
        partial(_add_bundle_part, "the speeds of onsets"),
        "measure how fast expressions begin, and add it to a bundle",
    ),
    "emotions": (
        partial(_add_bundle_part, "the emotion classifier"),
        "learn to distinguish emotions, and add the classifier to a bundle",
    ),
    "appearance": (_add_appearance, "learn the components of how faces look"),
    "generate": (_add_generate, "play a face from a prototype (generation mode)"),
    "compare": (_add_compare, "compare two clips of one person: which is more genuine?"),
    "personal": (_add_personal, "enrol a person and save them by name"),
    "report": (_add_report, "compute metrics and plots on held-out people"),
    "paper": (_add_paper, "run the paper's protocol, from clips to its tables"),
}


BUNDLE_PARTS = {"emotions", "expression", "onsets"}  # what is added to a bundle that is there

INTERRUPTED = "stopped; run the same command again to continue"


def main(argv: Sequence[str] | None = None) -> int:
    """Run `calibrate` and return 0 on success, 2 for a usage error, 1 for any other error."""
    return run_guarded(Command("calibrate", _run, INTERRUPTED, 1), argv)


def _run(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    if options.command is None:
        print(overview({name: text for name, (_, text) in COMMANDS.items()}))
        return 0
    command = _load_command(options.command)

    from calibrate.commands.support.output_check import guarded_outputs

    with guarded_outputs(options), _opened_pool(options):
        command(options)
    return 0


@contextmanager
def _opened_pool(options: argparse.Namespace) -> Iterator[None]:
    """Put the pool of a cluster in place of `options.jobs` where one was asked for."""
    if getattr(options, "scheduler", None) is None and getattr(options, "workers", None) is None:
        yield
        return
    from calibrate.cluster import Place, opened_place

    with opened_place(Place(options.jobs, options.scheduler, options.workers)) as options.jobs:
        yield


def module_of(command: str) -> str:
    """Return the name of the module of a command."""
    folder = "calibrate.commands.parts" if command in BUNDLE_PARTS else "calibrate.commands"
    return f"{folder}.{command}"


def _load_command(name: str) -> Callable[[argparse.Namespace], None]:
    try:
        command: Callable[[argparse.Namespace], None]
        with quiet_imports():
            command = import_module(module_of(name)).run
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"calibrate needs {missing.name}; install it with pip install '.[calibrate]' in the"
            " project folder"
        ) from missing
    return command
