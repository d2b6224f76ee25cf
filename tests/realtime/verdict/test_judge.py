from dataclasses import replace

import numpy as np
import pytest
import xgboost

from engines.errors import BundleRefused
from engines.testing.fake_engine import FakeEngine
from realtime.core.messages import BoxSource, Face, PersonStatus, State, Tick, ViewQuality, Window
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.calibration import CalibrationByExperience, PlattScaling
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.person_bias import PersonBias
from realtime.verdict.reading import make_verdict
from realtime.verdict.run_average import RunAverage

GATE = Gate(0, 0, 255, 1, onset_threshold=0.2, offset_threshold=0.1)
CONFIG = RecognitionConfig(steps=2, frames=24, carry=1.0, settled_speed=0.5)
FIRST = ReadOut(np.eye(64, dtype=np.float32)[0], 0.0)  # reads the PB's first number as log odds
LINEAR = LinearScore(np.zeros(2, np.float32), 0.0)
CALIBRATION = PlattScaling(slope=1.0, intercept=0.0, abstain_margin=0.05)


@pytest.fixture(scope="module")
def trees() -> bytes:
    """Return trees that score a tick genuine where its log odds are above 0."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(0, 1, (400, 2)).astype(np.float32)
    matrix = xgboost.DMatrix(inputs, (inputs[:, 0] > 0).astype(np.float32))
    return bytes(
        xgboost.train(
            {"objective": "binary:logistic", "max_depth": 2, "nthread": 1}, matrix, 30
        ).save_raw("ubj")
    )


@pytest.fixture(scope="module")
def booster(trees: bytes) -> ScoreModel:
    return ScoreModel(trees, LINEAR, "booster-test.ubj")


def judge(
    booster: ScoreModel, calibration: CalibrationByExperience | PlattScaling = CALIBRATION
) -> Judge:
    extractor = FeatureExtractor([FIRST], [FIRST], PersonBias())
    emotion_judge = EmotionJudge(
        "surprise", ("fake",), extractor, booster, calibration, stride_s=0.2
    )
    return Judge(
        "surprise", GATE, RecogniserSet([FakeEngine()], CONFIG), {"surprise": emotion_judge}
    )


def tick(at_s: float, toward: float, intensity: float = 0.5) -> Tick:
    motion = np.full((24, 80), toward, np.float32)
    return Tick(
        at_s=at_s,
        frame=round(at_s * 30),
        read_at_s=at_s,
        face=Face((1, 2, 30, 40), 12.0, BoxSource.MOSSE),
        quality=ViewQuality(100, 120, 0),
        window=Window(motion, at_s - 1.6, at_s),
        intensity=intensity,
    )


def test_the_booster_reads_the_pb(booster: ScoreModel) -> None:
    judging = judge(booster)
    assert judging.read(tick(2.0, 0.9)).p_genuine > 0.8  # type: ignore[operator]
    assert judge(booster).read(tick(2.0, -0.9)).p_genuine < 0.2  # type: ignore[operator]


def test_a_pb_that_stops_moving_has_settled(booster: ScoreModel) -> None:
    judging = judge(booster)
    states = [judging.read(tick(2.0 + 0.2 * i, 0.9)).state for i in range(40)]
    assert states[0] is State.JUDGING
    assert states[-1] is State.SETTLED


def test_a_neutral_face_has_no_probability_and_the_next_expression_starts_from_zero(
    booster: ScoreModel,
) -> None:
    judging = judge(booster)
    first = judging.read(tick(2.0, 0.9))
    for i in range(5):
        judging.read(tick(2.2 + 0.2 * i, 0.9))
    neutral = judging.read(tick(4.0, 0.0, intensity=0.0))
    assert (neutral.state, neutral.p_genuine, neutral.estimates) == (State.NEUTRAL, None, ())
    again = judging.read(tick(4.2, 0.9))
    np.testing.assert_array_equal(again.estimates[0].pb, first.estimates[0].pb)


def test_close_to_even_odds_the_reading_is_uncertain(booster: ScoreModel) -> None:
    reading = judge(booster, PlattScaling(1e-6, 0.0, 0.05)).read(tick(2.0, 0.9))
    assert reading.state is State.UNCERTAIN
    assert reading.p_genuine is None


def test_a_new_person_starts_without_the_state_of_the_last(booster: ScoreModel) -> None:
    judging, fresh = judge(booster), judge(booster)
    for i in range(4):
        judging.read(tick(2.0 + 0.2 * i, -0.9))
    judging.read(tick(3.0, 0.0, intensity=0.0))
    other = replace(tick(9.0, 0.9), person=PersonStatus(1))
    reading = judging.read(other)
    np.testing.assert_array_equal(
        reading.estimates[0].pb, fresh.read(tick(9.0, 0.9)).estimates[0].pb
    )
    assert judging._judges["surprise"].bias == 0


@pytest.mark.parametrize(
    ("expected", "confirmed", "counted"), [(True, 1, 1), (True, 0, 0), (False, 1, 0)]
)
def test_the_bias_of_the_expected_person_is_confirmed_with_their_expressions(
    booster: ScoreModel, expected: bool, confirmed: int, counted: int
) -> None:
    judging = judge(booster)
    judging.read(replace(tick(2.0, 0.9), person=PersonStatus(is_expected=expected)))
    for i in range(2):
        neutral = tick(3.0 + i, 0.0, intensity=0.0)
        judging.read(replace(neutral, person=PersonStatus(0, 1, confirmed, expected)))
    assert judging.confirmed_bias[1] == counted
    assert judging.bias[1] == 1


def test_a_verdict_has_the_fields_of_the_record(booster: ScoreModel) -> None:
    one = tick(2.0, 0.9)
    verdict = make_verdict(one, judge(booster).read(one), now_s=2.031)
    assert verdict.emotion == "surprise"
    assert verdict.age_ms == pytest.approx(31)
    assert (verdict.box_px, verdict.psr, verdict.frame) == ((1, 2, 30, 40), 12.0, 60)
    assert verdict.loss is not None
    assert verdict.pb_speed is None


def test_the_run_verdict_is_the_mean_of_the_judged_ticks(booster: ScoreModel) -> None:
    judging = judge(booster)
    assert judging.run_verdict().p_genuine is None
    scores = [judging.read(tick(2.0 + 0.2 * i, 0.9)).score for i in range(3)]
    judging.read(tick(2.6, 0.0, intensity=0.0))
    overall = judging.run_verdict()
    assert overall.judged_s == pytest.approx(0.6)
    assert overall.p_genuine == pytest.approx(CALIBRATION.p_genuine(float(np.mean(scores))))  # type: ignore[arg-type]


def test_the_calibration_depends_on_the_known_expressions(booster: ScoreModel) -> None:
    calibration = CalibrationByExperience(
        ((0, PlattScaling(0.1, 0.0, 0.0)), (3, PlattScaling(1.0, 0.0, 0.0))),
        personal_offset=(np.log(2.0), 0.0),
    )
    judging = judge(booster, calibration)
    statuses = [(0, False), (2, False), (3, False), (3, True)]
    odds = []
    for number, (expressions, expected) in enumerate(statuses):
        reading = judging.read(
            replace(tick(2.0 + 0.2 * number, 0.9), person=PersonStatus(0, expressions, 0, expected))
        )
        assert reading.p_genuine is not None
        assert reading.score is not None
        odds.append(np.log(reading.p_genuine / (1 - reading.p_genuine)) / reading.score)
    np.testing.assert_allclose(odds, [0.1, 0.1, 1.0, 2.0], rtol=1e-3)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ((1, CALIBRATION),),
        ((0, CALIBRATION), (0, CALIBRATION)),
        ((0, CALIBRATION), (5, CALIBRATION), (3, CALIBRATION)),
    ],
)
def test_calibration_steps_must_rise_from_0(steps: tuple[tuple[int, PlattScaling], ...]) -> None:
    with pytest.raises(ValueError, match="rise from 0"):
        CalibrationByExperience(steps)


def test_a_run_without_a_judged_tick_has_its_last_state() -> None:
    average = RunAverage(CALIBRATION, 0.2)
    average.add(State.NO_FACE, None)
    assert (average.verdict().state, average.verdict().p_genuine, average.verdict().judged_s) == (
        "no_face",
        None,
        0.0,
    )


def test_an_invalid_booster_is_refused_by_name() -> None:
    with pytest.raises(BundleRefused, match="booster-x"):
        ScoreModel(b"{not a model", LINEAR, "booster-x.ubj")


def test_a_booster_and_linear_score_of_different_widths_are_refused(trees: bytes) -> None:
    with pytest.raises(BundleRefused, match="takes 2 inputs, its linear start 3"):
        ScoreModel(trees, LinearScore(np.zeros(3, np.float32), 0.0), "booster-y.ubj")


def test_the_trees_add_to_the_linear_score(trees: bytes) -> None:
    inputs = np.zeros(2, np.float32)
    plain = ScoreModel(trees, LINEAR, "a").score(inputs)
    started = ScoreModel(trees, LinearScore(np.ones(2, np.float32), 2.0), "b").score(inputs)
    assert started == pytest.approx(plain + 2.0, abs=1e-5)


def test_without_trees_the_linear_score_equals_that_of_xgboost() -> None:
    start = LinearScore(np.array([1.5, -0.5], np.float32), 0.25)
    none = xgboost.train({"nthread": 1}, xgboost.DMatrix(np.zeros((4, 2)), np.zeros(4)), 0)
    for inputs in np.random.default_rng(0).normal(0, 2, (20, 2)).astype(np.float32):
        asked = ScoreModel(bytes(none.save_raw("ubj")), start, "none").score(inputs)
        assert ScoreModel(b"", start, "none").score(inputs) == pytest.approx(asked, abs=1e-6)


@pytest.mark.parametrize(("slope", "abstain"), [(0.0, 0.1), (-1.0, 0.1), (1.0, 0.5), (1.0, -0.1)])
def test_an_inverting_or_always_uncertain_calibration_is_refused(
    slope: float, abstain: float
) -> None:
    with pytest.raises(ValueError, match="want slope > 0"):
        PlattScaling(slope, 0.0, abstain)
