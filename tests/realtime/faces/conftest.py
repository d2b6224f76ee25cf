"""Gray 640x360 scenes with NASA's portrait (public domain) at any place and scale."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

Scene = Callable[..., np.ndarray]
HEAD = np.s_[10:240, 80:250]  # head and shoulders of the portrait


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    return cv2.imread(str(Path(__file__).parents[2] / "data" / "astronaut_face.jpg"))


@pytest.fixture(scope="session")
def scene(portrait: np.ndarray) -> Scene:
    """`scene((x, y, scale), ...)`: heads with their middles at x, y px."""
    head = cv2.cvtColor(portrait[HEAD], cv2.COLOR_BGR2GRAY)

    def draw(*heads: tuple[float, float, float]) -> np.ndarray:
        canvas = np.full((360, 640), 120, np.uint8)
        for x, y, scale in heads:
            move = np.array([[scale, 0, x - scale * 85], [0, scale, y - scale * 115]])
            cv2.warpAffine(head, move, (640, 360), canvas, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
        return canvas

    return draw
