import numpy as np
import pytest
from stages import descriptor_of

from realtime.person.known_face import (
    DIFFERENT_ABOVE,
    ENOUGH,
    FEW,
    MAX_COUNT,
    SAME_BELOW,
    Identity,
    KnownFace,
)

ANNA, BERT = descriptor_of(1), descriptor_of(2)
APART = float(np.linalg.norm(ANNA - BERT))


def towards_bert(distance: float) -> np.ndarray:
    """Return a descriptor at `distance` from Anna's."""
    return np.asarray(ANNA + (BERT - ANNA) * distance / APART, np.float32)


def test_the_mean_and_the_count_are_those_of_the_descriptors() -> None:
    face = KnownFace.of([ANNA, BERT])
    np.testing.assert_allclose(face.mean, (ANNA + BERT) / 2, atol=1e-6)
    more = face.joined([ANNA, ANNA])
    np.testing.assert_allclose(more.mean, (3 * ANNA + BERT) / 4, atol=1e-6)
    assert (face.count, more.count, more.mean.dtype) == (2, 4, np.float32)


def test_the_count_is_bounded_and_a_changing_face_is_followed() -> None:
    face = KnownFace.of([ANNA] * (2 * MAX_COUNT)).joined([BERT] * (5 * MAX_COUNT))
    assert face.count == MAX_COUNT
    assert face.distance([BERT]) < 0.05


def test_near_is_the_same_and_far_is_another() -> None:
    face = KnownFace(ANNA, MAX_COUNT)
    assert face.compare([towards_bert(SAME_BELOW - 0.01)]) is Identity.SAME
    far = towards_bert(face.different_above + 0.01)
    assert [face.compare([far] * n) for n in range(1, FEW)] == [Identity.UNDECIDED] * (FEW - 1)
    assert face.compare([far] * FEW) is Identity.DIFFERENT
    between = towards_bert((SAME_BELOW + face.different_above) / 2)
    assert face.compare([between] * ENOUGH) is Identity.UNDECIDED


def test_of_many_descriptors_the_newest_count() -> None:
    assert KnownFace(ANNA, MAX_COUNT).compare([BERT] * 20 + [ANNA] * ENOUGH) is Identity.SAME


def test_a_face_that_little_is_known_of_needs_a_larger_distance() -> None:
    limits = [KnownFace(ANNA, count).different_above for count in (1, 3, 10, MAX_COUNT)]
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] > max(DIFFERENT_ABOVE, SAME_BELOW)


@pytest.mark.parametrize(
    ("mean", "count"),
    [(ANNA[:100], 1), (ANNA, 0), (np.full(128, np.nan, np.float32), 1)],
    ids=["shape", "count", "nan"],
)
def test_what_is_no_face_is_refused(mean: np.ndarray, count: int) -> None:
    with pytest.raises(ValueError, match=r"want \(128,\), finite, of 1 or more"):
        KnownFace(mean, count)
