"""Make the embedded demo clip: NASA's portrait of Eileen Collins with two surprises.

    python -m calibrate.demo.make_clip -o realtime/capture/demo.mp4

Only this command needs scikit-image (the portrait) and imageio-ffmpeg (the encoder); the clip
itself is in the repository. The same machine and packages give the same bytes. Takes two minutes
of one core.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from calibrate.demo.blend_shapes import Array, DrawnExpression
from calibrate.demo.face_warp import SCALE, WarpedFace, load_face
from engines.errors import GaugeError
from realtime.core.messages import Floats, Image

HZ = 30
WIDTH_PX, HEIGHT_PX = 640, 360
SECONDS = 8.6
PIXELS_PER_PORTRAIT_PIXEL = 1.42
CENTRE_PX = (236.0, 132.0)  # of the picture, in the portrait
HEAD_PX, HEAD_RADII_PX = (227.0, 95.0), (80.0, 92.0)  # what sways: an ellipse around hair and chin
NECK_PX = np.array([227.0, 188.0])  # what it sways about
NOISE = 1.6  # grey levels, standard deviation, as of a webcam in a lit room
BLINKS_S = (0.95, 4.35, 7.75)
BLINK_S = 0.27
ENCODING_S = 600.0  # a stuck encoder is given up after this; the clip needs about ten seconds


@dataclass(frozen=True)
class SurpriseMovement:
    """One surprise: start, durations of onset, apex and offset, and amplitude of each part."""

    at_s: float
    onset_s: float
    apex_s: float
    offset_s: float
    brow_right: float
    brow_left: float
    lids: float
    jaw: float

    def course(self, at_s: float, late_s: float = 0.0) -> float:
        """Return the progress, 0 to 1, of a part that starts `late_s` after the brows.

        The amplitude drops by a tenth during the apex.
        """
        since = at_s - self.at_s - late_s
        after = since - self.onset_s
        sag = 1 - 0.1 * min(max(after / self.apex_s, 0.0), 1.0)
        return sag * _ease(since / self.onset_s) * _ease(1 - (after - self.apex_s) / self.offset_s)


MOVEMENTS = (
    SurpriseMovement(2.0, 0.35, 1.2, 0.6, brow_right=1.0, brow_left=1.0, lids=1.0, jaw=1.0),
    SurpriseMovement(5.35, 0.7, 0.75, 0.75, brow_right=0.62, brow_left=0.95, lids=0.75, jaw=0.68),
)


def _ease(x: float) -> float:
    """Minimum-jerk progress from 0 to 1 (Flash & Hogan 1985)."""
    x = min(max(x, 0.0), 1.0)
    return x**3 * (10 - 15 * x + 6 * x * x)


def _slow(at_s: float, *terms: tuple[float, float, float]) -> float:
    """Slow drift: sum of sines, each given by amplitude, frequency in Hz and phase."""
    return sum(size * float(np.sin(2 * np.pi * hz * at_s + phase)) for size, hz, phase in terms)


def expression_at(at_s: float) -> DrawnExpression:
    """Return the expression at a time: movements, blinks and the small motion of a neutral face."""
    blink = max(_ease(1.6 - 3.2 * abs(at_s - middle) / BLINK_S) for middle in BLINKS_S)
    unrest = _slow(at_s, (0.02, 0.43, 0.3), (0.015, 1.1, 2.0))
    parts = {"brow_right": 0.0, "brow_left": 0.04, "lids": 0.02, "jaw": 0.06}
    shown = dict.fromkeys(parts, unrest)
    for move in MOVEMENTS:
        for part, late_s in parts.items():
            shown[part] += getattr(move, part) * move.course(at_s, late_s)
    return DrawnExpression(blink=blink * 0.96, **shown | {"jaw": max(shown["jaw"], 0.0)})


def _head(at_s: float) -> tuple[Array, float]:
    """Return the head's shift (2,) in portrait px and its roll in rad; surprise moves it back."""
    back = sum(move.course(at_s, 0.08) * move.jaw for move in MOVEMENTS)
    x = _slow(at_s, (2.4, 0.17, 0.4), (0.8, 0.39, 1.0))
    y = _slow(at_s, (1.1, 0.23, 2.1), (0.35, 0.61, 0.0)) - 1.3 * back
    roll_deg = _slow(at_s, (1.2, 0.13, 0.2), (0.4, 0.33, 1.7)) + 0.5 * back
    return np.array([x, y]), float(np.radians(roll_deg))


def _view(at_s: float, width: int, height: int) -> Floats:
    """Return the portrait position, float32 (height, width, 2), shown by each pixel of a frame."""
    breathing = 1.012 + 0.012 * _slow(at_s, (1.0, 0.11, -1.2))
    zoom = PIXELS_PER_PORTRAIT_PIXEL * width / WIDTH_PX * breathing
    drift = np.array([_slow(at_s, (0.7, 0.31, 0.0)), _slow(at_s, (0.5, 0.27, 1.3))])
    y, x = np.mgrid[0:height, 0:width]
    at = (np.stack([x, y], -1) - ((width - 1) / 2, (height - 1) / 2)) / zoom + CENTRE_PX + drift
    radius = np.linalg.norm((at - HEAD_PX) / HEAD_RADII_PX, axis=-1)
    shift, roll = _head(at_s)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    swayed = (at - shift - NECK_PX) @ turn + NECK_PX
    away = np.clip((radius - 0.95) / 0.75, 0, 1)
    share = 1 - away**2 * (3 - 2 * away)  # shoulders and background do not move
    return np.asarray(at + (swayed - at) * share[..., None], np.float32)


def render_frame(
    face: WarpedFace, index: int, width: int = WIDTH_PX, height: int = HEIGHT_PX
) -> Image:
    """Render frame `index` of the clip, uint8 BGR; deterministic."""
    at_s = index / HZ
    source = _view(at_s, 2 * width, 2 * height) * SCALE + (SCALE - 1) / 2
    drawn = face.express(expression_at(at_s))
    large = cv2.remap(
        drawn, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    clean = cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(index).normal(0, NOISE, (height, width, 1))
    return np.clip(np.round(clean + noise), 0, 255).astype(np.uint8)


def render_clip(face: WarpedFace) -> Iterator[Image]:
    """Yield all frames of the clip in order."""
    for index in range(round(SECONDS * HZ)):
        yield render_frame(face, index)


def encode(
    images: Iterable[Image], to: Path, width: int = WIDTH_PX, height: int = HEIGHT_PX
) -> None:
    """Write images as H.264, deterministic; raises `GaugeError` with ffmpeg's own message."""
    raw = f"-f rawvideo -pix_fmt bgr24 -s {width}x{height} -r {HZ} -i -"
    encoded = "-c:v libx264 -preset slow -crf 22 -pix_fmt yuv420p -g 60 -threads 1"
    reproducible = "-fflags +bitexact -flags:v +bitexact -map_metadata -1 -movflags +faststart"
    command = [*_ffmpeg(), *raw.split(), *encoded.split(), *reproducible.split()]
    pixels = b"".join(image.tobytes() for image in images)
    file = f"file:{to.absolute()}"  # as it is: ffmpeg reads `12:30.mp4` as an address
    run = subprocess.run(
        [*command, file], input=pixels, capture_output=True, check=False, timeout=ENCODING_S
    )
    if run.returncode:
        raise GaugeError(
            f"ffmpeg could not write {to}: {run.stderr.decode(errors='replace').strip()[-200:]}"
        )


def _ffmpeg() -> list[str]:
    try:
        import imageio_ffmpeg
    except ImportError as error:
        raise GaugeError(
            "no imageio_ffmpeg here; it encodes the demo clip: pip install imageio-ffmpeg"
        ) from error
    return [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.demo.make_clip", description="Make the embedded demo clip."
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("realtime/capture/demo.mp4"), metavar="FILE.mp4"
    )
    to = parser.parse_args(arguments).output
    try:
        encode(render_clip(load_face()), to)
    except GaugeError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{to}: {round(SECONDS * HZ)} frames, {to.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
