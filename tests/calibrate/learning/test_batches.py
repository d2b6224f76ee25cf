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
from realtime.motion.basis import MovementBasis
from realtime.person.population import PersonProfile, Population

STILL = Augmentation(shift_s=0, noise=0, draws=((2, 1),), mixup=0)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Return the clips of all tests of `calibrate`, one of them cut short."""
    tracks = simulate(3, 4, seed=1, emotions=("fear", "surprise"))
    brief = int(np.searchsorted(tracks[5].times_s, 2.6))
    # Its window is shorter than those of the others.
    tracks[5] = tracks[5].part(slice(brief - 30, brief))
    return Dataset.of(tracks, LIVE)


def sequences(
    dataset: Dataset, population: Population, basis: MovementBasis, augmentation: Augmentation
) -> TrainingSet:
    clips = np.arange(len(dataset))
    windows = windows_of(dataset)
    profiles = {
        i: sampled_profiles(windows, i, population, augmentation, 0) for i in range(len(dataset))
    }
    return TrainingSet(windows, clips, profiles, basis, augmentation)


def test_without_augmentation_a_sequence_is_the_encoded_apex_window(
    dataset: Dataset, population: Population, basis: MovementBasis
) -> None:
    drawn_batch = sequences(dataset, population, basis, STILL).batch(
        np.array([5, 0]), np.random.default_rng(0)
    )
    for row, clip in enumerate((5, 0)):
        (profile,) = sampled_profiles(windows_of(dataset), clip, population, STILL, 0)
        wanted = basis.encode(profile.movement(windows_of(dataset).window(clip)))
        length = int(drawn_batch.lengths[row])
        assert length == len(wanted)
        np.testing.assert_allclose(drawn_batch.windows[row, :length].numpy(), wanted, atol=1e-6)
        assert not drawn_batch.windows[row, length:].any()
    assert drawn_batch.lengths[0] < drawn_batch.lengths[1] == LIVE.frames
    assert drawn_batch.emotion.tolist() == [1, 0]
    assert drawn_batch.target.tolist() == [1, 1]


def test_augmentation_changes_every_draw_and_repeats_by_seed(
    dataset: Dataset, population: Population, basis: MovementBasis
) -> None:
    varied = sequences(dataset, population, basis, Augmentation(draws=((1, 2), (2, 2))))
    rng, chosen = np.random.default_rng(3), np.arange(4)
    one, two = varied.batch(chosen, rng), varied.batch(chosen, rng)
    again = varied.batch(chosen, np.random.default_rng(3))
    assert (one.windows != two.windows).any(dim=2).any(dim=1).all()
    assert (one.windows == again.windows).all()


def test_noise_is_in_movement_ranges(
    dataset: Dataset, population: Population, basis: MovementBasis
) -> None:
    def moved(noise: float) -> np.ndarray:
        drawn_batch = sequences(dataset, population, basis, replace(STILL, noise=noise))
        return drawn_batch.batch(np.array([0]), np.random.default_rng(0)).windows.numpy()

    apart = (moved(0.1) - moved(0))[..., :10] * basis.spread
    assert apart.std() == pytest.approx(0.1, rel=0.2)


def test_profiles_come_from_the_drawn_numbers_of_other_clips(
    dataset: Dataset, population: Population
) -> None:
    found = sampled_profiles(
        windows_of(dataset), 0, population, Augmentation(draws=((0, 1), (1, 2), (3, 1), (9, 1))), 0
    )
    assert [profile.clips for profile in found] == [0, 1, 1, 3, 3]


def test_profiles_never_come_from_the_clip_itself(dataset: Dataset, population: Population) -> None:
    """A change of clip 0 outside its window leaves its profiles as they are."""
    changed = list(dataset.shapes)
    windows = windows_of(dataset)
    span = windows.frame_ranges[0]
    changed[0] = changed[0].copy()
    changed[0][: span.start] += 1
    other = Dataset(dataset.timing, dataset.tracks, tuple(changed))
    both = (windows, replace(windows, data=other))
    for one, two in zip(
        *(sampled_profiles(w, 0, population, Augmentation(), 0) for w in both), strict=True
    ):
        np.testing.assert_array_equal(one.neutral, two.neutral)
        np.testing.assert_array_equal(one.movement_range, two.movement_range)


@pytest.mark.parametrize("start", [0, 10, -1])
def test_a_shifted_window_keeps_its_length_and_stays_inside_the_clip(
    start: int, dataset: Dataset
) -> None:
    rng, last = np.random.default_rng(0), len(dataset.shapes[0]) - 16
    span = FrameRange(start % (last + 1), start % (last + 1) + 16)
    windows = ApexWindows(dataset, APEX, (span,))
    found = [shifted_range(windows, 0, 0.5, rng) for _ in range(200)]
    assert {one.stop - one.start for one in found} == {16}
    assert {one.start for one in found} == set(
        range(max(0, span.start - 5), min(last, span.start + 5) + 1)
    )


def test_genuine_and_fake_have_equal_weight_within_each_emotion() -> None:
    emotion = np.array([0, 0, 0, 0, 1, 1, 2])
    genuine = np.array([True, False, False, False, True, False, True])
    weight = balanced_weights(emotion, genuine)
    np.testing.assert_allclose(weight, [2, 2 / 3, 2 / 3, 2 / 3, 1, 1, 0.5])


def test_a_profile_is_drawn_for_every_sequence(
    dataset: Dataset, population: Population, basis: MovementBasis
) -> None:
    far = PersonProfile(population.neutral + 1, population.movement_range, 1.0)
    near = PersonProfile(population.neutral, population.movement_range, 1.0)
    drawn = TrainingSet(
        windows_of(dataset), np.array([0]), {0: [far, near]}, basis, replace(STILL, shift_s=0)
    )
    rng = np.random.default_rng(0)
    drawn_batch = [drawn.batch(np.array([0]), rng).windows.numpy().tobytes() for _ in range(20)]
    assert len(set(drawn_batch)) == 2


def test_the_rater_weight_moves_targets_of_rated_clips_only(dataset: Dataset) -> None:
    asked = {0: 90.0, 2: 40.0}  # percent who were right: clip 0 is genuine, clip 2 fake
    tracks = tuple(
        replace(track, clip=replace(track.clip, rater_hit_pct=asked.get(i, np.nan)))
        for i, track in enumerate(dataset.tracks)
    )
    rated = Dataset(dataset.timing, tracks, dataset.shapes)
    np.testing.assert_allclose(
        training_targets(rated, np.array([0, 1, 2, 3]), 0.5), [0.95, 1, 0.3, 0]
    )
    np.testing.assert_allclose(training_targets(rated, np.array([0, 1, 2, 3]), 0.0), [1, 1, 0, 0])


def test_a_mixup_is_between_two_sequences_and_nearer_to_the_first(
    dataset: Dataset, population: Population, basis: MovementBasis
) -> None:
    fears = np.flatnonzero(dataset.emotions == "fear")[:2]
    alone, blended = (
        sequences(dataset, population, basis, replace(STILL, mixup=b)).batch(
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


def test_mixup_crosses_emotions_at_most_once_per_emotion(
    dataset: Dataset, population: Population, basis: MovementBasis
) -> None:
    mixed = sequences(dataset, population, basis, replace(STILL, mixup=1))
    everything = np.arange(len(dataset))
    for seed in range(20):
        partner = mixed._partners(everything, np.random.default_rng(seed))
        assert sorted(partner) == everything.tolist()
        assert (partner != everything).all()
        assert (dataset.emotions[partner] != dataset.emotions).sum() <= len(mixed.emotions)
