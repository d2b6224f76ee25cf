import numpy as np

from calibrate.identity.geometry import DIRECTIONS, fit_geometry_model, within_person_distances
from realtime.person.geometry import geometry_distance

RNG = np.random.default_rng(0)
PEOPLE, EACH = 20, 10
USUAL = np.ones(80, np.float32)
MOVIES = [RNG.normal(0, 0.1, (20, 80)).cumsum(axis=0).astype(np.float32) for _ in range(5)]


def made_up() -> tuple[np.ndarray, np.ndarray]:
    """People who differ in the first five numbers, and whose other numbers say nothing."""
    subjects = np.repeat(np.arange(PEOPLE), EACH).astype(str)
    rests = RNG.normal(0, 1, (PEOPLE * EACH, 80)).astype(np.float32)
    rests[:, :5] += RNG.normal(0, 4, (PEOPLE, 5))[np.repeat(np.arange(PEOPLE), EACH)]
    return rests, subjects


def test_people_are_told_apart_by_what_differs_between_them() -> None:
    rests, subjects = made_up()
    telling = fit_geometry_model(rests, subjects, MOVIES, USUAL, 0)
    assert telling is not None
    assert telling.directions.shape == (min(DIRECTIONS, len(np.unique(subjects)) - 1), 80)
    leading = np.square(telling.directions[:5])
    assert leading[:, :5].mean() > 10 * leading[:, 5:].mean()
    alike = within_person_distances(rests @ telling.directions.T, subjects, 1)
    assert np.mean(np.array(alike) > telling.different_above) < 0.05
    places = rests @ telling.directions.T
    others = [
        geometry_distance(list(places[:6]), 6, list(places[i * EACH : i * EACH + 3]))
        for i in range(1, PEOPLE)
    ]
    assert np.mean(np.array(others) > telling.different_above) > 0.8


def test_too_few_people_tell_nothing() -> None:
    rests, subjects = made_up()
    assert fit_geometry_model(rests[: 2 * EACH], subjects[: 2 * EACH], MOVIES, USUAL, 0) is None
    assert fit_geometry_model(rests[::EACH], subjects[::EACH], MOVIES, USUAL, 0) is None


def test_the_same_people_give_the_same_telling() -> None:
    rests, subjects = made_up()
    one, two = (
        fit_geometry_model(rests, subjects, MOVIES, USUAL, 0),
        fit_geometry_model(rests, subjects, MOVIES, USUAL, 0),
    )
    assert one is not None
    assert two is not None
    assert one.different_above == two.different_above
    np.testing.assert_array_equal(one.directions, two.directions)


def test_a_face_that_moves_does_not_jump_and_a_cut_to_another_does() -> None:
    rests, subjects = made_up()
    telling = fit_geometry_model(rests, subjects, MOVIES, USUAL, 0)
    assert telling is not None
    assert not any(
        telling.step_size(movie[i], movie[i + 1]) > telling.shot_cut_above
        for movie in MOVIES
        for i in range(19)
    )
    cuts = [
        telling.step_size(rests[i * EACH], rests[(i + 1) * EACH]) > telling.shot_cut_above
        for i in range(PEOPLE - 1)
    ]
    assert np.mean(cuts) > 0.9
