import numpy as np
import pytest

from realtime.core.messages import Landmarks, ViewQuality
from realtime.motion.align import FIRST_EYE, SECOND_EYE, align_to_eyes, points_of_shape, shape_of


def face(seed: int = 0) -> np.ndarray:
    points = np.random.default_rng(seed).uniform(-1, 2, (40, 2)).astype(np.float32)
    points[FIRST_EYE] += (-1, 0)
    points[SECOND_EYE] += (1, 0)
    return points


def test_the_eye_centres_become_half_a_unit_left_and_right() -> None:
    aligned = align_to_eyes(face()).reshape(2, 40).T
    np.testing.assert_allclose(aligned[FIRST_EYE].mean(axis=0), (-0.5, 0), atol=1e-6)
    np.testing.assert_allclose(aligned[SECOND_EYE].mean(axis=0), (0.5, 0), atol=1e-6)


@pytest.mark.parametrize("angle", [-0.6, 0.0, 0.3])
@pytest.mark.parametrize("scale", [0.5, 120.0])
def test_position_scale_and_tilt_have_no_effect(angle: float, scale: float) -> None:
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (face() @ turn * scale + (320, 180)).astype(np.float32)
    np.testing.assert_allclose(align_to_eyes(moved), align_to_eyes(face()), atol=1e-4)


def test_the_order_is_40_x_then_40_y() -> None:
    points = face()
    higher = points.copy()
    higher[30, 1] += 0.5
    changed = np.nonzero(np.abs(align_to_eyes(higher) - align_to_eyes(points)) > 1e-3)[0]
    assert 40 + 30 in changed


def test_many_faces_align_as_each_does_alone() -> None:
    several = np.stack([face(1), face(2)])
    np.testing.assert_array_equal(align_to_eyes(several)[1], align_to_eyes(face(2)))


def test_coinciding_eyes_are_refused() -> None:
    with pytest.raises(ValueError, match="eyes"):
        align_to_eyes(np.zeros((40, 2), np.float32))


QUALITY = ViewQuality(sharpness=100.0, brightness=120.0, yaw=0.0)


def test_a_shape_is_as_wide_as_asked() -> None:
    looks = np.arange(3, dtype=np.float32)
    landmarks = Landmarks(face(), 1.0, 0, QUALITY, appearance=looks)
    np.testing.assert_array_equal(shape_of(landmarks, 80), align_to_eyes(face()))
    np.testing.assert_array_equal(
        shape_of(landmarks, 83), np.concatenate((align_to_eyes(face()), looks))
    )


@pytest.mark.parametrize(("looks", "found"), [(None, 0), (np.zeros(2, np.float32), 2)])
def test_a_missing_or_other_appearance_is_refused(looks, found: int) -> None:
    landmarks = Landmarks(face(), 1.0, 0, QUALITY, appearance=looks)
    with pytest.raises(ValueError, match=f"{found} numbers of appearance; the networks want 3"):
        shape_of(landmarks, 83)


def test_the_points_of_a_shape_are_those_that_were_aligned() -> None:
    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    shape = np.concatenate((points.T.ravel(), np.ones(32))).astype(np.float32)
    assert np.array_equal(points_of_shape(shape), points)
    assert np.array_equal(points_of_shape(shape[:80]), points)
