from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from synthetic import simulate, windows_of

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.folds import Folds
from calibrate.evaluation import baselines
from calibrate.learning.population import fit_population
from calibrate.metrics import Scored, auc
from realtime.person.population import PersonProfile


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.of(
        simulate(10, 8, seed=3, difference=5, emotions=("happiness", "surprise")), LIVE
    )


@pytest.fixture(scope="module")
def folds(dataset: Dataset) -> Folds:
    return Folds.by_person([str(s) for s in dataset.subjects], 2, 0)


@pytest.fixture(scope="module")
def profiles(dataset: Dataset) -> list[PersonProfile]:
    population, windows = fit_population(dataset, np.arange(len(dataset))), windows_of(dataset)
    rng = np.random.default_rng(0)
    return [
        population.profile_of(
            windows.window(i), dataset.stats_from_clips(dataset.others(i, 5, rng))
        )
        for i in range(len(dataset))
    ]


def auc_of(p_genuine: np.ndarray, data: Dataset) -> float:
    found = auc(Scored(p_genuine, data.genuine, data.subjects, data.emotions))
    assert found is not None
    return found


def test_metadata_is_duration_frame_rate_and_frame_count(dataset: Dataset) -> None:
    found = baselines.metadata(dataset)
    track = dataset.tracks[3]
    seconds = track.times_s[-1] - track.times_s[0]
    np.testing.assert_allclose(
        found[3], (seconds, (len(track.times_s) - 1) / seconds, track.frames), rtol=1e-6
    )


def test_edges_are_the_first_two_frames_only(
    dataset: Dataset, profiles: list[PersonProfile]
) -> None:
    found = baselines.edges(dataset, profiles.__getitem__)
    np.testing.assert_allclose(
        found[4], profiles[4].movement(dataset.shapes[4][:2]).ravel(), rtol=1e-5
    )
    late = Dataset(
        dataset.timing,
        dataset.tracks,
        tuple(np.concatenate((s[:2], s[2:] + 1)) for s in dataset.shapes),
    )
    np.testing.assert_array_equal(baselines.edges(late, profiles.__getitem__), found)


def test_kinematics_of_a_known_movement() -> None:
    course = np.stack((np.array([0.0, 2.0, 1.0]), np.array([1.0, 1.0, 1.0])), axis=1).astype(
        np.float32
    )
    found = baselines._measures(course, 10.0).reshape(6, 2)
    np.testing.assert_allclose(found[:, 0], [1, np.std([0, 2, 1]), 2, 0, 15, 20], rtol=1e-6)
    np.testing.assert_allclose(found[:, 1], [1, 0, 1, 1, 0, 0])


def test_kinematics_use_the_frame_range_and_the_training_clips_only(
    dataset: Dataset, profiles: list[PersonProfile]
) -> None:
    chosen = np.arange(40)
    windows = windows_of(dataset)
    found = baselines.kinematics(windows, profiles.__getitem__, chosen)
    assert found.shape == (80, 6 * baselines.COMPONENTS)
    changed = []
    for clip, (shapes, span) in enumerate(zip(dataset.shapes, windows.frame_ranges, strict=True)):
        other = shapes + 1
        other[span.start : span.stop] = shapes[span.start : span.stop]
        changed.append(
            other + (clip == 79)
        )  # and one clip outside the training set, inside its frame range too
    other = Dataset(dataset.timing, dataset.tracks, tuple(changed))
    again = baselines.kinematics(replace(windows, data=other), profiles.__getitem__, chosen)
    np.testing.assert_array_equal(again[:79], found[:79])
    assert (again[79] != found[79]).any()


def test_only_kinematics_find_the_planted_difference(
    dataset: Dataset, profiles: list[PersonProfile], folds: Folds
) -> None:
    """The chance AUC of 80 clips has a standard deviation of 0.065."""
    p_genuine = baselines.trees(
        lambda inside: baselines.kinematics(windows_of(dataset), profiles.__getitem__, inside),
        dataset,
        folds,
    )
    assert auc_of(p_genuine, dataset) > 0.75
    for nothing in (baselines.metadata(dataset), baselines.edges(dataset, profiles.__getitem__)):
        blind = baselines.trees(lambda inside, made=nothing: made, dataset, folds)
        assert auc_of(blind, dataset) == pytest.approx(0.5, abs=0.2)


def test_trees_never_train_on_the_fold_they_score(dataset: Dataset, folds: Folds) -> None:
    """Inverted labels in one fold leave the probabilities of that fold unchanged."""
    given: list[np.ndarray] = []

    def inputs(inside: np.ndarray) -> np.ndarray:
        given.append(inside)
        return baselines.metadata(dataset)

    one = baselines.trees(inputs, dataset, folds)
    assert all(len(set(folds.fold_of[inside])) == 1 for inside in given)
    turned = Dataset(
        dataset.timing,
        tuple(
            replace(
                t, clip=replace(t.clip, label={"genuine": "fake", "fake": "genuine"}[t.clip.label])
            )
            if fold == 0
            else t
            for t, fold in zip(dataset.tracks, folds.fold_of, strict=True)
        ),
        dataset.shapes,
    )
    two = baselines.trees(lambda inside: baselines.metadata(dataset), turned, folds)
    np.testing.assert_array_equal(one[folds.fold_of == 0], two[folds.fold_of == 0])
    assert (one[folds.fold_of == 1] != two[folds.fold_of == 1]).any()


@pytest.mark.parametrize("unknown", ["all clips", "clips of one emotion", "no clip of one emotion"])
def test_trees_that_saw_one_label_or_no_clip_give_even_odds(
    unknown: str, dataset: Dataset, capfd: pytest.CaptureFixture[str]
) -> None:
    happy = dataset.emotions == "happiness"
    inside, outside = np.arange(48), np.arange(48, 80)
    genuine_only = happy if unknown == "clips of one emotion" else np.ones(80, bool)
    keep = dataset.genuine | ~genuine_only
    inside = inside[~happy[inside] if unknown == "no clip of one emotion" else keep[inside]]
    fold_of = np.full(80, 2)
    fold_of[inside], fold_of[outside] = 0, 1

    class OneFold(Folds):
        def splits(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
            yield inside, outside

    made = np.arange(80, dtype=np.float32)[:, None]
    p_genuine = baselines.trees(lambda _: made, dataset, OneFold(fold_of, 3))[outside]
    assert np.isfinite(p_genuine).all()
    if unknown == "all clips":
        assert set(p_genuine) == {0.5}
    else:
        assert (np.abs(p_genuine[happy[outside]] - 0.5) <= 0.25).all()
    assert capfd.readouterr() == ("", "")


def test_the_rater_baseline_is_the_share_that_called_a_clip_genuine(dataset: Dataset) -> None:
    assert baselines.raters(dataset) is None
    rated = tuple(replace(t, clip=replace(t.clip, rater_hit_pct=80.0)) for t in dataset.tracks)
    share = baselines.raters(Dataset(dataset.timing, rated, dataset.shapes))
    assert share is not None
    np.testing.assert_allclose(share, np.where(dataset.genuine, 0.8, 0.2))
