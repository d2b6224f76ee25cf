"""Picture of a comparison: both faces at their apex over the face at rest, and both movements."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from calibrate.data.dataset import ApexWindows
from calibrate.data.private_file import private_opener
from realtime.core.errors import RecordError, UsageError
from realtime.core.messages import Floats
from realtime.landmarks.points40 import FACE_LINES
from realtime.motion.align import points_of_shape
from realtime.person.stats import intensities

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#009e73", "#cc79a7")  # of A and B; distinct from those of genuine and fake
REST_COLOUR = "0.75"
PICTURES = (".png", ".svg", ".pdf", ".jpg")


def check_picture(out: Path) -> None:
    """Raise `UsageError` if `out` cannot be written, before any work is done for it."""
    if out.suffix.lower() not in PICTURES:
        raise UsageError(f"cannot draw {out}; want a name that ends in {', '.join(PICTURES)}")
    if not os.access(out.parent, os.W_OK | os.X_OK):
        raise UsageError(f"cannot write {out}: {out.parent} is no folder that you may write to")


def draw_comparison(
    out: Path, windows: ApexWindows, movement_range: Floats, names: tuple[str, str]
) -> None:
    """Write the picture of `comparison_figure` to `out`; raises `RecordError` if it cannot."""
    figure = comparison_figure(windows, movement_range, names)
    image, kind = io.BytesIO(), out.suffix.lower().removeprefix(".")
    # Without the version of the library the same takes give the same bytes.
    metadata = {"Software": None} if kind == "png" else None
    figure.savefig(image, format=kind, dpi=110, metadata=metadata)
    try:
        with open(out, "wb", opener=private_opener) as file:
            file.write(image.getvalue())
    except OSError as error:
        raise RecordError(f"{out} cannot be written: {error.strerror or error}") from error


def comparison_figure(
    windows: ApexWindows, movement_range: Floats, names: tuple[str, str]
) -> Figure:
    """Plot both faces at their apex over the face at rest, and how far each moves over time.

    The face at rest is estimated from both whole clips, as where their apex is found.
    """
    from matplotlib.figure import Figure

    stats = windows.data.stats_from_clips(range(len(windows.data)))
    assert stats is not None
    rest = stats.neutral
    figure = Figure(figsize=(10, 4.8), layout="constrained")
    face, curve = figure.subplots(1, 2)
    _draw_face(face, rest, REST_COLOUR, "at rest, from both takes")
    for clip, (name, colour) in enumerate(zip(names, COLOURS, strict=True)):
        window = windows.window(clip)
        intensity = intensities((window - rest) / movement_range)
        _draw_face(face, window[int(intensity.argmax())], colour, name)
        times_s = np.arange(len(intensity)) / windows.data.timing.rate_hz
        curve.plot(times_s, intensity, color=colour, label=name)
    _label(face, curve)
    return figure


def _label(face: Axes, curve: Axes) -> None:
    face.set_title("Outline of the face where it moves most", fontsize=10)
    face.set_aspect("equal")
    face.invert_yaxis()
    face.set_axis_off()
    face.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, 0.02))
    curve.set_title("How far the face has moved", fontsize=10)
    curve.set_xlabel("Seconds, around the largest movement of each take")
    curve.set_ylabel("Movement away from rest (1: usual for an expression)")
    curve.set_ylim(bottom=0)
    curve.legend(frameon=False, fontsize=8)


def _draw_face(axes: Axes, shape: Floats, colour: str, name: str) -> None:
    points = points_of_shape(shape)
    for number, line in enumerate(FACE_LINES):
        x, y = points[line].T
        axes.plot(x, y, color=colour, label=None if number else name)
