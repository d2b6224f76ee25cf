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


def crop(rng: np.random.Generator = RNG) -> np.ndarray:
    return rng.integers(40, 200, (24, 24)).astype(np.uint8)


def embeddings_with_cosine(cosine: float) -> tuple[np.ndarray, np.ndarray]:
    """Return two embeddings with the given cosine similarity."""
    one, other = np.zeros((2, 12), np.float32)
    one[0], other[:2] = 1.0, (cosine, np.sqrt(1 - cosine**2))
    return one, other


class TestNormaliseCrops:
    def test_brightness_and_contrast_have_no_effect(self) -> None:
        one = crop() // 2 + 20
        np.testing.assert_allclose(
            normalise_crops((one * 2 - 30).astype(np.uint8)), normalise_crops(one), atol=1e-5
        )

    def test_each_row_has_mean_0_and_length_1(self) -> None:
        many = np.array([[crop() for _ in range(3)] for _ in range(2)])
        rows = normalise_crops(many)
        assert rows.shape == (2, 3, PIXELS)
        assert rows.dtype == np.float32
        np.testing.assert_allclose(rows.mean(axis=-1), 0, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(rows, axis=-1), 1, atol=1e-5)
        np.testing.assert_array_equal(rows[1, 2], normalise_crops(many[1, 2]))

    def test_a_uniform_crop_is_zero_without_a_warning(self) -> None:
        with np.errstate(all="raise"):
            assert not normalise_crops(np.full((24, 24), 77, np.uint8)).any()


class TestCosineSimilarity:
    def test_it_is_the_correlation_of_the_pixels(self) -> None:
        one, other = crop(), crop()
        assert cosine_similarity(one, other) == pytest.approx(
            np.corrcoef(one.ravel(), other.ravel())[0, 1], abs=1e-5
        )

    def test_a_crop_has_similarity_1_to_itself_and_minus_1_to_its_negative(self) -> None:
        one = crop()
        assert cosine_similarity(one, one) == pytest.approx(1)
        assert cosine_similarity(one, 255 - one) == pytest.approx(-1)


class TestEmbeddingSimilarity:
    def test_it_is_the_cosine_of_the_mean_embeddings(self) -> None:
        one, other = embeddings_with_cosine(0.6)
        assert embedding_similarity([one], [other]) == pytest.approx(0.6)
        assert embedding_similarity([one, one, other], [5 * other, other]) == pytest.approx(
            float(unit_rows(2 * one + other) @ other), abs=1e-6
        )

    def test_the_expected_share_rises_to_1_with_the_segments(self) -> None:
        shares = [expected(n) for n in (1, 2, 6, 30, 10_000)]
        assert shares == sorted(shares)
        assert shares[0] == 1 / (1 + FEW)
        assert shares[-1] == pytest.approx(1, abs=1e-3)

    def test_unit_rows_leaves_a_zero_row_zero(self) -> None:
        rows = unit_rows(np.array([[3, 4], [0, 0]], np.float32))
        np.testing.assert_allclose(rows, [[0.6, 0.8], [0, 0]], atol=1e-6)


class TestAppearanceModel:
    def test_an_embedding_is_the_unit_projection_onto_the_directions(self) -> None:
        one = crop()
        embedding = APPEARANCE.embed(one)
        assert (embedding.shape, embedding.dtype) == ((12,), np.float32)
        along = DIRECTIONS @ (normalise_crops(one) - MEAN)
        np.testing.assert_allclose(embedding, along / np.linalg.norm(along), atol=1e-5)

    def test_many_crops_embed_as_each_does_alone(self) -> None:
        many = np.array([crop() for _ in range(4)])
        np.testing.assert_allclose(
            APPEARANCE.embed(many), [APPEARANCE.embed(each) for each in many], atol=1e-5
        )

    def test_brightness_does_not_change_the_embedding(self) -> None:
        one = crop() // 2 + 20
        np.testing.assert_allclose(APPEARANCE.embed(one), APPEARANCE.embed(one + 40), atol=1e-4)

    @pytest.mark.parametrize(
        ("cosine", "different", "same"),
        [(0.1, True, False), (0.5, False, False), (0.8, False, True)],
    )
    def test_between_the_thresholds_it_is_undecided(
        self, cosine: float, different: bool, same: bool
    ) -> None:
        known, new = embeddings_with_cosine(cosine)
        assert APPEARANCE.is_different([known] * 20, [new]) is different
        assert APPEARANCE.is_same([known] * 20, [new]) is same

    def test_few_known_segments_need_a_lower_similarity_to_differ(self) -> None:
        """A similarity of 0.25 is too low after ten segments, but expected after one."""
        known, new = embeddings_with_cosine(0.25)
        assert APPEARANCE.is_different([known] * 10, [new])
        assert not APPEARANCE.is_different([known], [new])

    @pytest.mark.parametrize(
        ("directions", "middle"),
        [(DIRECTIONS, MIDDLE[:-1]), (DIRECTIONS[:, :-1], MIDDLE), (DIRECTIONS[:0], MIDDLE[:0])],
    )
    def test_wrong_array_shapes_are_refused(
        self, directions: np.ndarray, middle: np.ndarray
    ) -> None:
        with pytest.raises(ValueError, match=r"shapes .*; want \(d, 576\), \(d,\)"):
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
    def test_thresholds_out_of_range_are_refused(
        self, limit: float, same: float, cut: float
    ) -> None:
        with pytest.raises(ValueError, match="want limit < same within -1 and 1"):
            AppearanceModel(DIRECTIONS, MIDDLE, limit, same, cut)
