import pytest

from realtime.person.stats import MAX_CLIPS
from realtime.verdict.person_bias import BIAS_PRIOR, MAX_BIAS_EXPRESSIONS, PersonBias


def test_saved_and_observed_expressions_count_alike() -> None:
    saved, observed = PersonBias(2.0, 4), PersonBias()
    for _ in range(4):
        observed.add(2.0)
    assert saved.shrunk == pytest.approx(observed.shrunk) == pytest.approx(8 / (4 + BIAS_PRIOR))


def test_the_number_of_expressions_is_capped() -> None:
    bias = PersonBias()
    for _ in range(10 * MAX_BIAS_EXPRESSIONS):
        bias.add(1.0)
    assert bias.shrunk == pytest.approx(MAX_BIAS_EXPRESSIONS / (MAX_BIAS_EXPRESSIONS + BIAS_PRIOR))


def test_another_person_starts_from_zero() -> None:
    bias = PersonBias(2.0, 4)
    bias.add(3.0)
    bias.reset()
    assert bias.shrunk == 0


def test_the_expected_person_starts_from_the_saved_bias() -> None:
    bias = PersonBias(2.0, 4)
    bias.add(3.0)
    assert bias.mean == (pytest.approx(11 / 5), 5)
    bias.reset()
    assert bias.mean == (0.0, 0)
    bias.reset(expected=True)
    assert bias.mean == (2.0, 4)


def test_the_expected_person_returns_with_the_confirmed_bias() -> None:
    bias = PersonBias(2.0, 4)
    bias.add(7.0, expression=1)
    bias.add(-50.0, expression=2)  # of another person, unconfirmed
    bias.confirm(confirmed_expressions=1)
    assert bias.confirmed == (3.0, 5)
    bias.confirm(confirmed_expressions=1)
    assert bias.confirmed == (3.0, 5)  # and counts once
    bias.reset(expected=True)
    assert bias.mean == (3.0, 5)


def test_unconfirmed_expressions_are_left_out() -> None:
    bias = PersonBias(2.0, 4)
    bias.add(7.0, expression=5)
    bias.confirm(confirmed_expressions=4)
    assert bias.confirmed == (2.0, 4)


def test_the_weight_of_confirmed_bias_is_capped_over_sessions() -> None:
    bias = PersonBias()
    for _ in range(20):
        for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
            bias.add(1.0, expression)
        bias.confirm(confirmed_expressions=MAX_BIAS_EXPRESSIONS)
        bias.reset(expected=True)
    assert bias.confirmed == (pytest.approx(1.0), MAX_CLIPS)
    assert PersonBias(1.0, 1000).mean == (1.0, MAX_CLIPS)


def test_a_bias_saved_over_many_sessions_can_be_changed_by_one() -> None:
    saved = (0.0, 0.0)
    for _ in range(20):
        bias = PersonBias(*saved)
        for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
            bias.add(1.0, expression)
        bias.confirm(MAX_BIAS_EXPRESSIONS)
        saved = bias.confirmed
        assert saved[1] <= MAX_CLIPS
    assert saved == (pytest.approx(1.0), MAX_CLIPS)
    bias = PersonBias(*saved)
    for expression in range(1, MAX_BIAS_EXPRESSIONS + 1):
        bias.add(-2.0, expression)
    assert bias.mean[0] == pytest.approx(0.0)
