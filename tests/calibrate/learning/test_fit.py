"""The whole fit on synthetic people: it finds only the planted difference, and repeats."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic import simulate

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.folds import person_folds
from calibrate.data.tracks import Track
from calibrate.learning.boosting import BoostingConfig, fit_booster
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.clip_reader import ClipReader
from calibrate.learning.fit import (
    FittedModel,
    LearnedNetworks,
    LearningConfig,
    NetworkTraining,
    clip_scorer,
    fit_model,
    label_features,
    learn_networks,
    out_of_fold_features,
    train_networks,
)
from calibrate.learning.out_of_fold import TickFeatures
from calibrate.learning.recognise import LiveStages
from calibrate.metrics import Scored, auc, pairs
from engines.model.network import Network
from realtime.core.labels import ANY, FAKE, GENUINE
from realtime.motion.basis import MIRROR
from realtime.verdict.booster import ScoreModel

PLANTED_AUC = 0.75  # five standard deviations give 0.92; chance gives 0.75 once in 120 times


def scored(model: FittedModel, data: Dataset, clips: np.ndarray, known_clips: int) -> Scored:
    """Return the mean score of the ticks of each clip."""
    scorer = clip_scorer(model, model.learned.windows(data))
    found = [
        np.mean(scorer.scores(int(clip), str(data.emotions[clip]), known_clips)) for clip in clips
    ]
    return Scored(np.array(found), data.genuine[clips], data.subjects[clips], data.emotions[clips])


def mean_log_odds(features: TickFeatures, data: Dataset) -> Scored:
    """Return the mean log odds of the networks for each clip, before any booster."""
    clips = np.unique(features.clip)
    log_odds = np.array(
        [features.inputs[features.clip == clip, 0].mean() for clip in clips], np.float64
    )
    return Scored(log_odds, data.genuine[clips], data.subjects[clips], data.emotions[clips])


def defined_auc(of: Scored) -> float:
    found = auc(of)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def features(model: FittedModel, data: Dataset, inside: np.ndarray) -> TickFeatures:
    return out_of_fold_features(model.learned, data, inside, lambda: None)


def test_the_planted_difference_is_found_in_held_out_people(
    model: FittedModel, data: Dataset, outside: np.ndarray, plan: LearningConfig
) -> None:
    found = scored(model, data, outside, plan.known_clip_counts[0])
    assert defined_auc(found) > PLANTED_AUC
    in_pairs = pairs(found)
    assert in_pairs is not None
    assert in_pairs > PLANTED_AUC


def test_labels_of_the_scored_person_are_not_read(
    model: FittedModel, data: Dataset, outside: np.ndarray, plan: LearningConfig
) -> None:
    """Neither the label of the clip nor those of the clips that give the person stats."""
    other = _shuffled(data, np.random.default_rng(0))
    assert (other.genuine != data.genuine)[outside].any()
    few = outside[:4]
    one, two = (scored(model, d, few, plan.known_clip_counts[0]).p_genuine for d in (data, other))
    np.testing.assert_array_equal(one, two)


def test_boosters_train_on_out_of_fold_features(
    model: FittedModel, features: TickFeatures, data: Dataset, inside: np.ndarray
) -> None:
    """The features of each clip come from the one fold network not trained on its person."""
    assert set(features.clip) == set(inside.tolist())
    parts = model.learned.learning_config.fold_of(data, inside)
    held_out = ClipReader(
        model.learned, model.learned.windows(data), [model.learned.held_out_networks[parts[0]]]
    )
    again = held_out.features(
        int(inside[0]),
        str(data.emotions[inside[0]]),
        model.learned.learning_config.known_clip_counts[0],
    )
    np.testing.assert_array_equal(features.inputs[features.clip == inside[0]], again.inputs)
    assert defined_auc(mean_log_odds(features, data)) > PLANTED_AUC


def test_a_network_with_an_uninformative_pb_fails(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    """Without its PB a network gives every clip the same log odds: it misses the bar above."""
    learned = model.learned
    cut = {name: _without_pb(learned, name) for name in learned.networks}
    empty = clip_scorer(
        FittedModel(replace(learned, networks=cut), model.boosted), learned.windows(data)
    )
    for emotion in np.unique(data.emotions[outside]):
        log_odds = [
            empty._reader.features(int(c), emotion, 0).inputs[:, 0]
            for c in outside[data.emotions[outside] == emotion]
        ]
        assert np.ptp(np.concatenate(log_odds)) < 1e-6


def _without_pb(learned: LearnedNetworks, name: str) -> Network:
    network = learned.networks[name]
    weights = {**network.weights, "pb.weight": np.zeros_like(network.weights["pb.weight"])}
    return replace(network, weights=weights)


def test_boosters_on_shuffled_labels_stay_at_chance(features: TickFeatures, data: Dataset) -> None:
    """Twelve shuffles of 64 clips: their mean chance AUC has a standard deviation of 0.021."""
    rng, trees = np.random.default_rng(0), BoostingConfig(reg_lambda=10, rounds=15, folds=2)
    found = [_auc_by_folds(features, _shuffled(data, rng), trees) for _ in range(12)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)
    assert _auc_by_folds(features, data, trees) > PLANTED_AUC


def _shuffled(data: Dataset, rng: np.random.Generator) -> Dataset:
    """Return the same clips with labels shuffled within each person."""
    labels = np.array([track.clip.label for track in data.tracks])
    for subject in np.unique(data.subjects):
        own = data.subjects == subject
        labels[own] = rng.permutation(labels[own])
    tracks = (
        replace(t, clip=replace(t.clip, label=str(label)))
        for t, label in zip(data.tracks, labels, strict=True)
    )
    return Dataset(data.timing, tuple(tracks), data.shapes)


def _auc_by_folds(features: TickFeatures, data: Dataset, trees: BoostingConfig) -> float:
    """Return the mean AUC of ticks per fold, scored by a booster trained without its people."""
    every = label_features(features, data)
    folds = person_folds([str(s) for s in every.subject], 4, 0)
    found = []
    for fold in range(4):
        scored_fold = every.where(folds == fold)
        boosted = fit_booster(every.where(folds != fold), trees, 0)[ANY]
        booster = ScoreModel(boosted.trees, boosted.start, ANY)
        score = np.array([booster.score(row) for row in scored_fold.inputs])
        found.append(
            defined_auc(
                Scored(score, scored_fold.genuine, scored_fold.subject, scored_fold.emotion)
            )
        )
    return float(np.mean(found))


def test_without_a_planted_difference_auc_is_at_chance(plan: LearningConfig) -> None:
    """The chance AUC of 160 clips has a standard deviation of 0.046; the band is three of them."""
    data = Dataset.of(
        simulate(28, 8, seed=5, difference=0, emotions=("happiness", "surprise")), LIVE
    )
    quick = replace(
        plan,
        training=replace(plan.training, epochs=8, ticks=(16,)),
        single_emotion_epochs_factor=0,
        known_clip_counts=(0,),
    )
    learned = np.arange(64)
    found = scored(
        fit_model(data, learned, quick, lambda done: None), data, np.arange(64, len(data)), 0
    )
    assert defined_auc(found) == pytest.approx(0.5, abs=0.14)


def test_training_is_deterministic_in_the_seed(
    data: Dataset, inside: np.ndarray, hasty: LearningConfig
) -> None:
    few = inside[:32]
    one, two, other = (
        fit_model(data, few, replace(hasty, seed=seed), lambda done: None) for seed in (0, 0, 1)
    )
    assert _bytes(one) == _bytes(two)
    assert _bytes(one) != _bytes(other)


def _bytes(model: FittedModel) -> list[bytes]:
    learned = model.learned
    weights = [raw for name in sorted(learned.networks) for raw in _weights(learned, name)]
    read_outs = [
        r.weights.tobytes() for name in learned.read_outs for r in learned.read_outs[name].values()
    ]
    starts = [boosted.start.weights.tobytes() + boosted.trees for boosted in model.boosted.values()]
    return [
        *weights,
        *read_outs,
        *starts,
        learned.population.neutral_regression.tobytes(),
        learned.basis.directions.tobytes(),
    ]


def test_ensemble_fold_and_emotion_networks_are_trained_and_reported(
    data: Dataset, inside: np.ndarray, hasty: LearningConfig
) -> None:
    progress: list[str] = []
    model = fit_model(
        data, inside[:32], replace(hasty, single_emotion_epochs_factor=2), progress.append
    )
    names = ["any-0", "any-1", "unseen-0", "unseen-1", "happiness", "surprise"]
    assert list(model.learned.networks) == names
    assert model.learned.ensemble == ("any-0", "any-1")
    assert model.learned.held_out_networks == ("unseen-0", "unseen-1")
    assert list(model.learned.without_held_out_networks().networks) == [
        "any-0",
        "any-1",
        "happiness",
        "surprise",
    ]
    assert list(model.learned.without_held_out_networks().read_outs) == [
        "any-0",
        "any-1",
        "happiness",
        "surprise",
    ]
    assert set(model.boosted) == {ANY, "happiness", "surprise"}
    assert progress == [
        "population",
        *(f"network {name}" for name in names),
        "features",
        "emotion classifier",
    ]
    epochs = {name: len(curve) for name, curve in model.learned.curves.items()}
    assert epochs == {name: 2 if "-" in name else 4 for name in names}


def test_a_fold_network_never_trains_on_its_held_out_people(
    data: Dataset, inside: np.ndarray, hasty: LearningConfig
) -> None:
    few, progress = inside[:32], (lambda done: None)
    own = few[hasty.fold_of(data, few) == 0]
    before = learn_networks(data, few, hasty, progress)
    after = learn_networks(_inverted(data, own), few, hasty, progress)
    assert _weights(before, "unseen-0") == _weights(after, "unseen-0")
    assert _weights(before, "unseen-1") != _weights(after, "unseen-1")


def test_networks_trained_in_two_processes_are_those_of_one(
    data: Dataset, inside: np.ndarray, hasty: LearningConfig, tmp_path: Path
) -> None:
    training = NetworkTraining.of(data, inside[:32], hasty)
    store, done = CheckpointStore(tmp_path), list[str]()
    alone = train_networks(training, lambda name: None)
    together = train_networks(training, done.append, store, jobs=2)
    assert list(together.networks) == list(alone.networks) == list(training.names)
    assert sorted(done) == sorted(f"network {name}" for name in training.names)
    for name in training.names:
        assert _weights(together, name) == _weights(alone, name)
    assert len(list(tmp_path.iterdir())) == len(training.names)
    found = train_networks(training, done.append, store)  # all from their checkpoints
    assert _weights(found, "any-1") == _weights(alone, "any-1")


def _inverted(data: Dataset, clips: np.ndarray) -> Dataset:
    """Return the data with the labels of `clips` inverted."""
    other = {GENUINE: FAKE, FAKE: GENUINE}
    tracks = list(data.tracks)
    for clip in clips:
        tracks[clip] = replace(
            tracks[clip], clip=replace(tracks[clip].clip, label=other[tracks[clip].clip.label])
        )
    return Dataset(data.timing, tuple(tracks), data.shapes)


def _weights(learned: LearnedNetworks, name: str) -> list[bytes]:
    return [weights.tobytes() for weights in learned.networks[name].weights.values()]


def test_held_out_people_do_not_change_the_model(
    data: Dataset, inside: np.ndarray, hasty: LearningConfig
) -> None:
    few = inside[:32]
    others = Dataset(data.timing, data.tracks[:40], data.shapes[:40])
    assert _bytes(fit_model(data, few, hasty, lambda d: None)) == _bytes(
        fit_model(others, few, hasty, lambda d: None)
    )


def test_a_mirrored_face_gives_the_same_features(
    model: FittedModel, data: Dataset, outside: np.ndarray
) -> None:
    """Sides carry no information: given the neutral of the person, mirroring changes nothing."""
    clips = outside[:8]
    turned = Dataset.of([_mirrored(data.tracks[clip]) for clip in clips], LIVE)
    straight = Dataset.of([data.tracks[clip] for clip in clips], LIVE)
    by_the_person = replace(
        model, learned=replace(model.learned, stages=_by_the_person(model.learned.stages))
    )
    for clip in range(len(straight)):
        emotion = str(straight.emotions[clip])
        one, two = (
            clip_scorer(by_the_person, by_the_person.learned.windows(d))._reader.features(
                clip, emotion, 3
            )
            for d in (straight, turned)
        )
        np.testing.assert_allclose(one.inputs, two.inputs, atol=2e-3)


def _by_the_person(stages: LiveStages) -> LiveStages:
    """Return the stages with a neutral that depends on the person alone."""
    return replace(stages, population=replace(stages.population, neutral_prior=1e-6))


def _mirrored(track: Track) -> Track:
    turned = track.points_px[:, MIRROR] * np.float32([-1, 1]) + np.float32([640, 0])
    return replace(track, points_px=turned.astype(np.float32))
