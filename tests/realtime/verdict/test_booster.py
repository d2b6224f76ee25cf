import numpy as np
import pytest
import xgboost

from engines.errors import BundleRefused
from realtime.verdict.booster import LinearScore, ScoreModel

LINEAR = LinearScore(np.zeros(2, np.float32), 0.0)


@pytest.fixture(scope="module")
def trees() -> bytes:
    """Return trees that score inputs genuine where the first of both is above 0."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(0, 1, (400, 2)).astype(np.float32)
    matrix = xgboost.DMatrix(inputs, (inputs[:, 0] > 0).astype(np.float32))
    settings = {"objective": "binary:logistic", "max_depth": 2, "nthread": 1}
    return bytes(xgboost.train(settings, matrix, 30).save_raw("ubj"))


def test_the_linear_score_is_the_weighted_sum_plus_the_bias() -> None:
    linear = LinearScore(np.array([1.5, -0.5], np.float32), 0.25)
    scores = linear.score(np.array([[1, 1], [2, 0]], np.float32))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, [1.25, 3.25])


def test_an_input_that_was_not_seen_counts_as_the_usual_one() -> None:
    """In the linear score and in the trees alike: that it was not seen must tell nothing."""
    linear = LinearScore(np.array([1.0, 2.0], np.float32), 0.0, np.array([5.0, 0.25], np.float32))
    scores = linear.score(np.array([[1, np.nan], [1, 0.25], [np.nan, 0]], np.float32))
    np.testing.assert_allclose(scores, [1.5, 1.5, 5.0])


def test_trees_see_the_usual_input_for_one_that_was_not_seen(trees: bytes) -> None:
    for usual in (0.9, -0.9):
        start = LinearScore(np.zeros(2, np.float32), 0.0, np.array([usual, 0.0], np.float32))
        model = ScoreModel(trees, start, "trees")
        seen = model.score(np.array([usual, 0.0], np.float32))
        assert model.score(np.array([np.nan, 0.0], np.float32)) == seen
        assert np.sign(seen) == np.sign(usual)


def test_a_score_of_fewer_inputs_uses_the_first_ones() -> None:
    """Bundles of before the onset was an input have two weights."""
    older = ScoreModel(b"", LinearScore(np.array([1.5, -0.5], np.float32), 0.25), "older")
    assert older.score(np.array([1, 1, np.nan, 7], np.float32)) == pytest.approx(1.25)


def test_usual_inputs_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="1 usual inputs; want 2"):
        LinearScore(np.zeros(2, np.float32), 0.0, np.zeros(1, np.float32))


def test_trees_score_in_log_odds_of_genuine(trees: bytes) -> None:
    model = ScoreModel(trees, LINEAR, "trees")
    assert model.score(np.array([0.9, 0], np.float32)) > 1.4
    assert model.score(np.array([-0.9, 0], np.float32)) < -1.4


def test_the_trees_add_to_the_linear_score(trees: bytes) -> None:
    inputs = np.zeros(2, np.float32)
    plain = ScoreModel(trees, LINEAR, "a").score(inputs)
    started = ScoreModel(trees, LinearScore(np.ones(2, np.float32), 2.0), "b").score(inputs)
    assert started == pytest.approx(plain + 2.0, abs=1e-5)


def test_without_trees_the_linear_score_equals_that_of_xgboost() -> None:
    start = LinearScore(np.array([1.5, -0.5], np.float32), 0.25)
    none = xgboost.train({"nthread": 1}, xgboost.DMatrix(np.zeros((4, 2)), np.zeros(4)), 0)
    for inputs in np.random.default_rng(0).normal(0, 2, (20, 2)).astype(np.float32):
        wanted = ScoreModel(bytes(none.save_raw("ubj")), start, "none").score(inputs)
        assert ScoreModel(b"", start, "none").score(inputs) == pytest.approx(wanted, abs=1e-6)


def test_an_invalid_booster_is_refused_by_name() -> None:
    with pytest.raises(BundleRefused, match="booster-x") as refused:
        ScoreModel(b"{not a model", LINEAR, "booster-x.ubj")
    assert "\n" not in str(refused.value)


def test_a_booster_and_linear_score_of_different_widths_are_refused(trees: bytes) -> None:
    with pytest.raises(BundleRefused, match="takes 2 inputs, its linear start 3"):
        ScoreModel(trees, LinearScore(np.zeros(3, np.float32), 0.0), "booster-y.ubj")


def test_contributions_sum_to_the_score(trees: bytes) -> None:
    """Exactly, with and without trees, and where an input was not seen."""
    usual = np.array([0.3, -1.0], np.float32)
    start = LinearScore(np.array([1.5, -0.5], np.float32), 0.25, usual)
    rng = np.random.default_rng(0)
    for model in (ScoreModel(b"", start, "linear"), ScoreModel(trees, start, "trees")):
        for inputs in rng.normal(0, 2, (20, 2)).astype(np.float32):
            inputs[1] = np.nan if rng.random() < 0.5 else inputs[1]
            found = model.contributions(inputs)
            total = sum(each.log_odds for each in found)
            assert total == pytest.approx(model.score(inputs), abs=1e-5)
    assert [each.name for each in found] == ["usual", "movement", "person", "trees"]


def test_an_input_contributes_by_how_far_it_is_from_usual() -> None:
    usual = np.array([0.5, 2.0], np.float32)
    start = LinearScore(np.array([2.0, -1.0], np.float32), 0.1, usual)
    _, movement, person = start.contributions(np.array([1.5, np.nan], np.float32))
    assert (movement.log_odds, movement.above_usual) == (2.0, True)
    assert (person.log_odds, person.above_usual) == (0.0, False)  # not seen: tells nothing
    movement, person = start.contributions(np.array([-0.5, 3.0], np.float32))[1:]
    assert (movement.log_odds, movement.above_usual) == (-2.0, False)
    assert (person.log_odds, person.above_usual) == (-1.0, True)
