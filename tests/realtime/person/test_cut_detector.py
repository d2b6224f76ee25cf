from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from realtime.person.appearance import PIXELS, AppearanceModel, cosine_similarity
from realtime.person.cut_detector import OUTLIER_FACTOR, RECENT_STEPS, CutDetector, OutlierDetector
from realtime.person.geometry import GeometryModel

RNG = np.random.default_rng(0)
DIRECTIONS = np.eye(80, dtype=np.float32)[:5]


def test_a_shot_cut_is_found_and_jitter_is_not_one() -> None:
    """Jitter alone steps beyond `shot_cut_above`; another face is a larger step still."""
    face, other = np.zeros(80, np.float32), np.full(80, 4.0, np.float32)
    geometry = GeometryModel(DIRECTIONS, 4.0, 0.3)
    for jitter in (0.0, 0.7):
        cuts = CutDetector(geometry)
        shapes = [face + RNG.normal(0, jitter, 80).astype(np.float32) for _ in range(60)]
        steps = [cuts.is_cut(before, after) for before, after in pairwise(shapes)]
        assert sum(steps[1:]) <= 1
        assert cuts.is_cut(shapes[-1], other)
    assert (
        np.mean([geometry.step_size(*pair) for pair in pairwise(shapes)]) > geometry.shot_cut_above
    )


class TestOutlierDetector:
    def test_the_first_step_is_compared_with_the_threshold_alone(self) -> None:
        assert OutlierDetector(1.0).is_outlier(1.1)
        assert not OutlierDetector(1.0).is_outlier(1.0)

    def test_among_large_steps_an_outlier_is_larger_still(self) -> None:
        steps = OutlierDetector(1.0)
        # Only the first, which has nothing to compare with.
        assert sum(steps.is_outlier(2.0) for _ in range(RECENT_STEPS)) == 1
        assert not steps.is_outlier(2.0 * OUTLIER_FACTOR)
        assert steps.is_outlier(2.0 * OUTLIER_FACTOR + 0.1)

    def test_among_small_steps_an_outlier_exceeds_the_threshold(self) -> None:
        steps = OutlierDetector(1.0)
        assert not any(steps.is_outlier(0.01) for _ in range(RECENT_STEPS))
        assert not steps.is_outlier(0.9)
        assert steps.is_outlier(1.1)

    def test_one_shot_cut_does_not_raise_the_recent_mean(self) -> None:
        steps = OutlierDetector(1.0)
        assert steps.is_outlier(50.0)
        assert not any(steps.is_outlier(0.1) for _ in range(2))
        assert steps.is_outlier(50.0)

    def test_old_steps_no_longer_count(self) -> None:
        steps = OutlierDetector(1.0)
        for step in (*[5.0] * RECENT_STEPS, *[0.1] * (RECENT_STEPS // 2 + 1)):
            steps.is_outlier(step)
        assert steps.is_outlier(1.5)


class TestCropCuts:
    APPEARANCE = AppearanceModel(
        np.ones((1, PIXELS), np.float32), np.zeros(1, np.float32), 0.1, 0.7, 0.6
    )
    GEOMETRY = GeometryModel(DIRECTIONS, 4.0, 1.0, APPEARANCE)
    FACE = RNG.integers(40, 200, (24, 24))

    def noisy(self, grey: float) -> np.ndarray:
        return np.clip(self.FACE + RNG.normal(0, grey, (24, 24)), 0, 255).astype(np.uint8)

    def test_a_shot_cut_is_a_step_between_dissimilar_crops(self) -> None:
        cuts = CutDetector(self.GEOMETRY)
        other = RNG.integers(40, 200, (24, 24)).astype(np.uint8)
        crops = [self.noisy(5), self.noisy(5), other, other, self.noisy(5)]
        assert [cuts.is_crop_cut(*pair) for pair in pairwise(crops)] == [False, True, False, True]

    @pytest.mark.parametrize(("threshold", "is_cut"), [(0.3, False), (0.8, True)])
    def test_the_threshold_is_that_of_the_appearance_model(
        self, threshold: float, is_cut: bool
    ) -> None:
        half_similar = self.FACE // 2 + np.roll(self.FACE, 9) // 2
        one, other = self.FACE.astype(np.uint8), half_similar.astype(np.uint8)
        assert cosine_similarity(one, other) == pytest.approx(0.7, abs=0.1)
        geometry = replace(
            self.GEOMETRY, appearance=replace(self.APPEARANCE, shot_cut_below=threshold)
        )
        assert CutDetector(geometry).is_crop_cut(one, other) is is_cut

    def test_strong_noise_is_no_shot_cut(self) -> None:
        cuts = CutDetector(self.GEOMETRY)
        crops = [self.noisy(60) for _ in range(60)]
        assert (
            np.mean([cosine_similarity(*pair) for pair in pairwise(crops)])
            < self.APPEARANCE.shot_cut_below
        )
        assert sum(cuts.is_crop_cut(*pair) for pair in pairwise(crops)) <= 1

    def test_a_change_of_light_is_no_shot_cut(self) -> None:
        dark = (self.FACE // 4).astype(np.uint8)
        assert not CutDetector(self.GEOMETRY).is_crop_cut(dark, (dark * 4).astype(np.uint8))

    def test_a_missing_crop_is_no_shot_cut(self) -> None:
        cuts, one = CutDetector(self.GEOMETRY), self.noisy(0)
        assert not any(cuts.is_crop_cut(*pair) for pair in ((None, one), (one, None), (None, None)))
        assert cuts.is_crop_cut(one, 255 - one)  # missing crops are no steps

    def test_without_an_appearance_model_crops_show_no_shot_cut(self) -> None:
        one = self.noisy(0)
        assert not CutDetector(GeometryModel(DIRECTIONS, 4.0, 1.0)).is_crop_cut(one, 255 - one)

    def test_shapes_and_crops_have_separate_recent_steps(self) -> None:
        cuts, one = CutDetector(self.GEOMETRY), self.noisy(0)
        far = np.zeros(80, np.float32)
        for _ in range(RECENT_STEPS):
            far = far + 3 * RNG.choice([-1, 1], 80).astype(np.float32)
            cuts.is_cut(far, -far)
        assert cuts.is_crop_cut(one, 255 - one)
