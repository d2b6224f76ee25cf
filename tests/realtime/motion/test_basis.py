import numpy as np
import pytest

from realtime.landmarks.appearance import APPEARANCE, SYMMETRIC
from realtime.motion.basis import (
    LIMIT,
    MIRROR,
    MovementBasis,
    fit_basis,
    mirror,
    mirrored,
    principal_directions,
)

RNG = np.random.default_rng(2)


def low_rank_movement(count: int = 400) -> np.ndarray:
    """Return movement within six directions."""
    directions = RNG.normal(0, 1, (6, 80))
    return (RNG.normal(0, 1, (count, 6)) @ directions * 0.3).astype(np.float32)


def test_mirroring_twice_is_the_identity() -> None:
    movement = low_rank_movement()
    np.testing.assert_array_equal(mirror(mirror(movement)), movement)
    np.testing.assert_array_equal(np.sort(MIRROR), np.arange(40))


def test_mirroring_swaps_the_sides_and_negates_x() -> None:
    movement = np.zeros(80, np.float32)
    movement[0], movement[40] = 1.0, 2.0  # the outer end of one brow
    turned = mirror(movement)
    assert (turned[9], turned[49]) == (-1.0, 2.0)
    assert mirrored(movement)[9] == 1.0


def test_a_movement_and_its_mirror_have_one_encoding() -> None:
    movement = low_rank_movement()
    basis = fit_basis(movement, 15, 12, 3.0)
    np.testing.assert_allclose(basis.encode(movement), basis.encode(mirror(movement)), atol=1e-4)


def test_the_encoding_includes_asymmetry() -> None:
    movement = low_rank_movement()
    basis = fit_basis(movement, 15, 12, 3.0)
    even = (movement + mirror(movement)) / 2
    assert np.abs(basis.encode(even)[:, 40:]).max() < 1e-4
    assert np.abs(basis.encode(movement)[:, 40:]).mean() > 0.01


def test_encodings_are_scaled_and_clipped() -> None:
    movement = low_rank_movement()
    basis = fit_basis(movement, 40, 40, 30.0)
    assert np.sqrt(np.square(basis.encode(movement)).mean()) == pytest.approx(1 / 30, rel=1e-3)
    assert basis.encode(1e6 * movement).max() == pytest.approx(LIMIT)


def test_decoding_inverts_the_encoding_of_symmetric_movement() -> None:
    movement = low_rank_movement()
    even = (movement + mirror(movement)) / 2
    basis = fit_basis(movement, 40, 40, 30.0)
    np.testing.assert_allclose(basis.decode(basis.encode(even)), even, atol=1e-4)


def test_directions_are_orthonormal_and_reproducible() -> None:
    movement = low_rank_movement()
    rows = principal_directions(movement, 6)
    np.testing.assert_allclose(rows @ rows.T, np.eye(6), atol=1e-4)
    np.testing.assert_array_equal(rows, principal_directions(movement.copy(), 6))
    assert (rows[np.arange(6), np.abs(rows).argmax(axis=1)] > 0).all()


def test_invalid_bases_are_refused() -> None:
    with pytest.raises(ValueError, match="directions"):
        MovementBasis(np.zeros((3, 80), np.float32), 1.0)
    with pytest.raises(ValueError, match="spread"):
        MovementBasis(np.zeros((80, 80), np.float32), 0.0)


def test_rounding_does_not_flip_a_direction() -> None:
    """Both halves move alike, so rounding decides which of two equal coordinates is larger."""
    rng = np.random.default_rng(8)
    movement = (rng.normal(0, 1, (200, 12)) @ rng.normal(0, 1, (12, 80))).astype(np.float32)
    first = fit_basis(movement, 8, 4, 3.0).directions
    for _ in range(20):
        order = rng.permutation(len(movement))  # the same sums, rounded differently
        again = fit_basis(movement[order], 8, 4, 3.0).directions
        np.testing.assert_allclose(again, first, atol=1e-4)


def with_appearance() -> np.ndarray:
    looks = RNG.normal(0, 0.7, (400, APPEARANCE))
    return np.concatenate((low_rank_movement(), looks), axis=1).astype(np.float32)


def test_the_appearance_is_mirrored_by_the_sign_of_its_antisymmetric_part() -> None:
    movement = with_appearance()
    turned = mirror(movement)
    np.testing.assert_array_equal(turned[:, :80], mirror(movement[:, :80]))
    kept = movement[:, 80 : 80 + SYMMETRIC]
    np.testing.assert_array_equal(turned[:, 80 : 80 + SYMMETRIC], kept)
    np.testing.assert_array_equal(turned[:, 80 + SYMMETRIC :], -movement[:, 80 + SYMMETRIC :])
    np.testing.assert_array_equal(mirrored(movement)[:, 80:], movement[:, 80:])


def test_appearance_takes_the_rows_that_the_landmarks_leave() -> None:
    movement = with_appearance()
    basis, alone = fit_basis(movement, 20, 20, 3.0), fit_basis(movement[:, :80], 20, 20, 3.0)
    np.testing.assert_array_equal(basis.directions[:, :80], alone.directions)
    assert basis.spread == alone.spread
    encoded = basis.encode(movement)
    expected = np.clip(movement[:, 80:] / basis.spread, -LIMIT, LIMIT)
    np.testing.assert_allclose(encoded[:, 20:40], expected[:, :SYMMETRIC], atol=1e-5)
    np.testing.assert_allclose(encoded[:, 60:72], np.abs(expected[:, SYMMETRIC:]), atol=1e-5)
    assert not encoded[:, 72:].any()
    np.testing.assert_allclose(basis.encode(mirror(movement)), encoded, atol=1e-4)


def test_decoding_gives_the_landmarks_alone() -> None:
    movement = with_appearance()
    basis, alone = fit_basis(movement, 20, 20, 3.0), fit_basis(movement[:, :80], 20, 20, 3.0)
    encoded = basis.encode(movement)
    assert basis.decode(encoded).shape == (400, 80)
    landmarks = alone.encode(movement[:, :80])
    np.testing.assert_allclose(basis.decode(encoded), alone.decode(landmarks), atol=1e-5)


def test_too_many_directions_leave_no_room_for_the_appearance() -> None:
    with pytest.raises(ValueError, match="21 and 20 components leave no room"):
        fit_basis(with_appearance(), 21, 20, 3.0)
