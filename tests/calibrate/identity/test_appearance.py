import numpy as np
import pytest
from synthetic import _smooth

from calibrate.identity.appearance import DIRECTIONS, KNOWN, SOON, _compared, fit_appearance_model
from realtime.person.appearance import AppearanceModel, cosine_similarity, unit_rows

PEOPLE, EACH, FRAMES = 8, 5, 16
SUBJECTS = np.repeat(np.arange(PEOPLE), EACH).astype(str)


def clips(
    light: float = 6.0, noise: float = 5.0, people: int = PEOPLE, own: float = 12.0
) -> list[np.ndarray]:
    """Return short clips of people of different appearance; each has its own light and noise."""
    rng, found = np.random.default_rng(1), []
    for person_appearance in [_smooth(own, rng) for _ in range(people)]:
        for _ in range(EACH):
            lit = 128 + person_appearance + _smooth(light, rng)
            found.append(
                np.clip(lit + rng.normal(0, noise, (FRAMES, 24, 24)), 0, 255).astype(np.uint8)
            )
    return found


def learned(
    shown: list[np.ndarray], subjects: np.ndarray = SUBJECTS, seed: int = 0
) -> AppearanceModel:
    appearance = fit_appearance_model(shown, subjects, seed)
    assert appearance is not None
    return appearance


@pytest.fixture(scope="module")
def shown() -> list[np.ndarray]:
    return clips()


@pytest.fixture(scope="module")
def appearance(shown: list[np.ndarray]) -> AppearanceModel:
    return learned(shown)


def test_different_people_are_separated_and_each_person_is_confirmed(
    appearance: AppearanceModel, shown: list[np.ndarray]
) -> None:
    places = [appearance.embed(clip).mean(axis=0) for clip in shown]
    for i in range(0, len(shown), EACH):
        known = places[i + 1 : i + EACH]
        assert not appearance.is_different(known, [places[i]])
        assert appearance.is_same(known, [places[i]])
        for j in range(0, len(shown), EACH):
            assert j == i or appearance.is_different(known, [places[j]])


def test_directions_are_fewer_than_people_and_as_wide_as_a_crop(
    appearance: AppearanceModel,
) -> None:
    assert appearance.directions.shape == (min(DIRECTIONS, PEOPLE - 1), 576)
    assert {appearance.mean_projection.dtype, appearance.directions.dtype} == {np.dtype(np.float32)}


def test_limits_come_from_held_out_people() -> None:
    """When people differ by noise alone, only training people could be separated."""
    found = learned(clips(own=0.0))
    assert found.different_below < 0.3
    better = learned(clips())
    assert better.different_below > found.different_below + 0.2


def test_the_shot_cut_limit_separates_neighbouring_frames_from_other_people(
    appearance: AppearanceModel, shown: list[np.ndarray]
) -> None:
    steps = [cosine_similarity(clip[i], clip[i + 1]) for clip in shown for i in range(FRAMES - 1)]
    assert np.mean(np.array(steps) < appearance.shot_cut_below) < 0.01
    others = [
        cosine_similarity(shown[i][0], shown[i + EACH][0])
        for i in range(0, len(shown) - EACH, EACH)
    ]
    assert np.mean(np.array(others) < appearance.shot_cut_below) > 0.9
    assert learned(clips(noise=30.0)).shot_cut_below < appearance.shot_cut_below - 0.1


@pytest.mark.parametrize(("light", "noise"), [(0.0, 5.0), (0.0, 0.5)])
def test_a_model_fits_perfectly_separated_people(light: float, noise: float) -> None:
    """The measured similarity exceeds the expected one: its share is above 1, unlike any limit."""
    found = learned(clips(light, noise))
    assert 0.9 < found.different_below < found.same_above < 1
    assert found.shot_cut_below < 1


def test_a_model_fits_uninformative_appearance() -> None:
    """Two clips of a person may then be opposite: a share of the expected similarity below -1."""
    found = learned(clips(light=60.0, own=0.0))
    assert -1 < found.different_below < 0
    assert found.same_above > 0.5  # so little similarity never confirms a person


def test_features_shared_by_all_faces_do_not_raise_similarity(
    appearance: AppearanceModel, shown: list[np.ndarray]
) -> None:
    """Eyes, nose and mouth vary much more than the differences between people."""
    common = _smooth(25.0, np.random.default_rng(7))
    faces = [np.clip(common + clip, 0, 255).astype(np.uint8) for clip in shown]
    assert learned(faces).same_above == pytest.approx(appearance.same_above, abs=0.1)


@pytest.mark.parametrize("people", [1, 3])
def test_too_few_people_give_no_model(people: int, shown: list[np.ndarray]) -> None:
    few = slice(people * EACH)
    assert fit_appearance_model(shown[few], SUBJECTS[few], 0) is None


def test_too_few_clips_per_person_give_no_model(shown: list[np.ndarray]) -> None:
    assert fit_appearance_model(shown[::2], SUBJECTS[::2], 0) is None


def test_a_clip_without_pictures_gives_no_model(shown: list[np.ndarray]) -> None:
    assert fit_appearance_model([*shown[:-1], np.zeros((0, 24, 24), np.uint8)], SUBJECTS, 0) is None


def test_four_people_are_enough(shown: list[np.ndarray]) -> None:
    few = slice(4 * EACH)
    assert len(learned(shown[few], SUBJECTS[few]).directions) == 3


def test_the_same_seed_gives_the_same(shown: list[np.ndarray], appearance: AppearanceModel) -> None:
    again = learned(shown)
    assert (again.different_below, again.same_above, again.shot_cut_below) == (
        appearance.different_below,
        appearance.same_above,
        appearance.shot_cut_below,
    )
    np.testing.assert_array_equal(again.directions, appearance.directions)
    assert learned(shown, seed=1).different_below != appearance.different_below


class TestCompared:
    """Known clips compared with the start of a clip of the same or another person."""

    def embeddings(self, late: float = 0.0) -> list[np.ndarray]:
        """Return an axis per person; beyond the start of a clip, add `late` along another."""
        found = []
        for person in range(PEOPLE):
            for _ in range(EACH):
                frames = np.tile(np.eye(PEOPLE + 1, dtype=np.float32)[person], (2 * SOON, 1))
                frames[SOON:, -1] = late
                found.append(unit_rows(frames))
        return found

    def test_own_and_other_people_are_compared_equally_often_for_each_clip_count(self) -> None:
        found = list(_compared(self.embeddings(), SUBJECTS, 0))
        own = [known for is_own, known, _ in found if is_own]
        assert own == [known for is_own, known, _ in found if not is_own]
        assert set(own) == set(
            range(1, min(KNOWN, EACH - 1) + 1)
        )  # a clip is never compared with itself

    def test_similarity_is_one_to_the_same_person_and_zero_to_others(self) -> None:
        for is_own, _, similarity in _compared(self.embeddings(), SUBJECTS, 0):
            assert similarity == pytest.approx(1.0 if is_own else 0.0, abs=1e-6)

    def test_a_new_clip_counts_by_its_start_and_known_clips_in_full(self) -> None:
        for is_own, _, similarity in _compared(self.embeddings(late=1.0), SUBJECTS, 0):
            assert similarity < 0.95
            assert similarity > 0.5 if is_own else similarity == pytest.approx(0, abs=1e-6)

    def test_people_with_one_clip_are_not_compared(self) -> None:
        once = ["once", *SUBJECTS[1:]]
        assert len(list(_compared(self.embeddings(), np.array(once), 0))) == len(
            list(_compared(self.embeddings(), SUBJECTS, 0))
        )
