import pytest

from realtime.core.messages import State
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.run_average import RunAverage

CALIBRATION = PlattScaling(slope=1.0, intercept=0.0, abstain_margin=0.05)


def average_of(*scores: float | None) -> RunAverage:
    average = RunAverage(CALIBRATION, 0.2)
    for score in scores:
        average.add(State.NEUTRAL if score is None else State.JUDGING, score)
    return average


def test_it_is_the_mean_of_the_judged_ticks_and_not_their_sum() -> None:
    verdict = average_of(*[1.0, 3.0] * 50).verdict()
    assert verdict.p_genuine == pytest.approx(CALIBRATION.p_genuine(2.0))
    assert verdict.state == "judging"


def test_ticks_without_a_score_count_neither_in_the_mean_nor_in_the_judged_time() -> None:
    verdict = average_of(2.0, None, 2.0, None, None).verdict()
    assert verdict.p_genuine == pytest.approx(CALIBRATION.p_genuine(2.0))
    assert verdict.judged_s == 0.4


def test_near_even_odds_it_is_uncertain_and_still_has_its_probability() -> None:
    verdict = average_of(1.0, -0.9).verdict()
    assert verdict.state == "uncertain"
    assert verdict.p_genuine == pytest.approx(0.5125, abs=1e-3)


def test_without_a_judged_tick_it_has_the_last_state() -> None:
    average = RunAverage(CALIBRATION, 0.2)
    assert average.verdict().state == "warming_up"
    average.add(State.NO_FACE, None)
    verdict = average.verdict()
    assert (verdict.state, verdict.p_genuine, verdict.judged_s) == ("no_face", None, 0.0)
