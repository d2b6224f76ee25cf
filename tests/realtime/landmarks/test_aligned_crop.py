from itertools import pairwise

import numpy as np
import pytest

from realtime.landmarks.aligned_crop import HEIGHT, LEFT, TOP, WIDTH, crop_aligned_face
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE
from realtime.person.cut_detector import crop_correlation

POINTS = np.random.default_rng(2).uniform(
    -0.4, 0.4, (40, 2)
)  # in distances of the eyes from the middle between them
for eye, x in ((FIRST_EYE, -0.5), (SECOND_EYE, 0.5)):
    POINTS[eye] += (x, 0) - POINTS[eye].mean(axis=0)


def face(x: np.ndarray, y: np.ndarray, other: float = 0.0) -> np.ndarray:
    """Grey levels of an asymmetric synthetic face, in units of the interocular distance."""
    eyes = np.exp(-((np.abs(x) - 0.5) ** 2 + y**2) / 0.03)
    mouth = np.exp(-(x**2 / 0.1 + (y - 1.0) ** 2 / 0.02))
    return (
        140
        + 30 * np.sin(2.5 * x + other)
        + 25 * np.cos(2 * y - x + 2 * other)
        - 60 * eyes
        - 50 * mouth
    )


class Scene:
    """Draw the face with the middle of its eyes at `x`, `y` px, rotated by `tilt` (rad)."""

    def __init__(
        self,
        x: float,
        y: float,
        interocular_px: float,
        tilt: float = 0.0,
        other: float = 0.0,
        size=(360, 480),
    ):
        turn = interocular_px * np.array(
            [[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]]
        )
        self.points_px = (POINTS @ turn.T + (x, y)).astype(np.float32)
        rows, columns = np.mgrid[: size[0], : size[1]]
        placed = np.linalg.inv(turn) @ (
            np.stack((columns, rows)).reshape(2, -1) - np.array([[x], [y]])
        )
        self.gray = np.clip(face(*placed, other), 0, 255).reshape(size).astype(np.uint8)

    @property
    def crop(self) -> np.ndarray:
        return crop_aligned_face(self.gray, self.points_px)


@pytest.fixture(scope="module")
def straight() -> np.ndarray:
    return Scene(240, 150, 60).crop


def test_the_crop_shows_the_face_from_brows_to_chin_and_cheek_to_cheek(
    straight: np.ndarray,
) -> None:
    assert (straight.dtype, straight.shape) == (np.uint8, (24, 24))
    middles = (np.arange(24) + 0.5) / 24
    x, y = np.meshgrid(LEFT + WIDTH * middles, TOP + HEIGHT * middles)
    np.testing.assert_allclose(straight, face(x, y), atol=6)


@pytest.mark.parametrize("tilt", [-0.6, -0.2, 0.1, 0.5, np.pi / 2, np.pi])
def test_tilt_has_no_effect(tilt: float, straight: np.ndarray) -> None:
    np.testing.assert_allclose(Scene(240, 170, 60, tilt).crop, straight, atol=4)


@pytest.mark.parametrize(("x", "y"), [(100, 60), (240.4, 150.7), (350, 200)])
def test_position_has_no_effect(x: float, y: float, straight: np.ndarray) -> None:
    np.testing.assert_allclose(Scene(x, y, 60).crop, straight, atol=5)


@pytest.mark.parametrize("interocular_px", [20, 35, 51.3, 90, 130])
def test_size_has_no_effect(interocular_px: float, straight: np.ndarray) -> None:
    np.testing.assert_allclose(Scene(240, 130, interocular_px).crop, straight, atol=8)


@pytest.mark.parametrize("tilt", [0.0, 0.4, np.pi / 2])
def test_a_large_face_read_from_a_reduced_picture_gives_the_same_crop(
    tilt: float, straight: np.ndarray
) -> None:
    large = Scene(600, 600, 300, tilt, size=(1150, 1150))
    np.testing.assert_allclose(large.crop, straight, atol=5)


def test_detail_finer_than_the_crop_is_averaged() -> None:
    """A checked pattern of single pixels on a large face is grey, wherever it falls."""
    large = Scene(300, 200, 240, size=(720, 720))
    large.gray = ((np.indices(large.gray.shape).sum(axis=0) % 2) * 255).astype(np.uint8)
    np.testing.assert_allclose(large.crop, 127, atol=12)


def test_another_face_gives_a_dissimilar_crop(straight: np.ndarray) -> None:
    assert crop_correlation(straight, Scene(240, 150, 60, other=1.5).crop) < 0.7
    assert crop_correlation(straight, Scene(200, 140, 70, tilt=0.3).crop) > 0.99


def test_a_face_that_moves_a_little_hardly_changes() -> None:
    crops = [Scene(240 + 0.7 * i, 150 - 0.4 * i, 60 + 0.3 * i, 0.01 * i).crop for i in range(8)]
    assert min(crop_correlation(*pair) for pair in pairwise(crops)) > 0.995


class TestAtTheEdge:
    @pytest.mark.parametrize(
        ("x", "y"), [(0, 180), (479, 180), (240, 0), (240, 359), (-20, -20), (490, 370)]
    )
    @pytest.mark.parametrize("interocular_px", [60, 200])
    def test_what_lies_outside_the_picture_is_black_and_the_rest_is_there(
        self, x: float, y: float, interocular_px: float
    ) -> None:
        crop = Scene(x, y, interocular_px).crop
        assert crop.shape == (24, 24)
        middles = (np.arange(24) + 0.5) / 24
        columns, rows = (
            x + interocular_px * (LEFT + WIDTH * middles),
            y + interocular_px * (TOP + HEIGHT * middles),
        )
        margin = interocular_px * HEIGHT / 24  # a pixel of the crop at the edge shows some of both
        out = ((columns < -margin) | (columns > 479 + margin))[None] | (
            (rows < -margin) | (rows > 359 + margin)
        )[:, None]
        far_in = ((columns > margin) & (columns < 479 - margin))[None] & (
            (rows > margin) & (rows < 359 - margin)
        )[:, None]
        assert out.any()
        assert far_in.any()
        assert not crop[out].any()
        straight = Scene(240, 150, 60).crop
        np.testing.assert_allclose(crop[far_in], straight[far_in], atol=12)

    @pytest.mark.parametrize(("x", "y"), [(-5000, 180), (240, 1e6), (9000, -9000)])
    @pytest.mark.parametrize("interocular_px", [3, 60, 900])
    def test_a_face_wholly_outside_is_black(
        self, x: float, y: float, interocular_px: float
    ) -> None:
        black = Scene(240, 150, 60)
        points_px = (POINTS * interocular_px + (x, y)).astype(np.float32)
        crop = crop_aligned_face(black.gray, points_px)
        assert crop.shape == (24, 24)
        assert not crop.any()


@pytest.mark.parametrize("interocular_px", [0.01, 0.5, 2, 5])
def test_a_tiny_face_has_a_crop(interocular_px: float) -> None:
    crop = Scene(240, 150, interocular_px).crop
    assert (crop.dtype, crop.shape) == (np.uint8, (24, 24))
    assert crop.all()


@pytest.mark.parametrize("interocular_px", [1500, 1e5])
def test_a_face_larger_than_the_picture_has_a_crop(interocular_px: float) -> None:
    gray = np.full((360, 480), 90, np.uint8)
    crop = crop_aligned_face(
        gray, (POINTS * interocular_px + (240, -0.3 * interocular_px)).astype(np.float32)
    )
    assert crop.shape == (24, 24)
    assert set(np.unique(crop)) <= set(range(91))
    assert not crop.all()


def test_a_picture_of_one_pixel_does_not_break_it() -> None:
    assert crop_aligned_face(
        np.full((1, 1), 7, np.uint8), (POINTS * 60).astype(np.float32)
    ).shape == (24, 24)


def test_coinciding_eyes_are_refused() -> None:
    with pytest.raises(ValueError, match="both eyes are at one point"):
        crop_aligned_face(np.zeros((10, 10), np.uint8), np.full((40, 2), 5.0, np.float32))


def test_the_picture_is_not_modified() -> None:
    shown = Scene(240, 150, 200)
    before = shown.gray.copy()
    crop_aligned_face(shown.gray, shown.points_px)
    np.testing.assert_array_equal(shown.gray, before)
