from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate, windows_of

from calibrate.data.dataset import APEX, LIVE, ApexWindows, Dataset, FrameRange
from calibrate.learning.batches import (
    Augmentation,
    TrainingSet,
    balanced_weights,
    sampled_profiles,
    shifted_range,
    training_targets,
)
from calibrate.learning.population import fit_population
from realtime.motion.basis import MovementBasis, fit_basis
from realtime.person.population import PersonProfile, Population

STILL = Augmentation(shift_s=0, noise=0, draws=((2, 1),), mixup=0)


@pytest.fixture(scope="module")
def people() -> Dataset:
    tracks = simulate(3, 4, seed=1, emotions=("fear", "surprise"))
    brief = int(np.searchsorted(tracks[5].times_s, 2.6))
    tracks[5] = tracks[5].part(slice(brief - 30, brief))  # its window is shorter than the others'
    return Dataset.of(tracks, LIVE)


@pytest.fixture(scope="module")
def usual(people: Dataset) -> Population:
    return fit_population(people, np.arange(len(people)))


@pytest.fixture(scope="module")
def basis(people: Dataset, usual: Population) -> MovementBasis:
    movement = np.concatenate(
        [
            usual.profile_of(windows_of(people).window(i), None).movement(
                windows_of(people).window(i)
            )
            for i in range(12)
        ]
    )
    return fit_basis(movement, 10, 10, 3.0)


def sequences(
    people: Dataset, usual: Population, basis: MovementBasis, variety: Augmentation
) -> TrainingSet:
    clips = np.arange(len(people))
    windows = windows_of(people)
    known = {i: sampled_profiles(windows, i, usual, variety, 0) for i in range(len(people))}
    return TrainingSet(windows, clips, known, basis, variety)


def test_without_variety_a_sequence_is_the_apex_window_as_the_network_sees_it(
    people: Dataset, usual: Population, basis: MovementBasis
) -> None:
    seen = sequences(people, usual, basis, STILL).batch(np.array([5, 0]), np.random.default_rng(0))
    for row, clip in enumerate((5, 0)):
        (profile,) = sampled_profiles(windows_of(people), clip, usual, STILL, 0)
        wanted = basis.encode(profile.movement(windows_of(people).window(clip)))
        length = int(seen.lengths[row])
        assert length == len(wanted)
        np.testing.assert_allclose(seen.windows[row, :length].numpy(), wanted, atol=1e-6)
        assert not seen.windows[row, length:].any()
    assert seen.lengths[0] < seen.lengths[1] == LIVE.frames
    assert seen.emotion.tolist() == [1, 0]
    assert seen.target.tolist() == [1, 1]


def test_variety_changes_every_draw_and_repeats_by_seed(
    people: Dataset, usual: Population, basis: MovementBasis
) -> None:
    varied = sequences(people, usual, basis, Augmentation(draws=((1, 2), (2, 2))))
    rng, chosen = np.random.default_rng(3), np.arange(4)
    one, two = varied.batch(chosen, rng), varied.batch(chosen, rng)
    again = varied.batch(chosen, np.random.default_rng(3))
    assert (one.windows != two.windows).any(dim=2).any(dim=1).all()
    assert (one.windows == again.windows).all()


def test_noise_is_in_ranges(people: Dataset, usual: Population, basis: MovementBasis) -> None:
    def moved(noise: float) -> np.ndarray:
        seen = sequences(people, usual, basis, replace(STILL, noise=noise))
        return seen.batch(np.array([0]), np.random.default_rng(0)).windows.numpy()

    apart = (moved(0.1) - moved(0))[..., :10] * basis.spread
    assert apart.std() == pytest.approx(0.1, rel=0.2)


def test_profiles_come_from_as_many_other_clips_as_the_draws_say(
    people: Dataset, usual: Population
) -> None:
    found = sampled_profiles(
        windows_of(people), 0, usual, Augmentation(draws=((0, 1), (1, 2), (3, 1), (9, 1))), 0
    )
    assert [profile.clips for profile in found] == [0, 1, 1, 3, 3]


def test_profiles_never_come_from_the_clip_itself(people: Dataset, usual: Population) -> None:
    """Another clip 0 outside its window leaves its profiles as they are."""
    changed = list(people.shapes)
    windows = windows_of(people)
    span = windows.frame_ranges[0]
    changed[0] = changed[0].copy()
    changed[0][: span.start] += 1
    other = Dataset(people.timing, people.tracks, tuple(changed))
    both = (windows, replace(windows, data=other))
    for one, two in zip(
        *(sampled_profiles(w, 0, usual, Augmentation(), 0) for w in both), strict=True
    ):
        np.testing.assert_array_equal(one.neutral, two.neutral)
        np.testing.assert_array_equal(one.movement_range, two.movement_range)


@pytest.mark.parametrize("start", [0, 10, -1])
def test_a_shifted_window_keeps_its_length_and_stays_inside_the_clip(
    start: int, people: Dataset
) -> None:
    rng, last = np.random.default_rng(0), len(people.shapes[0]) - 16
    span = FrameRange(start % (last + 1), start % (last + 1) + 16)
    windows = ApexWindows(people, APEX, (span,))
    found = [shifted_range(windows, 0, 0.5, rng) for _ in range(200)]
    assert {one.stop - one.start for one in found} == {16}
    assert {one.start for one in found} == set(
        range(max(0, span.start - 5), min(last, span.start + 5) + 1)
    )


def test_felt_and_acted_weigh_the_same_within_each_emotion() -> None:
    emotion = np.array([0, 0, 0, 0, 1, 1, 2])
    genuine = np.array([True, False, False, False, True, False, True])
    weight = balanced_weights(emotion, genuine)
    np.testing.assert_allclose(weight, [2, 2 / 3, 2 / 3, 2 / 3, 1, 1, 0.5])


def test_a_profile_is_drawn_anew_for_every_sequence(
    people: Dataset, usual: Population, basis: MovementBasis
) -> None:
    far = PersonProfile(usual.neutral + 1, usual.movement_range, 1.0)
    near = PersonProfile(usual.neutral, usual.movement_range, 1.0)
    drawn = TrainingSet(
        windows_of(people), np.array([0]), {0: [far, near]}, basis, replace(STILL, shift_s=0)
    )
    rng = np.random.default_rng(0)
    seen = [drawn.batch(np.array([0]), rng).windows.numpy().tobytes() for _ in range(20)]
    assert len(set(seen)) == 2


def test_raters_draw_the_target_to_what_they_believed_where_they_were_asked(
    people: Dataset,
) -> None:
    asked = {0: 90.0, 2: 40.0}  # percent who got it right: clip 0 was felt, clip 2 acted
    tracks = tuple(
        replace(track, clip=replace(track.clip, rater_hit_pct=asked.get(i, np.nan)))
        for i, track in enumerate(people.tracks)
    )
    rated = Dataset(people.timing, tracks, people.shapes)
    np.testing.assert_allclose(
        training_targets(rated, np.array([0, 1, 2, 3]), 0.5), [0.95, 1, 0.3, 0]
    )
    np.testing.assert_allclose(training_targets(rated, np.array([0, 1, 2, 3]), 0.0), [1, 1, 0, 0])


def test_a_blend_lies_between_a_sequence_and_another_and_nearer_to_itself(
    people: Dataset, usual: Population, basis: MovementBasis
) -> None:
    fears = np.flatnonzero(people.emotions == "fear")[:2]
    alone, blended = (
        sequences(people, usual, basis, replace(STILL, mixup=b)).batch(
            fears, np.random.default_rng(4)
        )
        for b in (0, 1)
    )
    assert alone.target.tolist() == [1, 0]
    share = blended.target[0].item()
    assert 0.5 <= share < 1
    length = int(blended.lengths[0])
    wanted = share * alone.windows[0] + (1 - share) * alone.windows[1]
    np.testing.assert_allclose(blended.windows[0, :length], wanted[:length], atol=1e-5)
    assert blended.emotion.tolist() == alone.emotion.tolist()


def test_blends_are_of_one_emotion_but_for_one_an_emotion(
    people: Dataset, usual: Population, basis: MovementBasis
) -> None:
    mixed = sequences(people, usual, basis, replace(STILL, mixup=1))
    everything = np.arange(len(people))
    for seed in range(20):
        partner = mixed._partners(everything, np.random.default_rng(seed))
        assert sorted(partner) == everything.tolist()
        assert (partner != everything).all()
        assert (people.emotions[partner] != people.emotions).sum() <= len(mixed.emotions)
