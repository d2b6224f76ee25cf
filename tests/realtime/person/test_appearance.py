import numpy as np
import pytest

from realtime.person.appearance import (
    FEW,
    PIXELS,
    AppearanceModel,
    cosine_similarity,
    embedding_similarity,
    expected,
    normalise_crops,
    unit_rows,
)

RNG = np.random.default_rng(3)
MEAN = normalise_crops(RNG.integers(0, 256, (24, 24)).astype(np.uint8))
DIRECTIONS = RNG.normal(0, 1, (12, PIXELS)).astype(np.float32)
MIDDLE = DIRECTIONS @ MEAN
APPEARANCE = AppearanceModel(DIRECTIONS, MIDDLE, 0.4, 0.7, 0.5)


def patch(rng: np.random.Generator = RNG) -> np.ndarray:
    return rng.integers(40, 200, (24, 24)).astype(np.uint8)


def places_at(cosine: float) -> tuple[np.ndarray, np.ndarray]:
    """Two places whose cosine is the one given."""
    one, other = np.zeros((2, 12), np.float32)
    one[0], other[:2] = 1.0, (cosine, np.sqrt(1 - cosine**2))
    return one, other


class TestLaid:
    def test_light_and_contrast_drop_out(self) -> None:
        one = patch() // 2 + 20
        np.testing.assert_allclose(
            normalise_crops((one * 2 - 30).astype(np.uint8)), normalise_crops(one), atol=1e-5
        )

    def test_a_row_has_mean_0_and_length_1_for_each_of_many(self) -> None:
        many = np.array([[patch() for _ in range(3)] for _ in range(2)])
        rows = normalise_crops(many)
        assert rows.shape == (2, 3, PIXELS)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows.mean(axis=-1), 0, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=-1), 1, atol=1e-5)
        np.testing.assert_array_equal(rows[1, 2], normalise_crops(many[1, 2]))

    def test_a_patch_of_one_grey_is_nothing_and_no_error(self) -> None:
        with np.errstate(all="raise"):
            assert not normalise_crops(np.full((24, 24), 77, np.uint8)).any()


class TestAlike:
    def test_it_is_the_correlation_of_pixels(self) -> None:
        one, other = patch(), patch()
        assert cosine_similarity(one, other) == pytest.approx(
            np.corrcoef(one.ravel(), other.ravel())[0, 1], abs=1e-5
        )

    def test_a_patch_is_like_itself_and_the_opposite_of_its_negative(self) -> None:
        one = patch()
        assert cosine_similarity(one, one) == pytest.approx(1)
        assert cosine_similarity(one, 255 - one) == pytest.approx(-1)


class TestLikeness:
    def test_it_is_the_cosine_of_the_means(self) -> None:
        one, other = places_at(0.6)
        assert embedding_similarity([one], [other]) == pytest.approx(0.6)
        assert embedding_similarity([one, one, other], [5 * other, other]) == pytest.approx(
            float(unit_rows(2 * one + other) @ other), abs=1e-6
        )

    def test_more_stretches_let_more_be_expected_up_to_all_of_it(self) -> None:
        shares = [expected(n) for n in (1, 2, 6, 30, 10_000)]
        assert shares == sorted(shares)
        assert shares[0] == 1 / (1 + FEW)
        assert shares[-1] == pytest.approx(1, abs=1e-3)

    def test_rows_of_length_1_and_of_none(self) -> None:
        rows = unit_rows(np.array([[3, 4], [0, 0]], np.float32))
        np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], atol=1e-6)


class TestAppearance:
    def test_a_place_is_where_a_patch_lies_along_the_directions(self) -> None:
        one = patch()
        place = APPEARANCE.embed(one)
        assert (place.shape, place.dtype) == ((12,), np.float32)
        along = DIRECTIONS @ (normalise_crops(one) - MEAN)
        np.testing.assert_allclose(place, along / np.linalg.norm(along), atol=1e-5)

    def test_places_of_many_are_those_of_each(self) -> None:
        many = np.array([patch() for _ in range(4)])
        np.testing.assert_allclose(
            APPEARANCE.embed(many), [APPEARANCE.embed(each) for each in many], atol=1e-5
        )

    def test_the_light_of_a_picture_moves_nobody(self) -> None:
        one = patch() // 2 + 20
        np.testing.assert_allclose(APPEARANCE.embed(one), APPEARANCE.embed(one + 40), atol=1e-4)

    @pytest.mark.parametrize(
        ("cosine", "another", "one"), [(0.1, True, False), (0.5, False, False), (0.8, False, True)]
    )
    def test_between_both_limits_nothing_is_told(
        self, cosine: float, another: bool, one: bool
    ) -> None:
        known, seen = places_at(cosine)
        assert APPEARANCE.is_different([known] * 20, [seen]) is another
        assert APPEARANCE.is_same([known] * 20, [seen]) is one

    def test_who_is_known_from_little_is_not_so_soon_another(self) -> None:
        """A likeness of 0.25 is too little for who was seen ten times, and as much as can be expected after one."""
        known, seen = places_at(0.25)
        assert APPEARANCE.is_different([known] * 10, [seen])
        assert not APPEARANCE.is_different([known], [seen])

    @pytest.mark.parametrize(
        ("directions", "middle"),
        [(DIRECTIONS, MIDDLE[:-1]), (DIRECTIONS[:, :-1], MIDDLE), (DIRECTIONS[:0], MIDDLE[:0])],
    )
    def test_arrays_of_another_shape_are_refused(
        self, directions: np.ndarray, middle: np.ndarray
    ) -> None:
        with pytest.raises(ValueError, match=r"shapes .*; want \(d, 576\) and \(d,\)"):
            AppearanceModel(directions, middle, 0.4, 0.7, 0.5)

    @pytest.mark.parametrize(
        ("limit", "same", "cut"),
        [
            (0.7, 0.4, 0.5),
            (0.5, 0.5, 0.5),
            (-1.0, 0.5, 0.5),
            (0.4, 1.0, 0.5),
            (0.4, 0.7, 1.0),
            (0.4, 0.7, -1.0),
            (float("nan"), 0.7, 0.5),
            (0.4, float("nan"), 0.5),
            (0.4, 0.7, float("nan")),
        ],
    )
    def test_limits_that_no_likeness_can_reach_are_refused(
        self, limit: float, same: float, cut: float
    ) -> None:
        with pytest.raises(ValueError, match="want limit < same within -1 and 1"):
            AppearanceModel(DIRECTIONS, MIDDLE, limit, same, cut)
