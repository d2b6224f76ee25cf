import numpy as np
import pytest

from realtime.person.geometry import GeometryModel, geometry_distance

RNG = np.random.default_rng(0)
DIRECTIONS = np.eye(80, dtype=np.float32)[:5]


@pytest.mark.parametrize(("known", "new"), [(1, 1), (10, 1), (10, 3)])
def test_the_distance_within_one_person_is_about_1_for_any_number_of_segments(
    known: int, new: int
) -> None:
    distances = [
        geometry_distance(
            list(RNG.normal(0, 1, (known, 5))), known, list(RNG.normal(0, 1, (new, 5)))
        )
        for _ in range(400)
    ]
    assert np.mean(distances) == pytest.approx(1.0, abs=0.12)


def test_only_movement_along_the_directions_makes_a_different_person() -> None:
    geometry = GeometryModel(DIRECTIONS, 4.0, 1.0)
    face = RNG.normal(0, 1, 80).astype(np.float32)
    moved, other = face.copy(), face.copy()
    moved[40:] += 10
    other[:5] += 4
    assert not geometry.is_different([geometry.embed(face)], 5.0, [geometry.embed(moved)])
    assert geometry.is_different([geometry.embed(face)], 5.0, [geometry.embed(other)])
    assert geometry.step_size(face, other) > geometry.shot_cut_above
    assert geometry.step_size(face, moved) < geometry.shot_cut_above


@pytest.mark.parametrize(
    ("directions", "threshold"),
    [(DIRECTIONS[:, :79], 4.0), (DIRECTIONS[:0], 4.0), (DIRECTIONS, 0.0)],
)
def test_wrong_shapes_and_thresholds_are_refused(directions: np.ndarray, threshold: float) -> None:
    with pytest.raises(ValueError, match="geometry"):
        GeometryModel(directions, threshold, 1.0)
