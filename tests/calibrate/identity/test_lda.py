import numpy as np
import pytest

from calibrate.identity.lda import lda_directions

RNG = np.random.default_rng(4)
PEOPLE, EACH, WIDE = 12, 30, 10
SUBJECTS = np.repeat(np.arange(PEOPLE), EACH).astype(str)


def rows(apart: dict[int, float], within: dict[int, float]) -> np.ndarray:
    """Return rows of people who differ by `apart` and vary by `within` along the given columns."""
    found = RNG.normal(0, 1, (PEOPLE * EACH, WIDE))
    for column, far in within.items():
        found[:, column] *= far
    for column, far in apart.items():
        found[:, column] += np.repeat(RNG.normal(0, far, PEOPLE), EACH)
    return found.astype(np.float32)


def test_the_first_direction_has_the_largest_between_to_within_ratio() -> None:
    """People differ by ten along the first column, but each varies by as much there."""
    shown = rows({0: 10.0, 3: 5.0}, {0: 10.0})
    first = np.abs(lda_directions(shown, SUBJECTS, 2, 1e-6)[0])
    assert first.argmax() == 3
    assert first[3] > 5 * np.delete(first, 3).max()


def test_within_person_variation_is_one_and_uncorrelated() -> None:
    shown = rows({1: 3.0, 2: 3.0}, {1: 4.0, 5: 0.2})
    places = shown @ lda_directions(shown, SUBJECTS, WIDE, 1e-9).T
    each = places.reshape(PEOPLE, EACH, WIDE)
    within = (each - each.mean(axis=1, keepdims=True)).reshape(-1, WIDE)
    np.testing.assert_allclose(within.T @ within / len(within), np.eye(WIDE), atol=1e-3)


@pytest.mark.parametrize(("most", "people", "found"), [(3, 12, 3), (50, 5, 4), (50, 12, WIDE)])
def test_the_number_of_directions_is_limited_by_people(most: int, people: int, found: int) -> None:
    few = slice(people * EACH)
    directions = lda_directions(rows({0: 3.0}, {})[few], SUBJECTS[few], most, 0.1)
    assert (directions.shape, directions.dtype) == ((found, WIDE), np.float32)


def test_the_ridge_distrusts_columns_of_few_rows_without_variation() -> None:
    shown = rows({0: 3.0}, {4: 1e-4})
    bare, ridged = (
        np.abs(lda_directions(shown, SUBJECTS, 11, ridge)[:, 4]).max() for ridge in (1e-12, 0.1)
    )
    assert bare > 1000
    assert ridged < 10


def test_row_order_and_a_shared_offset_change_nothing() -> None:
    shown, order = rows({0: 3.0, 6: 2.0}, {}), RNG.permutation(PEOPLE * EACH)
    one = lda_directions(shown, SUBJECTS, 2, 0.1)
    two = lda_directions(shown[order] + np.float32(5), SUBJECTS[order], 2, 0.1)
    np.testing.assert_allclose(np.abs(one), np.abs(two), atol=1e-3)
