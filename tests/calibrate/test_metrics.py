from collections.abc import Sequence

import numpy as np
import pytest

from calibrate.metrics import (
    Metrics,
    Scored,
    abstaining,
    auc,
    auc_point,
    balanced_accuracy,
    bootstrap,
    compute_metrics,
    ece,
    ece_by_chance,
    pairs,
)


def scored(
    p: Sequence[float],
    genuine: Sequence[int],
    subject: str | None = None,
    emotion: str | None = None,
) -> Scored:
    """Return scores with a letter for each clip's person and emotion, by default one of each."""
    people, emotions = subject or "a" * len(p), emotion or "x" * len(p)
    return Scored(
        np.array(p, float),
        np.array(genuine, bool),
        np.array(list(people)),
        np.array(list(emotions)),
    )


def simulated_scores(people: int, each: int, seed: int = 0, apart: float = 1.0) -> Scored:
    """Return scores of people whose person bias shifts all their clips."""
    rng = np.random.default_rng(seed)
    count = people * each
    genuine = np.arange(count) % 2 == 0
    person_bias = np.repeat(rng.normal(0, 1, people), each)
    score = rng.normal(0, 1, count) + person_bias + apart * genuine
    names = np.repeat([f"p{i}" for i in range(people)], each)
    return Scored(1 / (1 + np.exp(-score)), genuine, names, np.full(count, "x"))


@pytest.mark.parametrize("digits", [1, 8])
def test_auc_equals_scikit_learn_with_ties(digits: int) -> None:
    from sklearn.metrics import roc_auc_score

    of = simulated_scores(20, 10)
    rounded = Scored(of.p_genuine.round(digits), of.genuine, of.subject, of.emotion)
    assert auc(rounded) == pytest.approx(roc_auc_score(of.genuine, rounded.p_genuine), abs=1e-12)


def test_balanced_accuracy_equals_scikit_learn() -> None:
    from sklearn.metrics import balanced_accuracy_score

    of = simulated_scores(9, 7)
    assert balanced_accuracy(of) == pytest.approx(
        balanced_accuracy_score(of.genuine, of.p_genuine >= 0.5)
    )


def test_base_rates_do_not_raise_balanced_accuracy() -> None:
    assert balanced_accuracy(scored([0.1] * 9 + [0.2], [0] * 9 + [1])) == 0.5


def test_pairs_share_person_and_emotion() -> None:
    """Person a: 2 x 1 pairs in x, one right, one wrong; b: one tie in x, one fake clip in y."""
    of = scored(
        [0.9, 0.2, 0.5, 0.4, 0.4, 0.0], [1, 1, 0, 1, 0, 0], subject="aaabbb", emotion="xxxxxy"
    )
    assert pairs(of) == pytest.approx((1 + 0 + 0.5) / 3)
    assert pairs(scored([0.9, 0.1], [1, 0], subject="ab")) is None
    assert pairs(scored([0.9, 0.1], [1, 0], emotion="xy")) is None


def test_person_bias_lowers_auc_but_not_pair_accuracy() -> None:
    of = scored([0.9, 0.8, 0.3, 0.2], [1, 0, 1, 0], subject="aabb")
    assert pairs(of) == 1.0
    assert auc(of) == 0.75


def test_calibration_error_by_hand() -> None:
    """Two clips at 0.9, one of them genuine, a fake one at 0.05, a genuine one at 1."""
    of = scored([0.92, 0.9, 0.05, 1.0], [1, 0, 0, 1])
    last_bin = 3 * abs((0.92 + 0.9 + 1.0) / 3 - 2 / 3)
    assert ece(of) == pytest.approx((last_bin + 1 * 0.05) / 4)


def test_true_probabilities_are_calibrated_and_overconfident_ones_are_not() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0, 1, 20000)
    genuine = rng.random(20000) < p
    bold = np.clip(0.5 + 2 * (p - 0.5), 0, 1)
    names = np.full(20000, "a")
    assert ece(Scored(p, genuine, names, names)) < 0.015
    assert ece(Scored(bold, genuine, names, names)) > 0.1


@pytest.mark.parametrize("clips", [30, 300, 3000])
def test_few_clips_give_true_probabilities_an_error_by_chance(clips: int) -> None:
    rng = np.random.default_rng(0)
    p, names = rng.uniform(0, 1, clips), np.full(clips, "a")
    draws = [Scored(p, rng.random(clips) < p, names, names) for _ in range(200)]
    assert ece_by_chance(draws[0]) == pytest.approx(np.mean([ece(each) for each in draws]), rel=0.1)
    assert ece_by_chance(draws[0]) == pytest.approx(1.0 / clips**0.5, rel=0.4)
    opposite = Scored(1 - p, draws[0].genuine, names, names)
    assert ece(opposite) > 1.5 * ece_by_chance(opposite)


def test_a_single_class_has_calibration_figures_only() -> None:
    of = scored([0.9, 0.7], [1, 1])
    by_chance = pytest.approx((2 * 0.9 * 0.1 + 2 * 0.7 * 0.3) / 2, abs=0.02)
    found = compute_metrics(of)
    assert found == Metrics(2, None, None, None, None, None, pytest.approx(0.2), by_chance)
    assert compute_metrics(of).as_dict()["auc"] is None


def test_metrics_are_rounded_for_json() -> None:
    of = simulated_scores(12, 6)
    found = compute_metrics(of)
    assert (found.clips, found.auc, found.pairs) == (72, auc(of), pairs(of))
    assert found.auc is not None
    assert found.auc_low is not None
    assert found.auc_high is not None
    assert found.auc_low < found.auc < found.auc_high
    assert found.as_dict()["auc"] == round(found.auc, 4)
    assert compute_metrics(of) == found


def test_the_bootstrap_resamples_whole_people() -> None:
    """Ten people with equal clips count as ten clips, not as a hundred."""
    rng = np.random.default_rng(0)
    log_odds = rng.normal(0, 1, 10)
    p, genuine = np.repeat(1 / (1 + np.exp(-log_odds)), 10), np.repeat(np.arange(10) % 2 == 0, 10)
    people = Scored(p, genuine, np.repeat(np.arange(10), 10).astype(str), np.full(100, "x"))
    clips = Scored(p, genuine, np.arange(100).astype(str), np.full(100, "x"))
    by_person, by_clip = (
        np.diff(np.array(bootstrap(of, auc, rounds=200), float))[0] for of in (people, clips)
    )
    assert by_person > 2 * by_clip


def test_intervals_repeat_by_seed_and_skip_single_class_resamples() -> None:
    of = scored([0.9, 0.8, 0.3], [1, 1, 0], subject="abc")
    assert bootstrap(of, auc, seed=1) == bootstrap(of, auc, seed=1) == (1.0, 1.0)
    assert bootstrap(scored([0.9], [1]), auc) == (None, None)


def test_one_person_alone_has_no_interval() -> None:
    of = scored([0.9, 0.8, 0.3], [1, 0, 0], subject="aaa")
    assert bootstrap(of, auc) == (None, None)
    assert auc_point(3.0, of) == (3.0, 1.0, 1.0, 1.0)


def test_a_point_of_a_curve_is_the_auc_with_its_interval_also_at_zero() -> None:
    """Zero is a figure like others, not a missing one."""
    of = scored([0.1, 0.2, 0.8, 0.9], [1, 1, 0, 0], subject="abab")
    assert auc_point(2.0, of) == (2.0, 0.0, 0.0, 0.0)
    assert auc_point(2.0, scored([0.1, 0.2], [1, 1])) is None


def test_abstaining_excludes_scores_nearest_to_even_odds() -> None:
    left = abstaining(scored([0.1, 0.45, 0.52, 0.8, 0.6], [0, 1, 0, 1, 1]), 0.4)
    assert left.p_genuine.tolist() == [0.1, 0.8, 0.6]
    assert left.genuine.tolist() == [False, True, True]
    assert len(abstaining(simulated_scores(4, 5), 0.0).genuine) == 20


@pytest.mark.parametrize(("p", "count"), [([0.5, float("nan")], 2), ([0.5], 2)])
def test_scores_must_be_one_finite_number_per_clip(p: list[float], count: int) -> None:
    names = np.array(["a"] * count)
    with pytest.raises(ValueError, match="want one finite number for each clip"):
        Scored(np.array(p), np.ones(count, bool), names, names)
