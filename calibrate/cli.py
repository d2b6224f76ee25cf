"""The command line of learning: from labelled clips to a bundle, in the order of the work."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from engines.errors import GaugeError
from realtime.app.cli import Parser
from realtime.core.errors import UsageError


def parser() -> argparse.ArgumentParser:
    """Every command of `calibrate` with its options."""
    made = Parser(
        "calibrate",
        description="From labelled clips to a bundle that the live gauge runs.",
        allow_abbrev=False,
    )
    made.add_argument("--debug", action="store_true", help="show tracebacks")
    commands = made.add_subparsers(dest="command", required=True, parser_class=Parser)

    extract = commands.add_parser("extract", help="clips -> landmark tracks, by the live code")
    extract.add_argument(
        "data", type=Path, help="a folder with labels.csv and clips/, or the SASE-FE folders"
    )
    extract.add_argument(
        "-o", "--out", type=Path, required=True, help="the tracks file to write (.npz)"
    )
    extract.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="clips at a time (default: all cores)"
    )

    learn = commands.add_parser("learn", help="learning mode: tracks -> networks")
    _add_tracks(learn)
    learn.add_argument(
        "-o", "--out", type=Path, required=True, help="the folder for networks and loss curves"
    )
    _add_plan(learn)

    harvest = commands.add_parser(
        "harvest", help="recognition mode: what the networks say of people they never saw"
    )
    harvest.add_argument("learned", type=Path, help="the folder that calibrate learn wrote")
    _add_tracks(harvest)
    harvest.add_argument(
        "-o", "--out", type=Path, required=True, help="the harvest file to write (.npz)"
    )

    boost = commands.add_parser(
        "boost", help="boosters and probabilities: networks and harvest -> bundle"
    )
    boost.add_argument("learned", type=Path, help="the folder that calibrate learn wrote")
    boost.add_argument("harvest", type=Path, help="the file that calibrate harvest wrote")
    boost.add_argument(
        "--report", type=Path, help="a cross-validated report: its scores set the probabilities"
    )
    boost.add_argument("-o", "--out", type=Path, required=True, help="the bundle folder to write")

    generate = commands.add_parser("generate", help="generation mode: a prototype plays a face")
    generate.add_argument(
        "--emotion", default="any", help="one of the bundle's emotions (default: any)"
    )
    generate.add_argument(
        "--pb",
        choices=("genuine", "fake", "both"),
        default="both",
        help="whose prototype (default: both, side by side)",
    )
    generate.add_argument(
        "--seconds", type=float, help="how long it plays (default: one window of the model)"
    )
    generate.add_argument(
        "--bundle",
        type=Path,
        help="the bundle or learned folder to ask (default: the packaged bundle)",
    )
    aim = generate.add_mutually_exclusive_group(required=True)
    aim.add_argument(
        "-o", "--out", type=Path, help="the picture (.gif, .mp4) or points (.npz) to write"
    )
    aim.add_argument(
        "--check",
        type=Path,
        metavar="TRACKS",
        help="instead: how faithful the prototypes are to these clips",
    )

    _add_compare(
        commands.add_parser("compare", help="two clips of one person: which is the more genuine?")
    )
    _add_personal(
        commands.add_parser("personal", help="get to know somebody and save them by name")
    )

    report = commands.add_parser("report", help="figures and pictures on people held out")
    report.add_argument(
        "--data", type=Path, required=True, help="labelled clips, or a tracks file made of them"
    )
    report.add_argument("-o", "--out", type=Path, required=True, help="the folder to write")
    report.add_argument("--bundle", type=Path, help="the bundle to ask (default: the packaged one)")
    report.add_argument(
        "--known",
        type=int,
        default=10,
        help="other unlabelled clips known of each person (default: 10)",
    )
    report.add_argument(
        "--cross-validate",
        type=int,
        metavar="FOLDS",
        help="learn everything anew per fold, by person",
    )
    report.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="folds at a time (default: all cores)"
    )
    _add_plan(report)

    _add_paper(
        commands.add_parser("paper", help="the paper's own protocol, from clips to its tables")
    )
    return made


def _add_paper(paper: argparse.ArgumentParser) -> None:
    paper.add_argument(
        "--data", type=Path, required=True, help="the SASE-FE folders, or labels.csv and clips/"
    )
    paper.add_argument("-o", "--out", type=Path, required=True, help="the folder to write")
    paper.add_argument(
        "--preset",
        choices=("live", "paper"),
        default="paper",
        help="size of the networks (default: paper)",
    )
    paper.add_argument(
        "--epochs", type=int, default=100, help="epochs of each network (default: 100)"
    )
    paper.add_argument(
        "--batch", type=int, default=1, help="sequences learned from at a time (default: 1)"
    )
    paper.add_argument(
        "--hz", type=float, help="frames a second that networks see (default: every frame)"
    )
    paper.add_argument(
        "--passes", type=int, default=10, help="passes over a clip to learn from (default: 10)"
    )
    paper.add_argument(
        "--test-passes", type=int, default=20, help="passes over a clip held out (default: 20)"
    )
    paper.add_argument(
        "--steps", type=int, default=10, help="recognition steps on each PB (default: 10)"
    )
    paper.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count() or 1,
        help="pieces at a time (default: all cores)",
    )
    paper.add_argument(
        "--seed", type=int, default=0, help="same seed and machine, same bytes (default: 0)"
    )


def _add_compare(command: argparse.ArgumentParser) -> None:
    command.add_argument("a", metavar="A", type=Path, help="a video of the person")
    command.add_argument("b", metavar="B", type=Path, help="another video of the same person")
    command.add_argument("--emotion", required=True, help="the emotion that both show")
    command.add_argument(
        "-o", "--out", type=Path, help="draw both movements over each other into this picture"
    )
    command.add_argument(
        "--bundle", type=Path, help="the bundle to ask (default: the packaged one)"
    )


def _add_personal(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "name", metavar="NAME", nargs="?", help="who is got to know, at the camera or from --clips"
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
        "--unlabelled", action="store_true", help="no expression told felt or posed"
    )
    command.add_argument("--list", action="store_true", help="who is saved")
    command.add_argument("--show", metavar="NAME", help="what is saved of somebody")
    command.add_argument("--delete", metavar="NAME", help="forget somebody")
    command.add_argument(
        "--bundle", type=Path, help="the bundle to learn with (default: the packaged one)"
    )


def _add_tracks(command: argparse.ArgumentParser) -> None:
    command.add_argument("tracks", type=Path, help="the file that calibrate extract wrote")


def _add_plan(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--preset",
        choices=("live", "paper"),
        default="live",
        help="size of the networks (default: live)",
    )
    command.add_argument(
        "--protocol",
        choices=("live", "whole"),
        default="live",
        help="what is seen of a clip: its apex, as live, or all of it, to compare with (default: live)",
    )
    command.add_argument(
        "--epochs", type=int, help="epochs of each network (default: the preset's)"
    )
    command.add_argument(
        "--bags",
        type=int,
        help="networks that boosters learn from, each without a part of the people",
    )
    command.add_argument(
        "--seed", type=int, default=0, help="same seed and machine, same bytes (default: 0)"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run `calibrate`; the exit code is 0 when it ran, 2 for a usage error, 1 for any other."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # folds and clips are what runs in parallel
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        options = parser().parse_args(arguments)
        _command(options.command)(options)
    except GaugeError as error:
        if "--debug" in arguments:
            traceback.print_exc()
        print(f"calibrate: {type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("calibrate: stopped; run the same command again to go on", file=sys.stderr)
        return 1
    return 0


def _command(name: str) -> Callable[[argparse.Namespace], None]:
    try:
        commands = import_module("calibrate.commands")
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"calibrate needs {missing.name}; try: pip install '.[calibrate]' in the project's folder"
        ) from None
    found: Callable[[argparse.Namespace], None] = getattr(commands, name)
    return found
