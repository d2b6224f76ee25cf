from itertools import pairwise

import numpy as np
import pytest

from realtime.motion.telling import Cuts, Telling, unlike

RNG = np.random.default_rng(0)
DIRECTIONS = np.eye(80, dtype=np.float32)[:5]


def test_one_person_is_about_as_unlike_themselves_however_often_they_were_seen() -> None:
    for known, seen in ((1, 1), (10, 1), (10, 3)):
        draws = [
            unlike(list(RNG.normal(0, 1, (known, 5))), known, list(RNG.normal(0, 1, (seen, 5)))) for _ in range(400)
        ]
        assert np.mean(draws) == pytest.approx(1.0, abs=0.12)


def test_another_face_is_told_by_its_proportions_alone() -> None:
    telling = Telling(DIRECTIONS, 4.0, 1.0)
    face = RNG.normal(0, 1, 80).astype(np.float32)
    moved, other = face.copy(), face.copy()
    moved[40:] += 10
    other[:5] += 4
    assert not telling.another([telling.place(face)], 5.0, [telling.place(moved)])
    assert telling.another([telling.place(face)], 5.0, [telling.place(other)])
    assert telling.step(face, other) > telling.jump > telling.step(face, moved)


def test_a_cut_is_a_step_that_no_face_makes_and_trembling_points_are_none() -> None:
    """Points that tremble by half a spread of people step beyond `jump` all the time, and to another face farther."""
    face, other = np.zeros(80, np.float32), np.full(80, 4.0, np.float32)
    telling = Telling(DIRECTIONS, 4.0, 0.3)
    for trembling in (0.0, 0.7):
        cuts = Cuts(telling)
        shapes = [face + RNG.normal(0, trembling, 80).astype(np.float32) for _ in range(60)]
        steps = [cuts.between(before, after) for before, after in pairwise(shapes)]
        assert sum(steps[1:]) <= 1
        assert cuts.between(shapes[-1], other)
    assert np.mean([telling.step(*pair) for pair in pairwise(shapes)]) > telling.jump


@pytest.mark.parametrize(("directions", "limit"), [(DIRECTIONS[:, :79], 4.0), (DIRECTIONS[:0], 4.0), (DIRECTIONS, 0.0)])
def test_what_cannot_tell_anybody_is_refused(directions: np.ndarray, limit: float) -> None:
    with pytest.raises(ValueError, match="telling"):
        Telling(directions, limit, 1.0)
