"""The command line of the live gauge. Options are read here; all that is heavy is imported once they are right."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from engines.errors import GaugeError
from realtime.core.errors import UsageError

EPILOG = """examples:
  realtime --camera 0 --emotion surprise          watch yourself
  realtime --replay clip.mp4 --emotion happiness  a file at its own pace
  realtime --demo                                 the packaged clip, no camera needed

keys: q quit, n take the neutral face anew, e next emotion, g ghosts, r record a video"""


class Parser(argparse.ArgumentParser):
    """argparse whose errors are one line of ours, not a page of usage."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """Every option of `realtime`."""
    made = Parser(
        "realtime",
        description="A live gauge of whether the emotion on a face is genuine or fake.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    source = made.add_mutually_exclusive_group()
    source.add_argument("--camera", metavar="N", help="camera number or /dev/videoN (default: 0)")
    source.add_argument(
        "--replay",
        metavar="FILE",
        type=Path,
        nargs="+",
        help="recorded videos or folders of them, at their own pace",
    )
    source.add_argument("--url", help="a network camera: rtsp://... or http://...")
    source.add_argument(
        "--demo", action="store_true", help="the packaged demo clip (emotion: surprise)"
    )
    made.add_argument(
        "--list-cameras", action="store_true", help="list the cameras with their modes, and end"
    )
    made.add_argument(
        "--size", metavar="WxH", help="ask the camera for this size, such as 1280x720"
    )
    made.add_argument("--rate", metavar="HZ", help="ask the camera for so many frames a second")
    made.add_argument("--from", dest="from_s", metavar="T", help="of a file: begin at 12s or 1:30")
    made.add_argument("--to", dest="to_s", metavar="T", help="of a file: end there")
    made.add_argument("--loop", action="store_true", help="of a file: over and over")
    made.add_argument(
        "--speed", metavar="X", help="of a file: so many times as fast as it was, such as 0.5"
    )
    made.add_argument(
        "--emotion",
        help="anger, contempt, disgust, fear, happiness, sadness, surprise, any (default), all (a row each) "
        "or auto (the one that fits best)",
    )
    made.add_argument(
        "--bundle", metavar="DIR", type=Path, help="another bundle than the packaged one"
    )
    made.add_argument(
        "--engine",
        default="auto",
        help="who runs the networks: auto (default), native, torch, onnx, ...",
    )
    made.add_argument(
        "--person", metavar="NAME", help="who is expected, as calibrate personal NAME saved them"
    )
    made.add_argument(
        "--learn", action="store_true", help="with --person: save what this run learns of them"
    )
    made.add_argument(
        "--record",
        metavar="FILE",
        type=Path,
        action="append",
        help="write the verdicts to FILE.jsonl or FILE.csv, what is seen to FILE.mp4; may be given again",
    )
    made.add_argument(
        "--record-limit", metavar="MB", type=float, help="keep the newest MB megabytes of it only"
    )
    made.add_argument(
        "--profile",
        metavar="FILE",
        nargs="?",
        const="",
        action="append",
        help="show where the time goes; to FILE.json (Chrome trace) or FILE.html too; may be given again",
    )
    made.add_argument(
        "--headless",
        action="store_true",
        help="no gauge and no window: the summary at the end only",
    )
    made.add_argument("--no-window", action="store_true", help="the terminal gauge only")
    made.add_argument(
        "--lossless",
        action="store_true",
        help="of a file: judge every frame, however long it takes",
    )
    made.add_argument(
        "--fast", action="store_true", help="of a file: every frame too, and without its own pace"
    )
    made.add_argument(
        "--yes", action="store_true", help="the notice of the first run has been read"
    )
    made.add_argument(
        "--debug", action="store_true", help="show tracebacks and what the libraries print"
    )
    made.add_argument(
        "--doctor", action="store_true", help="say what this machine has and lacks, and end"
    )
    made.add_argument("--version", action="store_true", help="print the version and end")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run `realtime`; the exit code is 0 when it ran, 2 for a usage error, 1 for any other."""
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # numpy's products here are small: more threads wait in circles
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # what a C locale cannot show becomes a question mark, not an end
    try:
        return _run(arguments)
    except GaugeError as error:
        if "--debug" in arguments:
            traceback.print_exc()
        print(f"realtime: {type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("realtime: stopped before it began", file=sys.stderr)
        return 0
    except BrokenPipeError:  # whoever read our lines has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ImportError as error:
        if "--debug" in arguments:
            traceback.print_exc()
        print(f"realtime: {error}. See the questions at the end of the README", file=sys.stderr)
        return 1


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

    from realtime.app.options import Options

    config = Options.of(options)
    if options.doctor:
        from realtime.app.doctor import run_checks

        return run_checks(config.engine, config.emotion, config.bundle)

    from realtime.app.consent_notice import show_notice

    show_notice(yes=options.yes)

    from realtime.app.main import run

    return run(config)
