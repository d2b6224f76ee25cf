import numpy as np
import pytest

from realtime.person.segment import Segment, neutral_of_segments, trimmed_mean

OWN = np.random.default_rng(5).normal(0, 1, 80).astype(np.float32)


def test_one_stretch_that_rests_elsewhere_is_outvoted() -> None:
    stretches = [Segment(OWN[None].repeat(30, axis=0), False)] * 5
    odd = Segment((OWN + 5)[None].repeat(30, axis=0), False)
    np.testing.assert_allclose(
        neutral_of_segments([*stretches[:2], odd, *stretches[2:]]), OWN, atol=1e-4
    )


def test_what_was_held_for_long_outvotes_no_greater_number_of_stretches() -> None:
    """Four expressions with the way there and back, then one that is cut in three as it lasts."""
    shown = OWN + 1
    passing = np.concatenate([OWN[None].repeat(20, axis=0), shown[None].repeat(10, axis=0)])
    held = Segment(shown[None].repeat(60, axis=0), False)
    away = neutral_of_segments([Segment(passing, True)] * 4 + [held] * 3) - OWN
    assert np.abs(away).max() < 0.45


def test_a_trimmed_mean_is_a_mean_without_its_ends() -> None:
    rows = np.arange(10, dtype=np.float32)[:, None]
    weights = np.ones(10)
    assert trimmed_mean(rows, weights)[0] == pytest.approx(4.5)
    rows[9] = 1e6
    assert trimmed_mean(rows, weights)[0] == pytest.approx(4.5)
    weights[:2] = 0.0
    assert trimmed_mean(np.arange(10, dtype=np.float32)[:, None], weights)[0] == pytest.approx(5.5)


class TestPeak:
    USUAL = np.full(80, 0.1, np.float32)

    def of(self, *away: float) -> float:
        """The peak of a stretch that is so many ranges from rest, a tenth of a second each."""
        return Segment(np.array([OWN + 0.1 * far for far in away]), False).peak_intensity(
            OWN, self.USUAL
        )

    def test_it_is_how_far_from_rest_a_face_stayed_for_half_a_second(self) -> None:
        assert self.of(*[0] * 10, *[2] * 5, *[0] * 10) == pytest.approx(2, abs=1e-4)
        assert self.of(*[3] * 30) == pytest.approx(3, abs=1e-4)

    def test_a_blink_is_none(self) -> None:
        assert self.of(*[0] * 10, 9, 9, *[0] * 10) == pytest.approx(0, abs=1e-4)

    def test_the_shortest_stretch_has_one(self) -> None:
        assert self.of(2, 2, 4) == pytest.approx(2, abs=1e-4)


def test_how_it_looked_is_not_part_of_how_it_rests() -> None:
    shapes = OWN[None].repeat(30, axis=0)
    assert Segment(shapes, False).embedding is None
    looked = Segment(shapes, False, np.ones(5, np.float32))
    assert looked.clip_weight == pytest.approx(1)
    np.testing.assert_array_equal(
        neutral_of_segments([looked]), neutral_of_segments([Segment(shapes, False)])
    )
