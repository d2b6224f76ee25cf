import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from calibrate.learning import boosting
from calibrate.learning.boosting import (
    BoostingConfig,
    FittedBooster,
    LabelledFeatures,
    _gain,
    _rounds,
    fit_booster,
    fit_linear_score,
    quiet_xgboost,
)
from calibrate.metrics import Scored, auc
from realtime.core.labels import ANY
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.features import INPUTS

FEW = BoostingConfig(reg_lambda=10, rounds=40, folds=3)


def made(people: int, seed: int, apart: float = 1.0, each: int = 12) -> LabelledFeatures:
    """Return examples of `people` in two emotions, classes `apart` standard deviations apart."""
    rng = np.random.default_rng(seed)
    count = people * each
    genuine = np.arange(count) % 2 == 0
    inputs = rng.normal(0, 1, (count, len(INPUTS))).astype(np.float32)
    inputs[:, 0] += np.where(genuine, apart / 2, -apart / 2)
    subject = np.repeat(np.arange(people), each).astype(str)
    return LabelledFeatures(
        inputs, genuine, subject, np.array(["fear", "surprise"])[np.arange(count) // 2 % 2]
    )


def score(boosted: FittedBooster, inputs: np.ndarray) -> np.ndarray:
    booster = ScoreModel(boosted.trees, boosted.start, "made")
    return np.array([booster.score(row) for row in inputs])


def auc_of(score: np.ndarray, examples: LabelledFeatures) -> float:
    found = auc(Scored(score, examples.genuine, examples.subject, examples.emotion))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def boosted() -> dict[str, FittedBooster]:
    return fit_booster(made(40, 2, apart=1.2), FEW, seed=0)


def test_there_is_a_booster_per_emotion_and_one_for_any(boosted: dict[str, FittedBooster]) -> None:
    assert set(boosted) == {ANY, "fear", "surprise"}


def bent() -> LabelledFeatures:
    """Return examples with a step in the person bias."""
    examples = made(60, 0, each=24)
    examples.inputs[:, 0] += 4 * np.sign(examples.inputs[:, 1] - 1)
    return examples


def test_trees_without_a_gain_are_left_out(boosted: dict[str, FittedBooster]) -> None:
    """A linear relation needs no trees; a step in the person bias needs some."""
    assert not any(one.trees for one in boosted.values())
    found = fit_booster(bent(), replace(FEW, rate=0.3), seed=0)
    assert found["fear"].trees
    assert found["surprise"].trees
    assert not found[ANY].trees


def test_trees_are_for_a_gain_in_the_mean_of_all_emotions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first tree costs the import of XGBoost at every start, whatever emotion it is of."""
    gains = iter([0.0099, 0.0, 0.0101, 0.0])
    monkeypatch.setattr(boosting, "_gain", lambda curves: next(gains))
    for enough in (False, True):
        found = fit_booster(bent(), replace(FEW, rate=0.3), seed=0)
        assert bool(found["fear"].trees) == enough
        assert not found["surprise"].trees  # which do not gain


def test_a_fold_that_chose_the_rounds_does_not_count_for_their_gain() -> None:
    """Each fold alone would choose what suits it by luck; the others do not bear it out."""
    steady = [[0.6, 0.63, 0.64], [0.7, 0.73, 0.74], [0.65, 0.68, 0.69]]
    assert _gain(steady) == pytest.approx(0.04)
    lucky = [[0.6, 0.7, 0.55], [0.7, 0.65, 0.8], [0.65, 0.65, 0.65]]
    assert _gain(lucky) == 0.0
    one = [[0.6, 0.63, 0.64], [0.7, 0.73, 0.74], [0.65, 0.60, 0.55]]
    assert _gain(one) == pytest.approx(-0.1 / 3)  # the third alone is against: it shows
    assert _gain([]) == 0.0


def test_boosters_classify_held_out_people(boosted: dict[str, FittedBooster]) -> None:
    others = made(40, 1, apart=1.2)
    for name in ("fear", "surprise"):
        asked = others.where(others.emotion == name)
        assert auc_of(score(boosted[name], asked.inputs), asked) > 0.75
    assert auc_of(score(boosted[ANY], others.inputs), others) > 0.75


def test_boosters_on_uninformative_inputs_stay_at_chance() -> None:
    """Ten sets of 240 examples: the mean chance AUC has a standard deviation of 0.012."""
    found = []
    for seed in range(10):
        learned = fit_booster(made(12, seed, apart=0), FEW, seed=0)
        others = made(20, 100 + seed, apart=0)
        fear = others.where(others.emotion == "fear")
        found.append(auc_of(score(learned["fear"], fear.inputs), fear))
    assert np.mean(found) == pytest.approx(0.5, abs=0.05)


def test_the_same_seed_gives_the_same_bytes(boosted: dict[str, FittedBooster]) -> None:
    again = fit_booster(made(40, 2, apart=1.2), FEW, seed=0)
    assert all(again[name].trees == boosted[name].trees for name in boosted)


def test_scores_are_monotonic_in_log_odds_and_person_bias() -> None:
    """Trees trained on examples of which only the middle ones are genuine."""
    examples = made(40, 0, apart=0)
    for column, sign in enumerate((1, -1)):
        middle = replace(examples, genuine=np.abs(examples.inputs[:, column]) < 0.7)
        found = fit_booster(middle, FEW, seed=0)["fear"]
        trees = replace(found, start=LinearScore(np.zeros(len(INPUTS), np.float32), 0.0))
        inputs = np.zeros((25, len(INPUTS)), np.float32)
        inputs[:, column] = np.linspace(-3, 3, 25)
        scores = score(trees, inputs)
        assert np.ptp(scores) > 0.1
        assert (sign * np.diff(scores) >= 0).all(), INPUTS[column]


def test_the_linear_score_is_a_regularised_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    examples = made(20, 0)
    wanted = LogisticRegression(C=1.0, tol=1e-8).fit(examples.inputs, examples.genuine)
    start = fit_linear_score(examples)
    np.testing.assert_allclose(start.weights, wanted.coef_[0], atol=1e-3)
    assert start.bias == pytest.approx(wanted.intercept_[0], abs=1e-3)


def with_onset(seed: int) -> LabelledFeatures:
    """Return examples in which genuine fear begins slowly and genuine surprise fast."""
    examples = made(40, seed, apart=0)
    slow = examples.genuine == (examples.emotion == "fear")
    examples.inputs[:, 2] += np.where(slow, 1.0, -1.0)
    return examples


def test_an_onset_tells_of_each_emotion_what_its_own_examples_bear_out() -> None:
    found, others = fit_booster(with_onset(0), FEW, seed=0), with_onset(1)
    weights = {name: boosted.start.weights[2] for name, boosted in found.items()}
    assert weights["fear"] > 0.5
    assert weights["surprise"] < -0.5
    assert abs(weights[ANY]) < 0.2
    for name in ("fear", "surprise"):
        asked = others.where(others.emotion == name)
        assert auc_of(score(found[name], asked.inputs), asked) > 0.85


def test_the_movement_has_the_same_weights_in_each_emotion() -> None:
    """Even where an emotion's own examples speak against them."""
    examples = with_onset(0)
    fear = examples.emotion == "fear"
    examples.inputs[:, 0] += np.where(examples.genuine == ~fear, 1.0, -1.0)
    found = fit_booster(examples, FEW, seed=0)
    for name in ("fear", "surprise"):
        own, shared = found[name].start, found[ANY].start
        np.testing.assert_array_equal(own.weights[:2], shared.weights[:2])
        assert own.weights[2] != shared.weights[2]
        assert own.usual_score == pytest.approx(shared.usual_score, abs=1e-6)


def test_an_emotion_with_few_people_stays_near_the_score_of_all() -> None:
    """Its own are pure chance; far from the others it would score strangers at random."""
    examples = with_onset(0)
    apart = {}
    for people in (2, 40):
        keep = (examples.emotion == "surprise") | (examples.subject.astype(int) < people)
        found = fit_booster(examples.where(keep), FEW, seed=0)
        apart[people] = abs(found["fear"].start.weights[2] - found[ANY].start.weights[2])
    assert apart[2] < 0.8 * apart[40]


def test_inputs_of_known_direction_alone_leave_every_emotion_the_same_score() -> None:
    examples = replace(made(20, 0), monotone=(1, -1, 1, 1))
    found = fit_booster(examples, FEW, seed=0)
    for name in ("fear", "surprise"):
        np.testing.assert_allclose(found[name].start.weights, found[ANY].start.weights)
        assert found[name].start.bias == pytest.approx(found[ANY].start.bias, abs=1e-6)


def test_that_an_onset_was_not_seen_tells_nothing() -> None:
    """Genuine clips are cut in their onset, fake ones are not: that is no sign of being genuine."""
    examples = made(40, 0, apart=0)
    examples.inputs[:, 2:] += 3.0  # so that 0 is far from usual
    examples.inputs[examples.genuine & (np.arange(len(examples.genuine)) % 4 == 0), 2:] = np.nan
    start = fit_linear_score(examples)
    unseen, usual = np.zeros((2, 1, len(INPUTS)), np.float32)
    unseen[:, 2:] = np.nan
    assert start.usual is not None
    usual[:, 2:] = start.usual[2:]
    assert start.score(unseen) == start.score(usual)
    assert abs(float(start.score(unseen)[0])) < 0.3


def test_base_rates_are_not_learned() -> None:
    """Even with three of four examples fake, even odds stay even."""
    examples = made(20, 0)
    rng = np.random.default_rng(0)
    rare = examples.where(~examples.genuine | (rng.random(len(examples.genuine)) < 1 / 3))
    assert abs(fit_linear_score(rare).bias) < 0.3
    even = np.zeros((1, len(INPUTS)), np.float32)
    assert abs(score(fit_booster(rare, FEW, 0)[ANY], even)[0]) < 0.6


def test_one_person_is_enough_for_a_linear_score_without_trees() -> None:
    alone = fit_booster(made(1, 0), FEW, seed=0)["fear"]
    inputs = made(5, 1).inputs
    np.testing.assert_allclose(score(alone, inputs), alone.start.score(inputs), atol=1e-5)


def heard(xgboost: Any, capfd: pytest.CaptureFixture[str]) -> str:
    """Return what XGBoost says of an option that it does not know."""
    matrix = xgboost.DMatrix(np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1], np.float32))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        xgboost.train({"no_such_option": 1, "nthread": 1}, matrix, 1)
    return "".join((*(str(each.message) for each in caught), *capfd.readouterr()))


def test_lines_of_xgboost_do_not_reach_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    import xgboost

    assert "no_such_option" in heard(xgboost, capfd)
    with quiet_xgboost() as quiet:
        assert heard(quiet, capfd) == ""
    assert "no_such_option" in heard(xgboost, capfd)


def lopsided(kind: str) -> LabelledFeatures:
    """Return examples that XGBoost warns of, in all of them or in one fold of people."""
    examples = made(4, 0)
    if kind == "one person":
        return examples.where(examples.subject == "0")
    if kind == "one label":
        return examples.where(examples.genuine)
    if kind == "one label of an emotion":
        return examples.where(examples.genuine | (examples.emotion == "fear"))
    return examples.where(examples.genuine | (examples.subject == "0"))


@pytest.mark.parametrize(
    "kind",
    ["one person", "one label", "one label of an emotion", "one label of all but one person"],
)
def test_lopsided_examples_give_no_trees_and_no_line_of_xgboost(
    kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    found = fit_booster(lopsided(kind), FEW, seed=0)
    assert not any(one.trees for one in found.values())
    assert all(np.isfinite(one.start.weights).all() for one in found.values())
    assert capfd.readouterr() == ("", "")


def test_trees_fit_nonlinear_relations() -> None:
    """Genuine where both are clear: the linear score blurs the corner, the trees find it."""
    examples, others = (made(80, seed, apart=0) for seed in (0, 1))
    learned, asked = (
        replace(e, genuine=(e.inputs[:, 0] > 0) & (e.inputs[:, 1] < 0)) for e in (examples, others)
    )
    fear = asked.where(asked.emotion == "fear")
    found = fit_booster(learned, FEW, seed=0)["fear"]
    trees, linear = score(found, fear.inputs), found.start.score(fear.inputs)
    assert auc_of(trees, fear) > auc_of(linear, fear) + 0.03


def test_rounds_need_a_gain_beyond_the_noise_of_the_folds() -> None:
    rising = [0.60, 0.66, 0.699, 0.70]
    sure = [[start + auc for auc in rising] for start in (0.0, 0.02, -0.01)]
    assert _rounds(sure) == 3  # all folds gain equally: no fewer rounds are as good
    uneven = [[0.60, 0.65, 0.685, 0.70], [0.60, 0.66, 0.69, 0.67], [0.60, 0.64, 0.665, 0.68]]
    assert _rounds(uneven) == 2  # within one standard error of the best
    lucky = [[0.60, 0.70, 0.65], [0.60, 0.56, 0.61], [0.60, 0.57, 0.58]]
    assert _rounds(lucky) == 0
    small = [[0.6, 0.603, 0.604], [0.7, 0.703, 0.704]]
    assert _rounds(small) == 0  # sure, and not worth its cost
    assert _rounds([rising]) == 0  # one fold gives no estimate of noise
    assert _rounds([]) == 0
