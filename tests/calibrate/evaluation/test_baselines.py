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
def people() -> Dataset:
    return Dataset.of(
        simulate(10, 8, seed=3, difference=5, emotions=("happiness", "surprise")), LIVE
    )


@pytest.fixture(scope="module")
def folds(people: Dataset) -> Folds:
    return Folds.by_person([str(s) for s in people.subjects], 2, 0)


@pytest.fixture(scope="module")
def profiles(people: Dataset) -> list[PersonProfile]:
    usual, windows = fit_population(people, np.arange(len(people))), windows_of(people)
    rng = np.random.default_rng(0)
    return [
        usual.profile_of(windows.window(i), people.stats_from_clips(people.others(i, 5, rng)))
        for i in range(len(people))
    ]


def auc_of(p_genuine: np.ndarray, data: Dataset) -> float:
    found = auc(Scored(p_genuine, data.genuine, data.subjects, data.emotions))
    assert found is not None
    return found


def test_metadata_is_seconds_rate_and_frames(people: Dataset) -> None:
    found = baselines.metadata(people)
    track = people.tracks[3]
    seconds = track.times_s[-1] - track.times_s[0]
    np.testing.assert_allclose(
        found[3], (seconds, (len(track.times_s) - 1) / seconds, track.frames), rtol=1e-6
    )


def test_edges_are_the_first_two_frames_and_nothing_else(
    people: Dataset, profiles: list[PersonProfile]
) -> None:
    found = baselines.edges(people, profiles.__getitem__)
    np.testing.assert_allclose(
        found[4], profiles[4].movement(people.shapes[4][:2]).ravel(), rtol=1e-5
    )
    late = Dataset(
        people.timing,
        people.tracks,
        tuple(np.concatenate((s[:2], s[2:] + 1)) for s in people.shapes),
    )
    np.testing.assert_array_equal(baselines.edges(late, profiles.__getitem__), found)


def test_measures_of_a_course_by_hand() -> None:
    course = np.stack((np.array([0.0, 2.0, 1.0]), np.array([1.0, 1.0, 1.0])), axis=1).astype(
        np.float32
    )
    found = baselines._measures(course, 10.0).reshape(6, 2)
    np.testing.assert_allclose(found[:, 0], [1, np.std([0, 2, 1]), 2, 0, 15, 20], rtol=1e-6)
    np.testing.assert_allclose(found[:, 1], [1, 0, 1, 1, 0, 0])


def test_kinematics_see_the_span_alone_and_learn_components_from_the_chosen_alone(
    people: Dataset, profiles: list[PersonProfile]
) -> None:
    chosen = np.arange(40)
    windows = windows_of(people)
    found = baselines.kinematics(windows, profiles.__getitem__, chosen)
    assert found.shape == (80, 6 * baselines.COMPONENTS)
    changed = []
    for clip, (shapes, span) in enumerate(zip(people.shapes, windows.frame_ranges, strict=True)):
        other = shapes + 1
        other[span.start : span.stop] = shapes[span.start : span.stop]
        changed.append(
            other + (clip == 79)
        )  # and one clip that nothing is learned from, inside its span as well
    other = Dataset(people.timing, people.tracks, tuple(changed))
    again = baselines.kinematics(replace(windows, data=other), profiles.__getitem__, chosen)
    np.testing.assert_array_equal(again[:79], found[:79])
    assert (again[79] != found[79]).any()


def test_kinematics_find_what_was_planted_and_edges_and_metadata_do_not(
    people: Dataset, profiles: list[PersonProfile], folds: Folds
) -> None:
    """Of 80 clips the AUC of chance has a standard deviation of 0.065."""
    seen = baselines.trees(
        lambda inside: baselines.kinematics(windows_of(people), profiles.__getitem__, inside),
        people,
        folds,
    )
    assert auc_of(seen, people) > 0.75
    for nothing in (baselines.metadata(people), baselines.edges(people, profiles.__getitem__)):
        blind = baselines.trees(lambda inside, made=nothing: made, people, folds)
        assert auc_of(blind, people) == pytest.approx(0.5, abs=0.2)


def test_trees_never_learn_from_the_fold_that_they_are_asked_about(
    people: Dataset, folds: Folds
) -> None:
    """Labels turned round in one fold leave that fold's probabilities as they are."""
    given: list[np.ndarray] = []

    def inputs(inside: np.ndarray) -> np.ndarray:
        given.append(inside)
        return baselines.metadata(people)

    one = baselines.trees(inputs, people, folds)
    assert all(len(set(folds.fold_of[inside])) == 1 for inside in given)
    turned = Dataset(
        people.timing,
        tuple(
            replace(
                t, clip=replace(t.clip, label={"genuine": "fake", "fake": "genuine"}[t.clip.label])
            )
            if fold == 0
            else t
            for t, fold in zip(people.tracks, folds.fold_of, strict=True)
        ),
        people.shapes,
    )
    two = baselines.trees(lambda inside: baselines.metadata(people), turned, folds)
    np.testing.assert_array_equal(one[folds.fold_of == 0], two[folds.fold_of == 0])
    assert (one[folds.fold_of == 1] != two[folds.fold_of == 1]).any()


def test_raters_count_as_the_share_who_called_a_clip_genuine(people: Dataset) -> None:
    assert baselines.raters(people) is None
    rated = tuple(replace(t, clip=replace(t.clip, rater_hit_pct=80.0)) for t in people.tracks)
    share = baselines.raters(Dataset(people.timing, rated, people.shapes))
    assert share is not None
    np.testing.assert_allclose(share, np.where(people.genuine, 0.8, 0.2))
