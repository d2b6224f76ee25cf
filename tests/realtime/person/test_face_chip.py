import cv2
import numpy as np
import pytest

from realtime.person.face_chip import CHIP_PX, PLACES_PX, POINTS5, cut_face_chip, eyes_px


def points_of(places_px: np.ndarray) -> np.ndarray:
    """Return 40 points, of which the five that the chip is aligned by are at `places_px`."""
    points = np.zeros((40, 2), np.float32)
    points[POINTS5] = places_px
    return points


def pattern(size: int) -> np.ndarray:
    """Return a smooth picture without symmetry."""
    y, x = np.mgrid[:size, :size] / size
    return np.uint8(128 + 60 * np.sin(9 * x + 2 * y) + 50 * np.cos(7 * y * y + x))


def placed(scale: float, turn_deg: float, shift: tuple[float, float]) -> tuple[np.ndarray, ...]:
    """Return a picture of the pattern, and where its chip's five points are in it."""
    turn = scale * np.array(
        [
            [np.cos(np.radians(turn_deg)), -np.sin(np.radians(turn_deg))],
            [np.sin(np.radians(turn_deg)), np.cos(np.radians(turn_deg))],
        ]
    )
    matrix = np.column_stack((turn, shift))
    chip = pattern(CHIP_PX)
    picture = cv2.warpAffine(chip, matrix, (900, 700), flags=cv2.INTER_CUBIC)
    return picture, points_of(PLACES_PX @ turn.T + shift)


@pytest.mark.parametrize(
    ("scale", "turn_deg", "shift"),
    [(1.0, 0, (100, 200)), (1.5, 30, (300, 100)), (0.7, -20, (60, 300)), (3.4, 10, (200, 100))],
)
def test_a_face_of_any_size_and_roll_gives_the_same_chip(
    scale: float, turn_deg: float, shift: tuple[float, float]
) -> None:
    chip = cut_face_chip(*placed(scale, turn_deg, shift))
    assert (chip.dtype, chip.shape) == (np.uint8, (CHIP_PX, CHIP_PX))
    inner = np.s_[8:-8, 8:-8]
    error = np.abs(chip.astype(float) - pattern(CHIP_PX))[inner]
    assert error.mean() < 2.5


def test_beyond_the_picture_the_chip_is_black() -> None:
    picture, points = placed(1.0, 0, (100, 200))
    chip = cut_face_chip(picture[:, 150:], points - (150, 0))
    assert (chip[:, :45] == 0).all()
    assert (chip[:, 60:] > 0).all()


def test_a_face_outside_the_picture_gives_a_black_chip() -> None:
    picture, points = placed(1.0, 0, (100, 200))
    assert not cut_face_chip(picture[:50, :50], points + 2000).any()


def test_points_that_coincide_are_refused() -> None:
    with pytest.raises(ValueError, match="at one point"):
        cut_face_chip(np.zeros((10, 10), np.uint8), np.ones((40, 2), np.float32))


def test_the_eyes_are_measured_between_their_outer_corners() -> None:
    _, points = placed(1.0, 0, (0, 0))
    assert eyes_px(points) == pytest.approx(PLACES_PX[0, 0] - PLACES_PX[2, 0], abs=0.1)
    assert eyes_px(points / 2) == pytest.approx(eyes_px(points) / 2)
