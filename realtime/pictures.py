"""Make the README's pictures from the demo clip, judged frame by frame by the real pipeline.

    python -m realtime.pictures -o docs/pictures

Readings are the same every time; frame rates and ages are those of the machine. It takes as long as the clip.
"""

from __future__ import annotations

import argparse
import io
import sys
import threading
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import cv2
from rich.console import Console

from engines.bundle import DEFAULT, Bundle
from engines.errors import GaugeError
from engines.registry import choose
from realtime import load
from realtime.capture.demo import Demo
from realtime.clock import SystemClock
from realtime.landmarks.reader import FaceReader
from realtime.motion.motion import Motion
from realtime.pipeline import Pipeline
from realtime.snapshot import Setting, Snapshot
from realtime.values import State, Verdict
from realtime.view.overlay import draw
from realtime.view.panel import render

EMOTION = "surprise"
SIZE = (80, 24)  # the terminal that everyone has
LOOK_S = 0.05
JPEG_QUALITY = 88


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m realtime.pictures", description="Make the README's pictures.")
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/pictures"), metavar="DIR")
    out: Path = parser.parse_args(arguments).out
    try:
        made = write(out, moments(paced=True))
    except GaugeError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    print("\n".join(f"{path}: {path.stat().st_size / 1000:.0f} kB" for path in made))
    return 0


def moments(*, paced: bool) -> list[Snapshot]:
    """The gauge as it stood after each verdict on the demo clip. Paced, the frame shown is the one that was judged."""
    bundle, clock, done = Bundle.load(DEFAULT), SystemClock(), threading.Event()
    engine, _ = choose(load.weights(bundle, EMOTION))
    judge, timing = load.judge(bundle, EMOTION, EMOTION, engine), load.timing(bundle)
    judge.warm_up()
    setting = Setting(Demo(paced, clock).name, EMOTION, engine, timing.window_s, timing.stride_s)
    motion = Motion(timing, load.population(bundle), load.basis(bundle))
    seen: list[Snapshot] = []

    def keep(_: Verdict) -> None:
        seen.append(pipeline.snapshot())

    pipeline = Pipeline(setting, Demo(paced, clock), FaceReader(), motion, judge, clock, lossless=True, on_verdict=keep)
    pipeline.start()
    while pipeline.running:
        done.wait(LOOK_S)
    pipeline.stop()
    pipeline.raise_failure()
    return seen


def write(out: Path, seen: Sequence[Snapshot]) -> list[Path]:
    """The terminal gauge while it judges and while it does not, and the window while it judges."""
    out.mkdir(parents=True, exist_ok=True)
    reading, neutral = _reading(seen), _neutral(seen)
    made = [out / "gauge-judging.svg", out / "gauge-neutral.svg", out / "window.jpg"]
    made[0].write_text(svg(reading))
    made[1].write_text(svg(neutral))
    cv2.imwrite(str(made[2]), draw(reading), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return made


def svg(snapshot: Snapshot) -> str:
    """The terminal gauge at that moment, as Rich exports it."""
    console = Console(
        record=True, width=SIZE[0], height=SIZE[1], file=io.StringIO(), force_terminal=True, legacy_windows=False
    )
    console.print(render(snapshot, SIZE), end="")
    return console.export_svg(title="realtime --demo")


def _reading(seen: Sequence[Snapshot]) -> Snapshot:
    """The middle of the last stretch of readings, when the history has something to show."""
    stretches = [list(stretch) for judged, stretch in groupby(seen, _judged) if judged]
    if not stretches:
        raise GaugeError(f"the demo clip gave no reading in {len(seen)} verdicts. Is the packaged bundle whole?")
    return stretches[-1][len(stretches[-1]) // 2]


def _neutral(seen: Sequence[Snapshot]) -> Snapshot:
    """The last moment without an expression."""
    for snapshot in reversed(seen):
        if snapshot.verdict is not None and snapshot.verdict.state is State.NEUTRAL:
            return snapshot
    raise GaugeError(f"the demo clip was neutral in none of {len(seen)} verdicts. Is the packaged bundle whole?")


def _judged(snapshot: Snapshot) -> bool:
    return snapshot.verdict is not None and snapshot.verdict.state.judged


if __name__ == "__main__":
    sys.exit(main())
