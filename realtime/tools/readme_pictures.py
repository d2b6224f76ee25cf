"""Make the pictures of the documents from the demo clip, judged by the real pipeline.

    python -m realtime.tools.readme_pictures -o docs/pictures

Readings repeat exactly; frame rates, ages and the profile are those of the machine. The command
plays the clip twice at its own pace.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import cv2
from rich.console import Console, Group

from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.errors import GaugeError
from realtime.capture.demo import DemoClip
from realtime.capture.playback import DEMO_NEUTRAL_AT_S
from realtime.core.clock import SystemClock
from realtime.core.labels import ALL
from realtime.core.messages import State, Verdict
from realtime.core.snapshot import Snapshot
from realtime.core.tracing import LANDMARKS, NO_TRACING, Tracer
from realtime.profiling.html_report import bars_svg
from realtime.profiling.profiler import Profiler
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.pipeline import Pipeline
from realtime.view.terminal.panel import render_panel
from realtime.view.window.overlay import draw_overlay

EMOTION = "surprise"
TITLE = "realtime --demo"
SIZE = (80, 24)  # columns and lines of a default terminal
POLL_S = 0.05
JPEG_QUALITY = 88
BARS = 60
LINE_PX = 24.4  # Rich's line height at its font size of 20 px

# All frames stand below each other in one strip, which jumps up by one frame at a time. Where
# animations are off, the strip stays at the frame of the still picture.
ANIMATED_SVG = """<svg viewBox="0 0 {width} %(height)g" xmlns="http://www.w3.org/2000/svg">
<style>
.gauge-matrix {{ font: {char_height}px Fira Code, Menlo, Consolas, DejaVu Sans Mono, monospace }}
.gauge-title {{ font: bold 18px arial, sans-serif }}
#strip {{
  transform: translateY(-%(still)gpx);
  animation: play %(duration)gs steps(%(frames)d) infinite
}}
@keyframes play {{ from {{ transform: none }} to {{ transform: translateY(-%(strip)gpx) }} }}
@media (prefers-reduced-motion: reduce) {{ #strip {{ animation: none }} }}
{styles}
</style>
<clipPath id="screen"><rect y="3" width="{terminal_width}" height="%(frame)g"/></clipPath>
<rect fill="#292929" width="{width}" height="%(height)g" rx="8"/>
<text class="gauge-title" fill="#c5c8c6" text-anchor="middle" x="50%%" y="27">%(title)s</text>
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#screen)"><g id="strip">
{backgrounds}<g class="gauge-matrix">
{matrix}</g></g></g></svg>
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make all pictures; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m realtime.tools.readme_pictures",
        description="Make the pictures of the documents.",
    )
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/pictures"), metavar="DIR")
    out: Path = parser.parse_args(arguments).out
    try:
        profiler = Profiler(SystemClock())
        single = record_snapshots(paced=True, tracer=profiler)
        written = write_pictures(out, single, record_snapshots(paced=True, emotion=ALL))
        written.append(out / "profile.svg")
        written[-1].write_text(landmark_times_svg(profiler))
    except GaugeError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    print("\n".join(f"{path}: {path.stat().st_size / 1000:.0f} kB" for path in written))
    return 0


def record_snapshots(
    *, paced: bool, emotion: str = EMOTION, tracer: Tracer = NO_TRACING
) -> list[Snapshot]:
    """Play the demo clip and return the gauge's snapshot after each verdict, in order.

    With `emotion` "all" there is a verdict per emotion. Paced, the frame shown is the one judged.
    """
    clock, done = SystemClock(), threading.Event()
    spec = GaugeSpec.of(Bundle.load(DEFAULT_BUNDLE), emotion, neutral_at_s=DEMO_NEUTRAL_AT_S)
    source = DemoClip(paced, clock)
    gauge = spec.load(tracer)
    gauge.judge.show_ghosts = True
    snapshots: list[Snapshot] = []

    def record(_: Verdict) -> None:
        snapshots.append(replace(pipeline.snapshot(), profile=None))

    setting = spec.setting(source.name)
    group = GaugeGroup.alone(gauge)
    pipeline = Pipeline(setting, source, group, clock, lossless=True, on_verdict=record)
    pipeline.start()
    while pipeline.running:
        done.wait(POLL_S)
    pipeline.stop()
    pipeline.raise_failure()
    return snapshots


def write_pictures(
    out: Path, single: Sequence[Snapshot], every_emotion: Sequence[Snapshot]
) -> list[Path]:
    """Write the animation, and stills of the terminal gauge and the window; return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    reading, neutral = _reading(single), _neutral(single)
    texts = {
        "gauge.svg": animated_svg(single, reading),
        "gauge-judging.svg": still_svg(reading),
        "gauge-neutral.svg": still_svg(neutral),
        "gauge-all.svg": still_svg(_reading(every_emotion), f"{TITLE} --emotion all"),
    }
    for name, text in texts.items():
        (out / name).write_text(text, encoding="utf-8")
    window = out / "window.jpg"
    cv2.imwrite(str(window), draw_overlay(reading), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return [*(out / name for name in texts), window]


def landmark_times_svg(profiler: Profiler) -> str:
    """Return the distribution of the landmark times, drawn as in the HTML report."""
    drawn = bars_svg(LANDMARKS, profiler.distributions(BARS)[LANDMARKS])
    style = '<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="11" '
    return drawn.replace("<svg ", style)


def still_svg(snapshot: Snapshot, title: str = TITLE) -> str:
    """Return the terminal gauge of one snapshot as Rich exports it."""
    return _exported([snapshot]).export_svg(title=title)


def animated_svg(snapshots: Sequence[Snapshot], still: Snapshot) -> str:
    """Return the terminal gauge as an SVG that plays `snapshots` in a loop by CSS keyframes.

    Each is shown for one stride. Viewers without animation show `still`, one of `snapshots`.
    """
    frame = SIZE[1] * LINE_PX
    values = {
        "frames": len(snapshots),
        "frame": frame,
        "strip": frame * len(snapshots),
        "still": frame * next(n for n, each in enumerate(snapshots) if each is still),
        "duration": len(snapshots) * still.setting.stride_s,
        "height": frame + 50,
        "title": TITLE,
    }
    drawn = _exported(snapshots).export_svg(code_format=ANIMATED_SVG % values, unique_id="gauge")
    drawn = re.sub(r' clip-path="url\(#gauge-line-\d+\)"', "", drawn).replace("&#160;", "\xa0")
    return re.sub(r"<text[^>]*>\s*</text>", "", drawn)


def _exported(snapshots: Sequence[Snapshot]) -> Console:
    """Return a recording console with the panels of `snapshots` printed below each other."""
    console = Console(
        record=True,
        width=SIZE[0],
        height=SIZE[1] * len(snapshots),
        file=io.StringIO(),
        force_terminal=True,
        legacy_windows=False,
    )
    console.print(Group(*(render_panel(snapshot, SIZE) for snapshot in snapshots)), end="")
    return console


def _reading(snapshots: Sequence[Snapshot]) -> Snapshot:
    """Return the middle of the last run of readings, where the history is filled."""
    runs = [list(run) for judged, run in groupby(snapshots, _has_reading) if judged]
    if not runs:
        raise GaugeError(
            f"the demo clip gave no reading in {len(snapshots)} verdicts. "
            "Is the packaged bundle complete?"
        )
    return runs[-1][len(runs[-1]) // 2]


def _neutral(snapshots: Sequence[Snapshot]) -> Snapshot:
    """Return the last snapshot without an expression."""
    for snapshot in reversed(snapshots):
        if snapshot.verdict is not None and snapshot.verdict.state is State.NEUTRAL:
            return snapshot
    raise GaugeError(
        f"the demo clip was neutral in none of {len(snapshots)} verdicts. "
        "Is the packaged bundle complete?"
    )


def _has_reading(snapshot: Snapshot) -> bool:
    return snapshot.verdict is not None and snapshot.verdict.state.has_number


if __name__ == "__main__":
    sys.exit(main())
