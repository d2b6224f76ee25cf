import numpy as np
import pytest
from synthetic import DIRECTIONS, EMOTIONS, FACE, MOST, Movement, _movement, simulate

from calibrate.data.faces import different_people
from calibrate.data.tracks import Track
from realtime.core.labels import FAKE, GENUINE
from realtime.motion.align import FIRST_EYE, SECOND_EYE, align_to_eyes
from realtime.motion.basis import MIRROR
from realtime.person.cut_detector import crop_correlation


def both(**kinds: float) -> tuple[list[Track], list[Track]]:
    """Return the same people and clips with two differences."""
    one, two = (
        simulate(2, 4, seed=3, difference=d, emotions=("fear", "anger")) for d in kinds.values()
    )
    return one, two


def test_the_face_is_symmetric_and_its_eyes_are_80_px_apart() -> None:
    np.testing.assert_array_equal(FACE[MIRROR] * (-1, 1), FACE)
    np.testing.assert_allclose(FACE[SECOND_EYE].mean(0) - FACE[FIRST_EYE].mean(0), (80, 0))
    assert len(np.unique(FACE, axis=0)) == 40


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_is_a_distinct_symmetric_movement(emotion: str) -> None:
    own = DIRECTIONS[emotion]
    np.testing.assert_array_equal(own[MIRROR] * (-1, 1), own)
    others = [DIRECTIONS[other] for other in EMOTIONS if other != emotion]
    assert max(np.sum(own * o) / np.linalg.norm(own) / np.linalg.norm(o) for o in others) < 0.9


def test_a_movement_rises_holds_and_falls() -> None:
    course = Movement(0.5, 0.4, 1.0, intensity=2.0, asymmetry=0.1).course(
        np.array([-0.7, -0.45, -0.2, 0.0, 0.2, 0.7, 1.2])
    )
    np.testing.assert_allclose(course, [0, 1, 2, 2, 2, 1, 0], atol=1e-12)


def test_every_person_shows_every_emotion_genuine_and_fake() -> None:
    tracks = simulate(3, 4, seed=1, emotions=("fear", "anger"))
    shown = [(t.clip.subject, t.clip.emotion, t.clip.label) for t in tracks]
    assert sorted(shown) == sorted(
        (s, e, label) for s in "123" for e in ("fear", "anger") for label in (GENUINE, FAKE)
    )
    assert len({t.clip.name for t in tracks}) == 12
    assert {t.clip.gender for t in tracks} == {"F", "M"}


def test_frame_rates_vary_from_24_to_30_and_within_a_clip() -> None:
    tracks = simulate(4, 4, seed=1)
    rates = [1 / np.diff(t.times_s).mean() for t in tracks]
    assert min(rates) > 23.5
    assert max(rates) < 30.5
    assert np.ptp(rates) > 3
    assert all(np.ptp(np.diff(t.times_s)) > 0.003 for t in tracks)


def test_the_same_seed_gives_the_same_people_however_many_there_are() -> None:
    few, many, others = simulate(1, 2, seed=5), simulate(2, 2, seed=5), simulate(1, 2, seed=6)
    np.testing.assert_array_equal(few[1].points_px, many[1].points_px)
    assert (
        few[1].points_px.shape != others[1].points_px.shape
        or (few[1].points_px != others[1].points_px).any()
    )


def test_edges_and_lengths_carry_no_information() -> None:
    for same, planted in zip(*both(none=0, most=MOST), strict=True):
        np.testing.assert_array_equal(same.times_s, planted.times_s)
        np.testing.assert_array_equal(same.points_px[:2], planted.points_px[:2])
        np.testing.assert_array_equal(same.points_px[-2:], planted.points_px[-2:])
        assert np.abs(same.points_px - planted.points_px).max() > 1


def test_with_no_difference_a_clip_is_the_same_whatever_its_label() -> None:
    """Clip 2 is fake with two emotions and genuine with four, and shows the same emotion."""
    fake = simulate(1, 3, seed=2, difference=0, emotions=("fear", "anger"))[2]
    genuine = simulate(1, 3, seed=2, difference=0, emotions=("anger", "anger", "fear", "anger"))[2]
    assert (fake.clip.label, genuine.clip.label) == (FAKE, GENUINE)
    assert fake.clip.emotion == genuine.clip.emotion
    np.testing.assert_array_equal(fake.points_px, genuine.points_px)


def test_the_difference_is_of_the_stated_size_in_timing_and_asymmetry_and_nowhere_else() -> None:
    rng = np.random.default_rng(0)
    genuine, fake = ([_movement(shift, rng) for _ in range(2000)] for shift in (1.0, -1.0))
    for name, shift in (
        ("onset_s", 2),
        ("apex_s", -2),
        ("asymmetry", -2),
        ("offset_s", 0),
        ("intensity", 0),
    ):
        one, other = (np.log(np.abs([getattr(m, name) for m in kind])) for kind in (genuine, fake))
        assert (one.mean() - other.mean()) / one.std() == pytest.approx(shift, abs=0.2), name


def test_which_half_moves_more_is_random() -> None:
    rng = np.random.default_rng(0)
    assert np.mean([_movement(-1.0, rng).asymmetry > 0 for _ in range(1000)]) == pytest.approx(
        0.5, abs=0.05
    )


def test_head_movement_does_not_change_the_aligned_shape() -> None:
    track = simulate(1, 1, seed=4)[0]
    neutral = align_to_eyes(track.points_px[:20])
    assert neutral.std(axis=0).max() < 0.02  # jitter alone, in interocular distances
    assert np.ptp(track.points_px.mean(axis=1), axis=0).max() > 2


@pytest.mark.parametrize("difference", [-0.1, MOST + 0.1])
def test_a_difference_out_of_range_is_refused(difference: float) -> None:
    with pytest.raises(ValueError, match="difference is"):
        simulate(1, 1, seed=0, difference=difference)


class TestCrops:
    def test_every_frame_has_a_crop_with_its_own_noise(self) -> None:
        for track in simulate(2, 2, seed=1):
            assert track.crops.dtype == np.uint8
            assert track.crops.shape == (track.frames, 24, 24)
            steps = track.crops[1:].astype(float) - track.crops[:-1]
            assert steps.std(axis=(1, 2)).min() > 1
            assert np.isin(track.crops, (0, 255)).mean() < 0.01  # little is clipped

    def test_the_mean_crop_is_smooth(self) -> None:
        mean = simulate(1, 1, seed=2)[0].crops.mean(axis=0)
        assert np.abs(np.diff(mean, axis=0)).mean() < mean.std() / 2

    def test_crops_are_similar_within_a_person_and_not_between_people(self) -> None:
        tracks = simulate(6, 3, seed=3)
        means = [track.crops.mean(axis=0) for track in tracks]
        subjects = np.array([track.clip.subject for track in tracks])
        same = (subjects[:, None] == subjects) & ~np.eye(len(subjects), dtype=bool)
        similarity = np.array([[crop_correlation(one, two) for two in means] for one in means])
        assert similarity[same].mean() > 0.5
        assert abs(similarity[subjects[:, None] != subjects].mean()) < 0.2

    def test_the_tracks_of_a_seed_do_not_change(self) -> None:
        """Crops are generated last, so points and times of a seed do not depend on them."""
        one, two = (simulate(2, 2, seed=4, difference=d) for d in (0, 3))
        for mine, other in zip(one, two, strict=True):
            np.testing.assert_array_equal(mine.crops, other.crops)
        assert [len(track.times_s) for track in one] == [141, 116, 138, 105]
        assert [track.points_px.mean() for track in one] == pytest.approx(
            [267.918, 274.969, 269.563, 260.976], abs=1e-3
        )

    def test_descriptors_are_near_within_a_person_and_not_between_people(self) -> None:
        tracks = simulate(4, 3, seed=3)
        assert different_people(tracks[:3]) == []
        assert different_people([*tracks[:3], tracks[5]]) == [3]
        assert all(len(track.descriptors) > 5 for track in tracks)
