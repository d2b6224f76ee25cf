from dataclasses import replace

import numpy as np
import pytest

from realtime.core.messages import Estimate, PersonStatus, State
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.calibration import CalibrationByExperience, PlattScaling
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor, ReadOut
from realtime.verdict.person_bias import BIAS_PRIOR, PersonBias
from realtime.verdict.prototypes import Prototypes

FIRST, SECOND = np.eye(64, dtype=np.float32)[:2]
READ_OUTS = [ReadOut(FIRST, 0.0), ReadOut(FIRST, 0.0)]  # the PB's first number as log odds
SCORE = ScoreModel(b"", LinearScore(np.array([1, 0], np.float32), 0.0), "linear")
CALIBRATION = PlattScaling(slope=1.0, intercept=0.0, abstain_margin=0.05)


def estimates(log_odds: float, *, settled: tuple[bool, bool] = (True, True)) -> dict[str, Estimate]:
    """Return the estimates of two networks whose PB reads as `log_odds`, and one of a third."""
    one, two = (Estimate(log_odds * FIRST, 0.1, 0.1, 1, None, each) for each in settled)
    return {"net-0": one, "net-1": two, "other": Estimate(SECOND, 9.0, 0.1, 1, None, False)}


def judge(
    calibration: CalibrationByExperience | PlattScaling = CALIBRATION,
    bias: PersonBias | None = None,
    prototypes: Prototypes | None = None,
) -> EmotionJudge:
    features = FeatureExtractor(READ_OUTS, READ_OUTS, bias or PersonBias())
    networks = ("net-0", "net-1")
    return EmotionJudge("fear", networks, features, SCORE, calibration, 0.2, prototypes)


def read(judging: EmotionJudge, log_odds: float, person: PersonStatus | None = None):
    judging.set_person(person or PersonStatus())
    judging.observe(estimates(log_odds))
    return judging.read(estimates(log_odds), judging.score())


def test_a_reading_has_score_probability_and_the_estimates_of_its_own_networks() -> None:
    reading = read(judge(), 2.0)
    assert reading.score == pytest.approx(2.0)
    assert reading.p_genuine == pytest.approx(CALIBRATION.p_genuine(2.0))
    assert (reading.emotion, len(reading.estimates)) == ("fear", 2)


@pytest.mark.parametrize(
    ("settled", "state"),
    [
        ((True, True), State.SETTLED),
        ((True, False), State.JUDGING),
        ((False, False), State.JUDGING),
    ],
)
def test_it_is_settled_once_every_network_is(settled: tuple[bool, bool], state: State) -> None:
    judging, found = judge(), estimates(2.0, settled=settled)
    judging.observe(found)
    assert judging.read(found, judging.score()).state is state


def test_near_even_odds_the_reading_is_uncertain_and_has_no_probability() -> None:
    reading = read(judge(), 0.1)
    assert (reading.state, reading.p_genuine) == (State.UNCERTAIN, None)
    assert reading.score == pytest.approx(0.1)
    assert reading.reason == "too close to 50 %"


def test_the_calibration_depends_on_the_known_expressions() -> None:
    calibration = CalibrationByExperience(
        ((0, PlattScaling(0.1, 0.0, 0.0)), (3, PlattScaling(1.0, 0.0, 0.0))),
        personal_offset=(np.log(2.0), 0.0),
    )
    judging, slopes = judge(calibration), []
    for expressions, expected in ((0, False), (2, False), (3, False), (3, True)):
        reading = read(judging, 1.0, PersonStatus(0, expressions, 0, expected))
        assert reading.p_genuine is not None
        slopes.append(np.log(reading.p_genuine / (1 - reading.p_genuine)))
    np.testing.assert_allclose(slopes, [0.1, 0.1, 1.0, 2.0], rtol=1e-3)


def test_an_ended_expression_enters_the_person_bias_once() -> None:
    judging = judge()
    for _ in range(2):
        read(judging, 3.0)
    judging.end_expression()
    judging.end_expression()
    assert judging.mean_bias == (pytest.approx(3.0), 1)
    assert judging.bias == pytest.approx(3.0 / (1 + BIAS_PRIOR))


def test_ticks_without_an_estimate_of_every_network_are_not_observed() -> None:
    judging = judge()
    partial = {name: found for name, found in estimates(3.0).items() if name != "net-1"}
    judging.observe(partial)
    judging.end_expression()
    assert judging.mean_bias[1] == 0


def test_another_person_starts_with_their_own_bias() -> None:
    judging = judge(bias=PersonBias(2.0, 4))
    read(judging, 3.0)
    judging.set_person(PersonStatus(person_id=1))
    judging.end_expression()
    assert judging.mean_bias == (0.0, 0)  # without the expression that the last person had begun
    judging.set_person(PersonStatus(person_id=2, is_expected=True))
    assert judging.mean_bias == (2.0, 4)


def test_only_confirmed_expressions_of_the_expected_person_are_in_the_confirmed_bias() -> None:
    judging = judge(bias=PersonBias(2.0, 4))
    expected = PersonStatus(is_expected=True)
    read(judging, 7.0, expected)
    judging.end_expression()
    assert judging.confirmed_bias == (2.0, 4)
    judging.set_person(replace(expected, known_expressions=1, confirmed_expressions=1))
    assert judging.confirmed_bias == (pytest.approx(3.0), 5)


def test_the_run_verdict_averages_calibrated_log_odds() -> None:
    judging = judge(PlattScaling(2.0, 1.0, 0.0))
    for log_odds in (0.5, 1.5):
        judging.record(read(judging, log_odds))
    assert judging.run_verdict().p_genuine == pytest.approx(1 / (1 + np.exp(-3.0)))
    assert judging.run_verdict().judged_s == 0.4


def test_the_pb_has_a_position_where_the_prototypes_network_ran() -> None:
    prototypes = Prototypes("net-0", 2 * FIRST, 0 * FIRST)
    assert read(judge(prototypes=prototypes), 1.0).pb_position == pytest.approx((0.5, 0.0))
    assert read(judge(), 1.0).pb_position is None
    assert read(judge(prototypes=replace(prototypes, network="absent")), 1.0).pb_position is None


def test_nothing_is_read_between_expressions() -> None:
    judging = judge()
    read(judging, 2.0)
    judging.end_expression()
    with pytest.raises(AssertionError, match="observe comes before score"):
        judging.score()
