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
    """Clips of people who look different, in a light of their own each and with noise; few frames,
    to be quick.
    """
    rng, found = np.random.default_rng(1), []
    for look in [_smooth(own, rng) for _ in range(people)]:
        for _ in range(EACH):
            lit = 128 + look + _smooth(light, rng)
            found.append(
                np.clip(lit + rng.normal(0, noise, (FRAMES, 24, 24)), 0, 255).astype(np.uint8)
            )
    return found


def learned(
    shown: list[np.ndarray], subjects: np.ndarray = SUBJECTS, seed: int = 0
) -> AppearanceModel:
    looks = fit_appearance_model(shown, subjects, seed)
    assert looks is not None
    return looks


@pytest.fixture(scope="module")
def shown() -> list[np.ndarray]:
    return clips()


@pytest.fixture(scope="module")
def looks(shown: list[np.ndarray]) -> AppearanceModel:
    return learned(shown)


def test_people_are_told_apart_and_nobody_from_themselves(
    looks: AppearanceModel, shown: list[np.ndarray]
) -> None:
    places = [looks.embed(clip).mean(axis=0) for clip in shown]
    for i in range(0, len(shown), EACH):
        known = places[i + 1 : i + EACH]
        assert not looks.is_different(known, [places[i]])
        assert looks.is_same(known, [places[i]])
        for j in range(0, len(shown), EACH):
            assert j == i or looks.is_different(known, [places[j]])


def test_there_are_fewer_directions_than_people_and_they_are_wide_as_a_patch(
    looks: AppearanceModel,
) -> None:
    assert looks.directions.shape == (min(DIRECTIONS, PEOPLE - 1), 576)
    assert {looks.middle.dtype, looks.directions.dtype} == {np.dtype(np.float32)}


def test_the_limits_are_of_people_held_out() -> None:
    """Where everybody looks alike but for noise, the people learned from could be told apart, and
    no others.
    """
    found = learned(clips(own=0.0))
    assert found.different_below < 0.3
    better = learned(clips())
    assert better.different_below > found.different_below + 0.2


def test_neighbouring_frames_are_hardly_ever_below_the_cut_and_other_people_are(
    looks: AppearanceModel, shown: list[np.ndarray]
) -> None:
    steps = [cosine_similarity(clip[i], clip[i + 1]) for clip in shown for i in range(FRAMES - 1)]
    assert np.mean(np.array(steps) < looks.shot_cut_below) < 0.01
    others = [
        cosine_similarity(shown[i][0], shown[i + EACH][0])
        for i in range(0, len(shown) - EACH, EACH)
    ]
    assert np.mean(np.array(others) < looks.shot_cut_below) > 0.9
    assert learned(clips(noise=30.0)).shot_cut_below < looks.shot_cut_below - 0.1


@pytest.mark.parametrize(("light", "noise"), [(0.0, 5.0), (0.0, 0.5)])
def test_people_who_are_told_apart_without_fault_are_learned_from_too(
    light: float, noise: float
) -> None:
    """What is expected of likeness is then less than there is: its share lies beyond 1, where no
    limit may.
    """
    found = learned(clips(light, noise))
    assert 0.9 < found.different_below < found.same_above < 1
    assert found.shot_cut_below < 1


def test_people_of_whom_looks_say_nothing_are_learned_from_too() -> None:
    """One clip of a person may then be the opposite of another: its share of what is expected lies
    below -1.
    """
    found = learned(clips(light=60.0, own=0.0))
    assert -1 < found.different_below < 0
    assert found.same_above > 0.5  # nobody is sure of anybody by so little


def test_what_all_faces_share_makes_nobody_alike(
    looks: AppearanceModel, shown: list[np.ndarray]
) -> None:
    """Eyes, nose and mouth, much deeper than what people differ by."""
    common = _smooth(25.0, np.random.default_rng(7))
    faces = [np.clip(common + clip, 0, 255).astype(np.uint8) for clip in shown]
    assert learned(faces).same_above == pytest.approx(looks.same_above, abs=0.1)


@pytest.mark.parametrize("people", [1, 3])
def test_too_few_people_tell_nothing(people: int, shown: list[np.ndarray]) -> None:
    few = slice(people * EACH)
    assert fit_appearance_model(shown[few], SUBJECTS[few], 0) is None


def test_too_few_clips_of_each_tell_nothing(shown: list[np.ndarray]) -> None:
    assert fit_appearance_model(shown[::2], SUBJECTS[::2], 0) is None


def test_where_one_clip_was_not_seen_as_pictures_nothing_is_learned(
    shown: list[np.ndarray],
) -> None:
    assert fit_appearance_model([*shown[:-1], np.zeros((0, 24, 24), np.uint8)], SUBJECTS, 0) is None


def test_four_people_are_enough(shown: list[np.ndarray]) -> None:
    few = slice(4 * EACH)
    assert len(learned(shown[few], SUBJECTS[few]).directions) == 3


def test_the_same_seed_gives_the_same(shown: list[np.ndarray], looks: AppearanceModel) -> None:
    again = learned(shown)
    assert (again.different_below, again.same_above, again.shot_cut_below) == (
        looks.different_below,
        looks.same_above,
        looks.shot_cut_below,
    )
    np.testing.assert_array_equal(again.directions, looks.directions)
    assert learned(shown, seed=1).different_below != looks.different_below


class TestCompared:
    """What limits are learned from: somebody known, and the start of a clip of theirs or of
    another's.
    """

    def looks(self, late: float = 0.0) -> list[np.ndarray]:
        """Everybody along an axis of their own; `late` in a clip, beyond its start, they are
        somewhere else.
        """
        found = []
        for person in range(PEOPLE):
            for _ in range(EACH):
                frames = np.tile(np.eye(PEOPLE + 1, dtype=np.float32)[person], (2 * SOON, 1))
                frames[SOON:, -1] = late
                found.append(unit_rows(frames))
        return found

    def test_own_and_others_are_compared_as_often_and_from_few_clips_to_many(self) -> None:
        found = list(_compared(self.looks(), SUBJECTS, 0))
        own = [known for theirs, known, _ in found if theirs]
        assert own == [known for theirs, known, _ in found if not theirs]
        assert set(own) == set(
            range(1, min(KNOWN, EACH - 1) + 1)
        )  # a clip is never compared with itself

    def test_one_is_like_themselves_and_another_is_not(self) -> None:
        for theirs, _, like in _compared(self.looks(), SUBJECTS, 0):
            assert like == pytest.approx(1.0 if theirs else 0.0, abs=1e-6)

    def test_only_the_start_of_who_comes_is_seen_and_all_of_who_is_known(self) -> None:
        for theirs, _, like in _compared(self.looks(late=1.0), SUBJECTS, 0):
            assert like < 0.95
            assert like > 0.5 if theirs else like == pytest.approx(0, abs=1e-6)

    def test_who_was_seen_once_is_not_compared(self) -> None:
        once = ["once", *SUBJECTS[1:]]
        assert len(list(_compared(self.looks(), np.array(once), 0))) == len(
            list(_compared(self.looks(), SUBJECTS, 0))
        )
