from itertools import pairwise

import numpy as np
import pytest

from realtime.person.cut_detector import (
    CUT_ABOVE,
    OUTLIER_FACTOR,
    RECENT_STEPS,
    CutDetector,
    crop_correlation,
)

RNG = np.random.default_rng(0)
FACE, OTHER = RNG.integers(40, 200, (2, 24, 24))


def noisy(grey: float, face: np.ndarray = FACE) -> np.ndarray:
    return np.clip(face + RNG.normal(0, grey, (24, 24)), 0, 255).astype(np.uint8)


def test_a_cut_is_a_step_between_dissimilar_crops() -> None:
    cuts = CutDetector()
    crops = [noisy(5), noisy(5), noisy(5, OTHER), noisy(5, OTHER), noisy(5)]
    assert [cuts.is_cut(*pair) for pair in pairwise(crops)] == [False, True, False, True]


@pytest.mark.parametrize(("share", "is_cut"), [(0.05, False), (0.9, True)])
def test_a_step_is_a_cut_above_the_limit(share: float, is_cut: bool) -> None:
    mixed = ((1 - share) * FACE + share * OTHER).astype(np.uint8)
    assert (1 - crop_correlation(FACE.astype(np.uint8), mixed) > CUT_ABOVE) is is_cut
    assert CutDetector().is_cut(FACE.astype(np.uint8), mixed) is is_cut


def test_strong_noise_is_no_cut() -> None:
    """Noise alone steps beyond the limit, but not beyond its own median."""
    cuts, crops = CutDetector(), [noisy(60) for _ in range(2 * RECENT_STEPS)]
    assert np.mean([1 - crop_correlation(*pair) for pair in pairwise(crops)]) > CUT_ABOVE
    assert sum(cuts.is_cut(*pair) for pair in pairwise(crops)) <= 1


def test_among_noisy_crops_a_larger_step_is_a_cut() -> None:
    cuts, crops = CutDetector(), [noisy(20) for _ in range(RECENT_STEPS)]
    for pair in pairwise(crops):
        cuts.is_cut(*pair)
    step = np.median([1 - crop_correlation(*pair) for pair in pairwise(crops)])
    assert OUTLIER_FACTOR * step < 1
    assert cuts.is_cut(noisy(0), noisy(0, 240 - FACE))


def test_a_cut_is_found_again_after_a_cut() -> None:
    cuts = CutDetector()
    for _ in range(3):
        assert not cuts.is_cut(noisy(3), noisy(3))
        assert cuts.is_cut(noisy(3), noisy(3, OTHER))


def test_a_change_of_light_is_no_cut() -> None:
    dark = (FACE // 4).astype(np.uint8)
    assert not CutDetector().is_cut(dark, (dark * 4).astype(np.uint8))


def test_a_missing_crop_is_no_cut() -> None:
    cuts, one = CutDetector(), noisy(0)
    assert not any(cuts.is_cut(*pair) for pair in ((None, one), (one, None), (None, None)))
    assert cuts.is_cut(one, 255 - one)  # missing crops are no steps


def test_uniform_crops_do_not_correlate() -> None:
    grey = np.full((24, 24), 90, np.uint8)
    assert crop_correlation(grey, grey) == crop_correlation(grey, noisy(0)) == 0
