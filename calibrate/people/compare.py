"""`calibrate compare`: two clips of one person beside each other, as the paper tested: which is the more genuine?"""

from __future__ import annotations

import argparse
import io
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibrate.bundle import reader
from calibrate.data.clips import Clip, DataError
from calibrate.data.dataset import Dataset, longest_gapless_part
from calibrate.data.extract import track_clip
from calibrate.data.private_file import private_opener
from calibrate.data.tracks import Track
from calibrate.evaluation.pairs import PairScorer
from calibrate.people.same_person import different_people
from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.core.errors import RecordError, UsageError
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats
from realtime.landmarks.points40 import FACE_LINES
from realtime.motion.resample import WindowTiming
from realtime.person.stats import estimate_stats

COLOURS = ("#009e73", "#cc79a7")  # of A and B; none of those that mean genuine or fake elsewhere
PICTURES = (".png", ".svg", ".pdf", ".jpg")
EITHER = 0.55  # below this certainty the one is as genuine as the other


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comes out: the more genuine clip's place (0 or 1), how sure, and whether both show one face."""

    more_genuine: int
    certainty: float
    one_face: bool


def compare(options: argparse.Namespace) -> None:
    """Two clips -> which is the more genuine and how sure, with both movements over each other in a picture."""
    if options.out:
        check_picture(options.out)
    model, timing, maps = reader.load_model(options.bundle or DEFAULT_BUNDLE)
    if options.emotion not in model.boosted:
        raise UsageError(f"no emotion {options.emotion!r}; take one of {', '.join(model.boosted)}")
    data = Dataset.of(
        [_seen(path, options.emotion, timing) for path in (options.a, options.b)], timing
    )
    people = model.learned.population
    one, other = PairScorer(model, data).scores((0, 1), options.emotion)
    if one is None or other is None:
        raise DataError(
            f"{options.a if one is None else options.b} is cut where its face moves most; take another clip"
        )
    found = judged((one, other), maps[options.emotion].slope, not different_people(data, people))
    print("\n".join(lines(found, (options.a.name, options.b.name))))
    if options.out:
        picture(
            options.out,
            data,
            people.movement_range,
            (f"A: {options.a.name}", f"B: {options.b.name}"),
        )
        print(f"both movements over each other in {options.out}")


def judged(scores: tuple[float, float], slope: float, one_face: bool) -> Comparison:
    """From two scores: of one felt and one acted clip, the odds of which is which are those of their difference."""
    apart = slope * (scores[0] - scores[1])
    return Comparison(int(apart < 0), 1 / (1 + math.exp(-min(abs(apart), 30))), one_face)


def lines(found: Comparison, names: tuple[str, str]) -> list[str]:
    """The result for people."""
    said = [
        f"the more genuine of the two: {names[found.more_genuine]} ({found.certainty:.0%} sure)"
    ]
    if found.certainty < EITHER:
        said = [
            f"too close to call: {names[found.more_genuine]} looks a little more genuine ({found.certainty:.0%})"
        ]
    if not found.one_face:
        said.append("note: these look like two people; this compares two clips of one person")
    return said


def picture(out: Path, data: Dataset, usual: Floats, names: tuple[str, str]) -> None:
    """Draw both faces where they move most over the neutral one, and how far both move from it in their windows."""
    from matplotlib.figure import Figure

    windows = [data.ranged(usual).window(clip) for clip in range(2)]
    neutral = estimate_stats(windows).neutral
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    face, course = figure.subplots(1, 2)
    _face(face, neutral, "0.8", "at rest")
    for window, name, colour in zip(windows, names, COLOURS, strict=True):
        away = np.sqrt(np.square((window - neutral) / usual).mean(axis=1))
        _face(face, window[int(away.argmax())], colour, name)
        course.plot(np.arange(len(away)) / data.timing.rate_hz, away, color=colour, label=name)
    face.set_aspect("equal")
    face.invert_yaxis()
    face.set_axis_off()
    course.set_xlabel("Seconds of the window around the apex")
    course.set_ylabel("How far from rest, in usual ranges")
    course.legend(frameon=False, fontsize=8)
    drawn, kind = io.BytesIO(), out.suffix.lower().removeprefix(".")
    figure.savefig(
        drawn, format=kind, dpi=110, metadata={"Software": None} if kind == "png" else None
    )
    try:
        with open(out, "wb", opener=private_opener) as file:
            file.write(drawn.getvalue())
    except OSError as error:
        raise RecordError(f"{out} cannot be written: {error.strerror or error}") from error


def check_picture(out: Path) -> None:
    """Raise `UsageError` for a picture that could not be written, before any work is done for it."""
    if out.suffix.lower() not in PICTURES:
        raise UsageError(f"cannot draw {out}; want a name that ends in {', '.join(PICTURES)}")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write {out}: {out.parent} is no folder that you may write to")


def _face(axes: object, shape: Floats, colour: str, name: str) -> None:
    points = shape.reshape(2, -1).T
    labels: Mapping[int, str] = {0: name}
    for number, line in enumerate(FACE_LINES):
        axes.plot(*points[line].T, color=colour, label=labels.get(number))  # type: ignore[attr-defined]


def _seen(path: Path, emotion: str, timing: WindowTiming) -> Track:
    """The one person's face in a clip; which label it has is what is asked, and nothing reads this one."""
    track = track_clip(Clip(path.stem, path, "person", emotion, GENUINE))
    seen_s = float(np.ptp(longest_gapless_part(track).times_s)) if len(track.times_s) else 0.0
    if seen_s < timing.min_window_s:
        raise DataError(
            f"{path} shows a face for {seen_s:.1f} s at a stretch; want {timing.min_window_s} s, so take a longer clip"
        )
    return track
