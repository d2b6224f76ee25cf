from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from realtime.person.appearance import PIXELS, AppearanceModel, cosine_similarity
from realtime.person.cut_detector import OUTLIER_FACTOR, RECENT_STEPS, CutDetector, OutlierDetector
from realtime.person.geometry import GeometryModel, geometry_distance

RNG = np.random.default_rng(0)
DIRECTIONS = np.eye(80, dtype=np.float32)[:5]


def test_one_person_is_about_as_unlike_themselves_however_often_they_were_seen() -> None:
    for known, seen in ((1, 1), (10, 1), (10, 3)):
        draws = [
            geometry_distance(
                list(RNG.normal(0, 1, (known, 5))), known, list(RNG.normal(0, 1, (seen, 5)))
            )
            for _ in range(400)
        ]
        assert np.mean(draws) == pytest.approx(1.0, abs=0.12)


def test_another_face_is_told_by_its_proportions_alone() -> None:
    telling = GeometryModel(DIRECTIONS, 4.0, 1.0)
    face = RNG.normal(0, 1, 80).astype(np.float32)
    moved, other = face.copy(), face.copy()
    moved[40:] += 10
    other[:5] += 4
    assert not telling.is_different([telling.embed(face)], 5.0, [telling.embed(moved)])
    assert telling.is_different([telling.embed(face)], 5.0, [telling.embed(other)])
    assert telling.step_size(face, other) > telling.shot_cut_above > telling.step_size(face, moved)


def test_a_cut_is_a_step_that_no_face_makes_and_trembling_points_are_none() -> None:
    """Points that tremble by half a spread of people step beyond `jump` all the time, and to another face farther."""
    face, other = np.zeros(80, np.float32), np.full(80, 4.0, np.float32)
    telling = GeometryModel(DIRECTIONS, 4.0, 0.3)
    for trembling in (0.0, 0.7):
        cuts = CutDetector(telling)
        shapes = [face + RNG.normal(0, trembling, 80).astype(np.float32) for _ in range(60)]
        steps = [cuts.is_cut(before, after) for before, after in pairwise(shapes)]
        assert sum(steps[1:]) <= 1
        assert cuts.is_cut(shapes[-1], other)
    assert np.mean([telling.step_size(*pair) for pair in pairwise(shapes)]) > telling.shot_cut_above


@pytest.mark.parametrize(
    ("directions", "limit"), [(DIRECTIONS[:, :79], 4.0), (DIRECTIONS[:0], 4.0), (DIRECTIONS, 0.0)]
)
def test_what_cannot_tell_anybody_is_refused(directions: np.ndarray, limit: float) -> None:
    with pytest.raises(ValueError, match="telling"):
        GeometryModel(directions, limit, 1.0)


class TestSteps:
    def test_the_first_step_is_held_against_the_limit_alone(self) -> None:
        assert OutlierDetector(1.0).is_outlier(1.1)
        assert not OutlierDetector(1.0).is_outlier(1.0)

    def test_where_steps_are_large_one_must_stand_out_among_them(self) -> None:
        steps = OutlierDetector(1.0)
        assert (
            sum(steps.is_outlier(2.0) for _ in range(RECENT_STEPS)) == 1
        )  # the first, which nothing went before
        assert not steps.is_outlier(2.0 * OUTLIER_FACTOR)
        assert steps.is_outlier(2.0 * OUTLIER_FACTOR + 0.1)

    def test_where_they_are_small_one_must_go_beyond_the_limit(self) -> None:
        steps = OutlierDetector(1.0)
        assert not any(steps.is_outlier(0.01) for _ in range(RECENT_STEPS))
        assert not steps.is_outlier(0.9)
        assert steps.is_outlier(1.1)

    def test_a_step_is_not_held_against_itself_nor_is_one_cut_what_is_usual(self) -> None:
        steps = OutlierDetector(1.0)
        assert steps.is_outlier(50.0)
        assert not any(steps.is_outlier(0.1) for _ in range(2))
        assert steps.is_outlier(50.0)

    def test_what_was_long_ago_is_usual_no_more(self) -> None:
        steps = OutlierDetector(1.0)
        for step in (*[5.0] * RECENT_STEPS, *[0.1] * (RECENT_STEPS // 2 + 1)):
            steps.is_outlier(step)
        assert steps.is_outlier(1.5)


class TestPatches:
    LOOKS = AppearanceModel(
        np.ones((1, PIXELS), np.float32), np.zeros(1, np.float32), 0.1, 0.7, 0.6
    )
    TELLING = GeometryModel(DIRECTIONS, 4.0, 1.0, LOOKS)
    FACE = RNG.integers(40, 200, (24, 24))

    def noisy(self, grey: float) -> np.ndarray:
        return np.clip(self.FACE + RNG.normal(0, grey, (24, 24)), 0, 255).astype(np.uint8)

    def test_a_cut_lies_where_two_patches_are_not_alike(self) -> None:
        cuts = CutDetector(self.TELLING)
        other = RNG.integers(40, 200, (24, 24)).astype(np.uint8)
        patches = [self.noisy(5), self.noisy(5), other, other, self.noisy(5)]
        assert [cuts.is_crop_cut(*pair) for pair in pairwise(patches)] == [
            False,
            True,
            False,
            True,
        ]

    @pytest.mark.parametrize(("cut", "is_one"), [(0.3, False), (0.8, True)])
    def test_how_unlike_patches_must_be_was_learned(self, cut: float, is_one: bool) -> None:
        half_alike = self.FACE // 2 + np.roll(self.FACE, 9) // 2
        one, other = self.FACE.astype(np.uint8), half_alike.astype(np.uint8)
        assert cosine_similarity(one, other) == pytest.approx(0.7, abs=0.1)
        telling = replace(self.TELLING, appearance=replace(self.LOOKS, shot_cut_below=cut))
        assert CutDetector(telling).is_crop_cut(one, other) is is_one

    def test_noise_beyond_what_was_learned_from_is_no_cut(self) -> None:
        cuts = CutDetector(self.TELLING)
        patches = [self.noisy(60) for _ in range(60)]
        assert (
            np.mean([cosine_similarity(*pair) for pair in pairwise(patches)])
            < self.LOOKS.shot_cut_below
        )
        assert sum(cuts.is_crop_cut(*pair) for pair in pairwise(patches)) <= 1

    def test_the_light_that_is_switched_on_is_no_cut(self) -> None:
        dark = (self.FACE // 4).astype(np.uint8)
        assert not CutDetector(self.TELLING).is_crop_cut(dark, (dark * 4).astype(np.uint8))

    def test_what_was_not_seen_as_a_picture_shows_no_cut(self) -> None:
        cuts, one = CutDetector(self.TELLING), self.noisy(0)
        assert not any(
            cuts.is_crop_cut(*pair) for pair in ((None, one), (one, None), (None, None))
        )
        assert cuts.is_crop_cut(one, 255 - one)  # and was not taken for what is usual

    def test_without_an_appearance_patches_show_none(self) -> None:
        one = self.noisy(0)
        assert not CutDetector(GeometryModel(DIRECTIONS, 4.0, 1.0)).is_crop_cut(one, 255 - one)

    def test_shapes_and_patches_are_each_held_against_their_own(self) -> None:
        cuts, one = CutDetector(self.TELLING), self.noisy(0)
        far = np.zeros(80, np.float32)
        for _ in range(RECENT_STEPS):
            far = far + 3 * RNG.choice([-1, 1], 80).astype(np.float32)
            cuts.is_cut(far, -far)
        assert cuts.is_crop_cut(one, 255 - one)
