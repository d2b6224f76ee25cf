"""Comparison of two clips of one person: the more genuine one, and a plot of both movements."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibrate.data.clips import Clip, DataError
from calibrate.data.dataset import ApexWindows, longest_gapless_part
from calibrate.data.extract import track_clip
from calibrate.data.private_file import private_opener
from calibrate.data.tracks import Track
from realtime.core.errors import RecordError, UsageError
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats
from realtime.landmarks.points40 import FACE_LINES
from realtime.motion.resample import WindowTiming
from realtime.person.stats import estimate_stats, intensities

COLOURS = ("#009e73", "#cc79a7")  # of A and B; distinct from those of genuine and fake
PICTURES = (".png", ".svg", ".pdf", ".jpg")
MIN_CERTAINTY = 0.55  # below it the pair is too close to call


@dataclass(frozen=True, slots=True)
class Comparison:
    """Index (0 or 1) of the more genuine clip, the certainty, and whether both show one person."""

    more_genuine: int
    certainty: float
    same_person: bool


def compare_scores(scores: tuple[float, float], slope: float, same_person: bool) -> Comparison:
    """Compare the scores of one genuine and one fake clip: their difference gives the log odds."""
    log_odds = slope * (scores[0] - scores[1])
    certainty = 1 / (1 + math.exp(-min(abs(log_odds), 30)))
    return Comparison(int(log_odds < 0), certainty, same_person)


def lines(comparison: Comparison, names: tuple[str, str]) -> list[str]:
    """Return the comparison as lines of text."""
    name, certainty = names[comparison.more_genuine], comparison.certainty
    if certainty < MIN_CERTAINTY:
        text = [f"too close to call: {name} seems a little more genuine ({certainty:.0%})"]
    else:
        text = [f"the more genuine of the two: {name} ({certainty:.0%} sure)"]
    if not comparison.same_person:
        text.append("note: these look like two people; calibrate compare expects one person")
    return text


def draw_comparison(
    out: Path, windows: ApexWindows, movement_range: Floats, names: tuple[str, str]
) -> None:
    """Plot both faces at their apex over the neutral face, and the intensity of both windows."""
    from matplotlib.figure import Figure

    shapes = [windows.window(clip) for clip in range(2)]
    neutral = estimate_stats(shapes).neutral
    rate_hz = windows.data.timing.rate_hz
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    face, curve = figure.subplots(1, 2)
    _draw_face(face, neutral, "0.8", "neutral")
    for window, name, colour in zip(shapes, names, COLOURS, strict=True):
        intensity = intensities((window - neutral) / movement_range)
        _draw_face(face, window[int(intensity.argmax())], colour, name)
        curve.plot(np.arange(len(intensity)) / rate_hz, intensity, color=colour, label=name)
    face.set_aspect("equal")
    face.invert_yaxis()
    face.set_axis_off()
    curve.set_xlabel("Time in the window around the apex, s")
    curve.set_ylabel("Distance from neutral, movement ranges")
    curve.legend(frameon=False, fontsize=8)
    image, kind = io.BytesIO(), out.suffix.lower().removeprefix(".")
    figure.savefig(
        image, format=kind, dpi=110, metadata={"Software": None} if kind == "png" else None
    )
    try:
        with open(out, "wb", opener=private_opener) as file:
            file.write(image.getvalue())
    except OSError as error:
        raise RecordError(f"{out} cannot be written: {error.strerror or error}") from error


def check_picture(out: Path) -> None:
    """Raise `UsageError` if `out` cannot be written, before any work is done for it."""
    if out.suffix.lower() not in PICTURES:
        raise UsageError(f"cannot draw {out}; want a name that ends in {', '.join(PICTURES)}")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write {out}: {out.parent} is no folder that you may write to")


def check_files(paths: Iterable[Path]) -> None:
    """Raise `DataError` that names every one of `paths` that is no file."""
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        raise DataError(f"there is no file {' and no file '.join(missing)}; check the path")


def track_person(path: Path, emotion: str, timing: WindowTiming) -> Track:
    """Return the track of a video of the person; its label is a placeholder and unused.

    Raises `DataError` if the face is not visible for a whole window.
    """
    track = track_clip(Clip(path.stem, path, "person", emotion, GENUINE))
    face_s = float(np.ptp(longest_gapless_part(track).times_s)) if len(track.times_s) else 0.0
    if face_s < timing.min_window_s:
        raise DataError(
            f"{path} shows a face for only {face_s:.1f} s without a gap; want"
            f" {timing.min_window_s} s: use a longer clip"
        )
    return track


def _draw_face(axes: object, shape: Floats, colour: str, name: str) -> None:
    points = shape.reshape(2, -1).T
    labels: Mapping[int, str] = {0: name}
    for number, line in enumerate(FACE_LINES):
        x, y = points[line].T
        axes.plot(x, y, color=colour, label=labels.get(number))  # type: ignore[attr-defined]
