"""Make the README's pictures from the demo clip, judged frame by frame by the real pipeline.

    python -m realtime.tools.readme_pictures -o docs/pictures

Readings are the same every time; frame rates, ages and the profile are those of the machine. It takes twice as long as
the clip.
"""

from __future__ import annotations

import argparse
import io
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import cv2
from rich.console import Console

from engines.bundle.bundle import DEFAULT, Bundle
from engines.errors import GaugeError
from engines.registry import choose_engine
from realtime.capture.demo import DemoClip
from realtime.core.clock import SystemClock
from realtime.core.messages import State, Verdict
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.core.tracing import LANDMARKS, NO_TRACING, Tracer
from realtime.landmarks.face_reader import FaceReader
from realtime.profiling.html_report import bars_svg
from realtime.profiling.profiler import Profiler
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.pipeline import Pipeline
from realtime.verdict.judge import ALL
from realtime.view.terminal.panel import render_panel
from realtime.view.window.overlay import draw_overlay

EMOTION = "surprise"
SIZE = (80, 24)  # the terminal that everyone has
LOOK_S = 0.05
JPEG_QUALITY = 88
BARS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m realtime.tools.readme_pictures", description="Make the README's pictures."
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/pictures"), metavar="DIR")
    out: Path = parser.parse_args(arguments).out
    try:
        profile = Profiler(SystemClock())
        seen = moments(paced=True, spans=profile)
        made = write(out, seen, moments(paced=True, emotion=ALL))
        made.append(out / "profile.svg")
        made[-1].write_text(distribution(profile))
    except GaugeError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    print("\n".join(f"{path}: {path.stat().st_size / 1000:.0f} kB" for path in made))
    return 0


def moments(*, paced: bool, emotion: str = EMOTION, spans: Tracer = NO_TRACING) -> list[Snapshot]:
    """The gauge as it stood after each verdict on the demo clip, one for each emotion where all are asked.

    Paced, the frame shown is the one that was judged.
    """
    bundle, clock, done = Bundle.load(DEFAULT), SystemClock(), threading.Event()
    answer = stages.choose_emotion(bundle, emotion)
    engine, _ = choose_engine(stages.network_weights(bundle, answer.emotion))
    judge, timing = stages.judge(bundle, answer, engine, spans), stages.timing(bundle)
    judge.warm_up()
    judge.show_ghosts = True
    setting = RunSetting(
        DemoClip(paced, clock).name, emotion, engine, timing.window_s, timing.stride_s
    )
    motion, reader = stages.motion(bundle), FaceReader(tracer=spans)
    seen: list[Snapshot] = []

    def keep(_: Verdict) -> None:
        seen.append(replace(pipeline.snapshot(), profile=None))

    source = DemoClip(paced, clock)
    pipeline = Pipeline(
        setting, source, reader, motion, judge, clock, lossless=True, on_verdict=keep, tracer=spans
    )
    pipeline.start()
    while pipeline.running:
        done.wait(LOOK_S)
    pipeline.stop()
    pipeline.raise_failure()
    return seen


def write(out: Path, seen: Sequence[Snapshot], everyone: Sequence[Snapshot]) -> list[Path]:
    """The terminal gauge while it judges and while it does not, the window while it judges, and `everyone` in rows."""
    out.mkdir(parents=True, exist_ok=True)
    reading, neutral = _reading(seen), _neutral(seen)
    made = [
        out / "gauge-judging.svg",
        out / "gauge-neutral.svg",
        out / "window.jpg",
        out / "gauge-all.svg",
    ]
    made[0].write_text(svg(reading))
    made[1].write_text(svg(neutral))
    cv2.imwrite(str(made[2]), draw_overlay(reading), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    made[3].write_text(svg(_reading(everyone), "realtime --demo --emotion all"))
    return made


def distribution(profile: Profiler) -> str:
    """How long the landmarks took, as the report draws it."""
    drawn = bars_svg(LANDMARKS, profile.distributions(BARS)[LANDMARKS])
    style = '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="11" '
    return drawn.replace("<svg ", style)


def svg(snapshot: Snapshot, title: str = "realtime --demo") -> str:
    """The terminal gauge at that moment, as Rich exports it."""
    console = Console(
        record=True,
        width=SIZE[0],
        height=SIZE[1],
        file=io.StringIO(),
        force_terminal=True,
        legacy_windows=False,
    )
    console.print(render_panel(snapshot, SIZE), end="")
    return console.export_svg(title=title)


def _reading(seen: Sequence[Snapshot]) -> Snapshot:
    """The middle of the last stretch of readings, when the history has something to show."""
    stretches = [list(stretch) for judged, stretch in groupby(seen, _judged) if judged]
    if not stretches:
        raise GaugeError(
            f"the demo clip gave no reading in {len(seen)} verdicts. Is the packaged bundle whole?"
        )
    return stretches[-1][len(stretches[-1]) // 2]


def _neutral(seen: Sequence[Snapshot]) -> Snapshot:
    """The last moment without an expression."""
    for snapshot in reversed(seen):
        if snapshot.verdict is not None and snapshot.verdict.state is State.NEUTRAL:
            return snapshot
    raise GaugeError(
        f"the demo clip was neutral in none of {len(seen)} verdicts. Is the packaged bundle whole?"
    )


def _judged(snapshot: Snapshot) -> bool:
    return snapshot.verdict is not None and snapshot.verdict.state.has_number


if __name__ == "__main__":
    sys.exit(main())
