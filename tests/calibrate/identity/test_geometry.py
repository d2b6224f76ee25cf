import numpy as np

from calibrate.identity.geometry import DIRECTIONS, fit_geometry_model, within_person_distances
from realtime.person.geometry import geometry_distance

RNG = np.random.default_rng(0)
PEOPLE, EACH = 20, 10
MOVEMENT_RANGE = np.ones(80, np.float32)
MOVIES = [RNG.normal(0, 0.1, (20, 80)).cumsum(axis=0).astype(np.float32) for _ in range(5)]


def simulated_neutrals() -> tuple[np.ndarray, np.ndarray]:
    """Return neutrals of people who differ in the first five coordinates only, and the subjects."""
    subjects = np.repeat(np.arange(PEOPLE), EACH).astype(str)
    neutrals = RNG.normal(0, 1, (PEOPLE * EACH, 80)).astype(np.float32)
    neutrals[:, :5] += RNG.normal(0, 4, (PEOPLE, 5))[np.repeat(np.arange(PEOPLE), EACH)]
    return neutrals, subjects


def test_directions_separate_people_by_their_differences() -> None:
    neutrals, subjects = simulated_neutrals()
    geometry = fit_geometry_model(neutrals, subjects, MOVIES, MOVEMENT_RANGE, 0)
    assert geometry is not None
    assert geometry.directions.shape == (min(DIRECTIONS, len(np.unique(subjects)) - 1), 80)
    leading = np.square(geometry.directions[:5])
    assert leading[:, :5].mean() > 10 * leading[:, 5:].mean()
    own_distances = within_person_distances(neutrals @ geometry.directions.T, subjects, 1)
    assert np.mean(np.array(own_distances) > geometry.different_above) < 0.05
    coordinates = neutrals @ geometry.directions.T
    others = [
        geometry_distance(list(coordinates[:6]), 6, list(coordinates[i * EACH : i * EACH + 3]))
        for i in range(1, PEOPLE)
    ]
    assert np.mean(np.array(others) > geometry.different_above) > 0.8


def test_too_few_people_give_no_model() -> None:
    neutrals, subjects = simulated_neutrals()
    assert (
        fit_geometry_model(neutrals[: 2 * EACH], subjects[: 2 * EACH], MOVIES, MOVEMENT_RANGE, 0)
        is None
    )
    assert fit_geometry_model(neutrals[::EACH], subjects[::EACH], MOVIES, MOVEMENT_RANGE, 0) is None


def test_the_same_people_give_the_same_model() -> None:
    neutrals, subjects = simulated_neutrals()
    one, two = (
        fit_geometry_model(neutrals, subjects, MOVIES, MOVEMENT_RANGE, 0),
        fit_geometry_model(neutrals, subjects, MOVIES, MOVEMENT_RANGE, 0),
    )
    assert one is not None
    assert two is not None
    assert one.different_above == two.different_above
    np.testing.assert_array_equal(one.directions, two.directions)


def test_movement_is_no_shot_cut_but_another_face_is() -> None:
    neutrals, subjects = simulated_neutrals()
    geometry = fit_geometry_model(neutrals, subjects, MOVIES, MOVEMENT_RANGE, 0)
    assert geometry is not None
    assert not any(
        geometry.step_size(movie[i], movie[i + 1]) > geometry.shot_cut_above
        for movie in MOVIES
        for i in range(19)
    )
    cuts = [
        geometry.step_size(neutrals[i * EACH], neutrals[(i + 1) * EACH]) > geometry.shot_cut_above
        for i in range(PEOPLE - 1)
    ]
    assert np.mean(cuts) > 0.9
