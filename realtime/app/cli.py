"""Command line of the live gauge; heavy modules are imported once the options are valid."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from realtime.app.command_guard import Command, quiet_imports, run_guarded, say
from realtime.app.completion import add_completion
from realtime.app.suggestions import is_address, unknown_arguments, without_password
from realtime.core.errors import UsageError
from realtime.core.labels import DLIB, KERNEL

EPILOG = """examples:
  realtime --camera 0 --emotion surprise          watch yourself
  realtime --replay clip.mp4 --emotion happiness  play a file at its own pace
  realtime --demo                                 play the packaged clip; needs no camera

keys: q quit, n reset the neutral face, e next emotion, g ghost faces, r record a video, space next
step of --guide"""


class Parser(argparse.ArgumentParser):
    """argparse parser that raises `UsageError` of one line instead of printing the usage."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.register("type", Path, _path)  # `type=Path` alone takes an empty name for a folder

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` with argparse's message."""
        raise UsageError(f"{message}. See {self.prog} --help")

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse `args`, by default those of the process; an unknown one gets a suggestion."""
        given = list(sys.argv[1:] if args is None else args)
        options, rest = self.parse_known_args(given, namespace)
        if rest:
            known = self._option_string_actions
            raise UsageError(unknown_arguments(self.prog, rest, given, known))
        return options


def parser() -> argparse.ArgumentParser:
    """Return the parser with every option of `realtime`, grouped by what people want to do."""
    command = Parser(
        "realtime",
        description="A live gauge of whether the emotion on a face is genuine or fake.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage="realtime [--camera N | --replay FILE ... | --url URL | --demo] [options]",
        add_help=False,  # it is one of the last group
    )
    for title, add_options in GROUPS.items():
        add_options(command.add_argument_group(title))
    return command


def _add_sources(group: argparse._ArgumentGroup) -> None:
    source = group.add_mutually_exclusive_group()
    source.add_argument("--camera", metavar="N", help="camera number or /dev/videoN (default: 0)")
    source.add_argument(
        "--replay",
        metavar="FILE",
        type=_file,
        nargs="+",
        help="video files, or folders of them, at their own pace",
    )
    source.add_argument(
        "--url",
        help="network camera: rtsp://... or http://...; its user and password may be "
        "${NAME}s of the environment",
    )
    source.add_argument(
        "--demo",
        action="store_true",
        help="play the packaged demo clip (emotion: surprise); with --serve again and again",
    )
    group.add_argument(
        "--tour", action="store_true", help="with --demo: say on the screen what is seen"
    )
    group.add_argument(
        "--recursive",
        action="store_true",
        help="with --replay: read the folders in a named folder, too",
    )
    group.add_argument(
        "--size", metavar="WxH", help="request this frame size from the camera, such as 1280x720"
    )
    group.add_argument(
        "--rate",
        metavar="HZ",
        help="request this frame rate from the camera; a file: its true rate, if it declares a "
        "wrong one",
    )
    group.add_argument(
        "--stream",
        metavar="N",
        type=int,
        help="file or address only: play picture stream N instead of the main one",
    )


def _add_playback(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--from", dest="from_s", metavar="T", help="file only: start at T, such as 12s or 1:30"
    )
    group.add_argument("--to", dest="to_s", metavar="T", help="file only: end at T")
    group.add_argument(
        "--neutral-at",
        metavar="T",
        help="file only: the face is at rest at T; without it the gauge looks for that itself",
    )
    group.add_argument("--loop", action="store_true", help="file only: repeat without end")
    group.add_argument("--speed", metavar="X", help="file only: play X times as fast, such as 0.5")
    group.add_argument(
        "--fast", action="store_true", help="file only: as fast as possible; implies --lossless"
    )
    group.add_argument(
        "--lossless", action="store_true", help="file only: drop no frame, however long it takes"
    )


def _add_judging(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--emotion",
        help="emotion to judge: anger, contempt, disgust, fear, happiness, sadness, surprise, "
        "any (default), all (one row per emotion) or auto (the one that fits best)",
    )
    group.add_argument(
        "--faces",
        metavar="N",
        type=int,
        default=1,
        help="follow up to N faces at once, each with readings of its own (default: 1, the "
        "largest)",
    )
    group.add_argument(
        "--person",
        metavar="NAME",
        help="expect this person; calibrate personal NAME saves a profile",
    )
    group.add_argument(
        "--learn",
        action="store_true",
        help="with --person: update NAME's profile from this run once segments confirm the person",
    )
    group.add_argument(
        "--bundle", metavar="DIR", type=Path, help="model bundle to use instead of the packaged one"
    )
    group.add_argument(
        "--engine",
        default="auto",
        help="engine that runs the networks: auto (default), native, torch, onnx, ...",
    )
    group.add_argument(
        "--landmarks",
        choices=(KERNEL, DLIB),
        default=KERNEL,
        help="what fits the landmarks: kernel (default) or dlib itself, which is slower",
    )


def _add_views(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--no-window", action="store_true", help="show the gauge in the terminal only"
    )
    group.add_argument(
        "--headless",
        action="store_true",
        help="show nothing until the summary at the end, but a lost signal and its return",
    )
    group.add_argument(
        "--guide",
        action="store_true",
        help="lead through two takes, one felt and one posed, and show them side by side "
        "(emotion: happiness); the takes are kept until you quit",
    )
    group.add_argument(
        "--language",
        metavar="CODE",
        default="en",
        help="language of what is shown: en (default), de, or auto, that of the locale",
    )


def _add_outputs(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--record",
        metavar="FILE",
        type=Path,
        action="append",
        help="write verdicts to FILE.jsonl or FILE.csv, a FIFO, or - for standard output; or a "
        "video to FILE.mp4; repeatable",
    )
    group.add_argument(
        "--record-limit",
        metavar="MB",
        type=float,
        help="keep only the newest MB megabytes of the record",
    )
    group.add_argument(
        "--osc", metavar="HOST:PORT", help="send the readings to this address by Open Sound Control"
    )
    group.add_argument(
        "--lsl",
        metavar="NAME",
        help="offer the readings on the local network as the Lab Streaming Layer stream NAME",
    )


def _add_web(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--serve",
        metavar="[HOST:]PORT",
        help="show the gauge in browsers and give its readings to programs; this machine only "
        "unless a HOST is named (port 0: any free one)",
    )
    group.add_argument(
        "--serve-video", action="store_true", help="with --serve: show the picture, too"
    )
    group.add_argument(
        "--serve-token",
        metavar="TOKEN",
        help="with --serve: what clients must know (made and printed if HOST is not this machine)",
    )
    group.add_argument(
        "--serve-cert", metavar="FILE", type=Path, help="with --serve: TLS certificate, PEM"
    )
    group.add_argument(
        "--serve-key", metavar="FILE", type=Path, help="with --serve: key of the certificate, PEM"
    )


def _add_help(group: argparse._ArgumentGroup) -> None:
    group.add_argument("-h", "--help", action="help", help="show this help and exit")
    group.add_argument(
        "--doctor", action="store_true", help="check this machine and installation, then exit"
    )
    group.add_argument(
        "--list-cameras", action="store_true", help="list the cameras and their modes, then exit"
    )
    group.add_argument(
        "--profile",
        metavar="FILE",
        nargs="?",
        const="",
        action="append",
        help="profile the stages; also write FILE.json (Chrome trace) or FILE.html; repeatable",
    )
    group.add_argument(
        "--yes", action="store_true", help="confirm that you have read the first-run notice"
    )
    group.add_argument("--debug", action="store_true", help="show tracebacks and library messages")
    group.add_argument("--version", action="store_true", help="print the version and exit")
    add_completion(group)


GROUPS: dict[str, Callable[[argparse._ArgumentGroup], None]] = {
    "what to watch": _add_sources,
    "how to play a file": _add_playback,
    "what to judge, and whom": _add_judging,
    "what to show": _add_views,
    "records, and readings for other programs": _add_outputs,
    "in browsers": _add_web,
    "help and checks": _add_help,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run `realtime`; return 0 on success, 2 for a usage error, 1 for any other error."""
    return run_guarded(Command("realtime", _run, "stopped before it started", 0), argv)


def _path(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("the name is empty; want a file or folder")
    return Path(text)


def _file(text: str) -> Path:
    """Return the path of a file or folder; raises `UsageError` for an address."""
    if is_address(text):
        raise UsageError(f"--replay takes files. Use --url {without_password(text)}")
    return _path(text)


def _run(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    if options.version:
        from importlib.metadata import version

        print(f"realtime {version('genuine-gauge')}")
        return 0
    if options.list_cameras:
        from realtime.capture.live.list_cameras import camera_lines, find_cameras

        print("\n".join(camera_lines(find_cameras())))
        return 0
    if options.doctor:  # before anything is imported that it checks
        from realtime.app.doctor import run_checks

        emotion = options.emotion or ("surprise" if options.demo else "any")
        return run_checks(options.engine, emotion, options.bundle)
    return _watch(options)


def _watch(options: argparse.Namespace) -> int:
    """Run the gauge."""
    with quiet_imports():
        import cv2  # noqa: F401 - first: NumPy's complaint about a wrong version is held back

        from realtime.app.consent_notice import show_notice
        from realtime.app.main import run
        from realtime.app.options import Options
        from realtime.view.words.catalogue import choose_language

    choose_language(options.language, os.environ)
    run_options = Options.of(options)
    if run_options.left_out:
        say("realtime", f"note: {run_options.left_out}")
    show_notice(yes=options.yes)
    return run(run_options)
