from __future__ import annotations

import numpy as np
import pytest

from realtime.landmarks.appearance import (
    APPEARANCE,
    SYMMETRIC,
    AppearanceBasis,
    appearance_basis,
    mirror_of_hog,
)
from realtime.landmarks.expression_features import HOG_VALUES, SIZE_PX, _hog


def hog_of(picture: np.ndarray) -> np.ndarray:
    return np.asarray(_hog().compute(picture), np.float32)


@pytest.fixture
def picture() -> np.ndarray:
    """Return a smooth picture of the aligned face's size whose halves differ."""
    rows, columns = np.mgrid[: SIZE_PX[1], : SIZE_PX[0]]
    return (128 + 60 * np.sin(columns / 5 + rows / 9) + 50 * np.cos(rows / 6)).astype(np.uint8)


def test_the_mirrored_picture_has_the_counterparts(picture: np.ndarray) -> None:
    seen, mirrored = hog_of(picture), hog_of(np.ascontiguousarray(picture[:, ::-1]))
    # Not exactly: OpenCV spreads directions over neighbouring bins from one side.
    assert np.corrcoef(mirrored, seen[mirror_of_hog()])[0, 1] > 0.98
    assert np.corrcoef(mirrored, seen)[0, 1] < 0.9
    np.testing.assert_array_equal(mirror_of_hog()[mirror_of_hog()], np.arange(HOG_VALUES))


def test_in_the_mirror_only_the_antisymmetric_components_change_their_sign(
    picture: np.ndarray,
) -> None:
    basis, seen = appearance_basis(), hog_of(picture)
    one, other = basis.measure(seen), basis.measure(seen[mirror_of_hog()])
    np.testing.assert_allclose(other[:SYMMETRIC], one[:SYMMETRIC], atol=1e-5)
    np.testing.assert_allclose(other[SYMMETRIC:], -one[SYMMETRIC:], atol=1e-5)
    assert np.abs(one).min() > 0
    assert (one.dtype, one.shape) == (np.float32, (APPEARANCE,))


def test_the_packaged_components_are_orthonormal() -> None:
    components = appearance_basis().components
    np.testing.assert_allclose(components @ components.T, np.eye(APPEARANCE), atol=1e-3)


@pytest.mark.parametrize("fault", [np.nan, np.inf])
def test_components_that_are_not_finite_are_refused(fault: float) -> None:
    components = np.zeros((APPEARANCE, HOG_VALUES), np.float32)
    components[3, 5] = fault
    with pytest.raises(ValueError, match="finite"):
        AppearanceBasis(components)


def test_components_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match=r"components \(3, 5\); want"):
        AppearanceBasis(np.zeros((3, 5), np.float32))
