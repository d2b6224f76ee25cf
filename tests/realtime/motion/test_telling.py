import numpy as np
import pytest

from realtime.motion.telling import Telling, unlike

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
    assert telling.jumped(face, other)
    assert not telling.jumped(face, moved)


@pytest.mark.parametrize(("directions", "limit"), [(DIRECTIONS[:, :79], 4.0), (DIRECTIONS[:0], 4.0), (DIRECTIONS, 0.0)])
def test_what_cannot_tell_anybody_is_refused(directions: np.ndarray, limit: float) -> None:
    with pytest.raises(ValueError, match="telling"):
        Telling(directions, limit, 1.0)
