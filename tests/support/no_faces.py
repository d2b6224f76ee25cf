"""Videos that show no face: python tests/support/no_faces.py [--minutes N] [--detectors WHICH].

Prints in how many frames the gauge's front end finds a face, and landmarks, all the same. Each
video moves over a picture made by code, or that scikit-image and scikit-learn carry; none of these
shows a person. Cartoons are drawn faces of ellipses, the hardest kind.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.data
from sklearn.datasets import load_sample_image

from realtime.core.messages import Frame, Image
from realtime.faces.face_search import FaceSearch
from realtime.faces.face_tracker import FaceTracker
from realtime.landmarks.face_reader import FaceReader
from realtime.landmarks.predictor import LandmarkPredictor
from realtime.tools.faces_found import LateDetector

SIZE_PX = (640, 360)
SCENE_S = 10.0
HZ = 10.0  # as often as faces are searched
PHOTOS = [
    "coffee",
    "motorcycle_left",
    "motorcycle_right",
    "rocket",
    "clock",
    "china",
    "flower",
    "moon",
    "hubble",
]
ANIMALS = ["chelsea", "horse"]
TEXTURES = ["brick", "grass", "gravel", "cell", "immunohistochemistry", "microaneurysms", "retina"]
PRINT = ["page", "text", "logo", "shepp_logan_phantom", "colorwheel"]
DETECTORS = ("all", "without CNN", "Haar alone")

Rng = np.random.Generator


def packaged(name: str) -> Image:
    """Return a picture that a package carries, gray uint8 (h, w)."""
    if name.startswith("motorcycle"):
        left, right, _ = skimage.data.stereo_motorcycle()
        picture = left if name.endswith("left") else right
    elif name in ("china", "flower"):
        picture = load_sample_image(f"{name}.jpg")
    elif name == "hubble":
        picture = skimage.data.hubble_deep_field()
    else:
        picture = getattr(skimage.data, name)()
    picture = np.asarray(picture)
    if picture.dtype != np.uint8:
        picture = np.uint8(255 * np.clip(picture, 0, 1))
    picture = picture[..., :3].mean(axis=2) if picture.ndim == 3 else picture
    return np.asarray(picture, np.uint8)


def noise(rng: Rng) -> Image:
    """Return noise whose spectrum falls with the frequency to a power of 0 to 2."""
    height, width = 512, 1024
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None]
    frequency = np.maximum(np.hypot(rows, columns), 1 / width)
    spectrum = np.fft.rfft2(rng.normal(size=(height, width))) / frequency ** rng.uniform(0, 2)
    field = np.fft.irfft2(spectrum)
    return np.uint8(np.clip(128 + 50 * (field - field.mean()) / field.std(), 0, 255))


def pattern(rng: Rng) -> Image:
    """Return stripes, checks, dots or rings."""
    y, x = np.mgrid[:512, :1024] / rng.uniform(8, 60)
    turn = rng.uniform(0, np.pi)
    x, y = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    waves = [np.sin(x), np.sin(x) * np.sin(y), np.sin(np.hypot(x, y)), np.cos(x) + np.cos(y)]
    wave = waves[rng.integers(len(waves))]
    return np.uint8(np.clip(128 + rng.uniform(40, 400) * wave, 0, 255))


def drawing(rng: Rng) -> Image:
    """Return overlapping shapes of all sizes, as of furniture, leaves and buildings."""
    canvas = np.full((512, 1024), rng.integers(256), np.uint8)
    for _ in range(rng.integers(20, 120)):
        x, y = int(rng.integers(1024)), int(rng.integers(512))
        wide, high = (int(side) for side in rng.integers(5, 160, 2))
        colour, turn = int(rng.integers(256)), float(rng.uniform(0, 180))
        if rng.random() < 0.5:
            cv2.ellipse(canvas, (x, y), (wide, high), turn, 0, 360, colour, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints(((x, y), (wide, high), turn)).astype(np.int32)
            cv2.fillPoly(canvas, [corners], colour, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.5, 3)), np.uint8)


def cartoon(rng: Rng) -> Image:
    """Return drawn heads of ellipses: eyes, a nose, a mouth, some with ears."""
    canvas = np.full((512, 1024), rng.integers(256), np.uint8)
    for x in range(150, 1024, 300):
        side, skin, ink = rng.uniform(60, 120), int(rng.integers(120, 256)), int(rng.integers(90))
        wide = rng.uniform(0.7, 1.0)

        def oval(right: float, down: float, size: tuple[float, float], colour: int) -> None:
            middle = (round(x + right * side), round(256 + down * side))  # noqa: B023
            axes = (round(size[0] * side), round(size[1] * side))  # noqa: B023
            cv2.ellipse(canvas, middle, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)

        if rng.random() < 0.5:
            for ear in (-0.6, 0.6):
                oval(ear, -0.9, (0.25, 0.5), skin)
        oval(0, 0, (wide, 1.0), skin)
        for eye in (-0.35, 0.35):
            oval(eye, -0.25, (0.2, rng.uniform(0.1, 0.25)), 255)
            oval(eye, -0.25, (0.09, 0.1), ink)
        oval(0, 0.1, (0.1, 0.15), ink)
        oval(0, 0.5, (rng.uniform(0.2, 0.5), rng.uniform(0.05, 0.2)), ink)
    return canvas


def one_of(names: list[str]) -> Callable[[Rng], Image]:
    """Return a kind that chooses among packaged pictures."""
    return lambda rng: packaged(names[rng.integers(len(names))])


KINDS: dict[str, Callable[[Rng], Image]] = {
    "photo": one_of(PHOTOS),
    "animal": one_of(ANIMALS),
    "texture": one_of(TEXTURES),
    "print": one_of(PRINT),
    "noise": noise,
    "pattern": pattern,
    "drawing": drawing,
    "cartoon": cartoon,
}


def scene(picture: Image, rng: Rng, hz: float = HZ) -> Iterator[Image]:
    """Yield `SCENE_S` of a camera that moves over a picture, with its noise: uint8 (360, 640)."""
    height, width = picture.shape
    fit = max(SIZE_PX[0] / width, SIZE_PX[1] / height)
    zooms, turns = fit * rng.uniform(0.5, 2.0, 2), rng.uniform(-25, 25, 2)
    places = rng.uniform(0.25, 0.75, (2, 2)) * (width, height)
    light = rng.uniform(0.4, 1.2)
    for share in np.linspace(0, 1, round(SCENE_S * hz)):
        zoom, turn = (float(a + share * (b - a)) for a, b in (zooms, turns))
        x, y = places[0] + share * (places[1] - places[0])
        move = cv2.getRotationMatrix2D((float(x), float(y)), turn, zoom)
        move[:, 2] += np.array(SIZE_PX) / 2 - (x, y)
        how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
        view = cv2.warpAffine(picture, move, SIZE_PX, flags=how, borderMode=cv2.BORDER_REFLECT)
        noisy = light * view + rng.normal(0, 2, view.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class FalseFinds:
    """Frames shown, with a face, and with landmarks, by kind of picture."""

    frames: Counter[str]
    faces: Counter[str]
    landmarks: Counter[str]

    def lines(self) -> list[str]:
        """Return a line for each kind, and one for all."""
        counts = (self.frames, self.faces, self.landmarks)
        rows = [(kind, *(of[kind] for of in counts)) for kind in KINDS]
        rows.append(("all", *(of.total() for of in counts)))
        return [f"{kind}: {n} frames, face in {a}, landmarks in {b}" for kind, n, a, b in rows]


def reader_with(detectors: str, predictor: LandmarkPredictor) -> tuple[FaceReader, LateDetector]:
    """Return a reader with some of the `DETECTORS`, and its CNN."""
    cnn = LateDetector(0.0 if detectors == "all" else math.inf)
    hog = NoHog() if detectors == "Haar alone" else None
    return FaceReader(FaceTracker(FaceSearch(hog=hog, slow=cnn)), predictor), cnn


class NoHog:
    """HOG detector that finds nothing."""

    def find(self, gray: object, long_side_px: int) -> list:
        return []


def false_finds(minutes: float, detectors: str = "all", seed: int = 0) -> FalseFinds:
    """Count what is found in `minutes` of media, each kind of picture as often as the others."""
    predictor, frames, faces, landmarks = LandmarkPredictor(), Counter(), Counter(), Counter()
    reader, cnn = reader_with(detectors, predictor)
    index = 0
    for number in range(round(60 * minutes / SCENE_S)):
        kind = list(KINDS)[number % len(KINDS)]
        rng = np.random.default_rng((seed, number))
        for gray in scene(KINDS[kind](rng), rng):
            cnn.pass_to(index / HZ)
            face, points = reader.read(Frame(index, index / HZ, 0.0, cv2.merge([gray] * 3)))
            frames[kind] += 1
            faces[kind] += face is not None
            landmarks[kind] += points is not None
            index += 1
    return FalseFinds(frames, faces, landmarks)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--detectors", choices=DETECTORS, default="all")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("\n".join(false_finds(options.minutes, options.detectors, options.seed).lines()))
