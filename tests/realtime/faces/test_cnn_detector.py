from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.errors import GaugeError
from realtime.faces.cnn_detector import SIDE_PX, SMALLEST_PX, CnnDetector, load_detector


def test_faces_are_found_turned_ones_too(scene) -> None:
    detector = CnnDetector()
    turn = cv2.getRotationMatrix2D((200, 180), 40, 1.0)
    upright = scene((200, 180, 1.2))
    rolled = cv2.warpAffine(upright, turn, (640, 360), borderValue=120)
    for picture in (upright, rolled):
        ((x, y, width, height, score),) = detector.detect(picture).tolist()
        assert (x + width / 2, y + height / 2) == pytest.approx((200, 170), abs=25)
        assert score > 0.9


def test_nothing_is_found_in_noise() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (180, 320), np.uint8)
    assert CnnDetector().detect(noise).shape == (0, 5)


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "detector.dat"
    path.write_bytes(b"no network")
    with pytest.raises(GaugeError, match=r"cannot read .*detector\.dat: .*; run `pip install"):
        load_detector(path)


def test_the_smallest_pictures_that_it_is_asked_about_are_searched() -> None:
    for size in ((SMALLEST_PX, SMALLEST_PX), (SMALLEST_PX, SIDE_PX), (SIDE_PX, SMALLEST_PX)):
        assert CnnDetector().detect(np.zeros(size, np.uint8)).shape == (0, 5)
