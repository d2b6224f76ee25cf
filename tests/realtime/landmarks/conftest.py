"""A real face (NASA's portrait, public domain) and the 100 MB predictor, loaded once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from realtime.landmarks.predictor import LandmarkPredictor

Scene = Callable[..., np.ndarray]
HEAD = np.s_[10:240, 80:250]  # head and shoulders of the portrait


@pytest.fixture(scope="session")
def predictor() -> LandmarkPredictor:
    return LandmarkPredictor()


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    return cv2.imread(str(Path(__file__).parents[2] / "data" / "astronaut_face.jpg"))


@pytest.fixture(scope="session")
def gray(portrait: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY)


@pytest.fixture(scope="session")
def scene(portrait: np.ndarray) -> Scene:
    """Return `scene((x, y, scale), ...)`: heads centred at x, y px on a plain 640x360 picture."""

    def draw(*heads: tuple[float, float, float]) -> np.ndarray:
        canvas = np.full((360, 640, 3), 120, np.uint8)
        for x, y, scale in heads:
            move = np.array([[scale, 0, x - scale * 85], [0, scale, y - scale * 115]])
            cv2.warpAffine(
                portrait[HEAD], move, (640, 360), canvas, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
            )
        return canvas

    return draw
