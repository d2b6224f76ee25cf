from dataclasses import replace

import numpy as np
import pytest

from engines.testing.fake_engine import FakeEngine
from realtime.core.messages import (
    BoxSource,
    Face,
    Onset,
    PersonStatus,
    State,
    Tick,
    ViewQuality,
    Window,
)
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.known_onsets import LEVELS, KnownOnsets
from realtime.verdict.person_bias import PersonBias

GATE = Gate(0, 0, 255, 1, onset_threshold=0.2, offset_threshold=0.1)
CONFIG = RecognitionConfig(steps=2, frames=24, carry=1.0, settled_speed=0.5)
FIRST = ReadOut(np.eye(64, dtype=np.float32)[0], 0.0)  # reads the PB's first number as log odds
SCORE = ScoreModel(b"", LinearScore(np.array([10, 0], np.float32), 0.0), "linear")
CALIBRATION = PlattScaling(slope=1.0, intercept=0.0, abstain_margin=0.05)


def judge() -> Judge:
    extractor = FeatureExtractor([FIRST], [FIRST], PersonBias())
    emotion_judge = EmotionJudge("surprise", ("fake",), extractor, SCORE, CALIBRATION, stride_s=0.2)
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


def test_the_probability_follows_the_pb() -> None:
    judging = judge()
    assert judging.read(tick(2.0, 0.9)).p_genuine > 0.8  # type: ignore[operator]
    assert judge().read(tick(2.0, -0.9)).p_genuine < 0.2  # type: ignore[operator]


def test_a_pb_that_stops_moving_has_settled() -> None:
    judging = judge()
    states = [judging.read(tick(2.0 + 0.2 * i, 0.9)).state for i in range(40)]
    assert states[0] is State.JUDGING
    assert states[-1] is State.SETTLED


def test_a_neutral_face_has_no_probability_and_the_next_expression_starts_from_zero() -> None:
    judging = judge()
    first = judging.read(tick(2.0, 0.9))
    for i in range(5):
        judging.read(tick(2.2 + 0.2 * i, 0.9))
    neutral = judging.read(tick(4.0, 0.0, intensity=0.0))
    assert (neutral.state, neutral.p_genuine, neutral.estimates) == (State.NEUTRAL, None, ())
    again = judging.read(tick(4.2, 0.9))
    np.testing.assert_array_equal(again.estimates[0].pb, first.estimates[0].pb)


def test_a_new_person_starts_without_the_state_of_the_last() -> None:
    judging, fresh = judge(), judge()
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
    expected: bool, confirmed: int, counted: int
) -> None:
    judging = judge()
    judging.read(replace(tick(2.0, 0.9), person=PersonStatus(is_expected=expected)))
    for i in range(2):
        neutral = tick(3.0 + i, 0.0, intensity=0.0)
        judging.read(replace(neutral, person=PersonStatus(0, 1, confirmed, expected)))
    assert judging.confirmed_bias[1] == counted
    assert judging.bias[1] == 1


def test_the_run_verdict_is_the_mean_of_the_judged_ticks() -> None:
    judging = judge()
    assert judging.run_verdict().p_genuine is None
    scores = [judging.read(tick(2.0 + 0.2 * i, 0.9)).score for i in range(3)]
    judging.read(tick(2.6, 0.0, intensity=0.0))
    overall = judging.run_verdict()
    assert overall.judged_s == pytest.approx(0.6)
    assert overall.p_genuine == pytest.approx(CALIBRATION.p_genuine(float(np.mean(scores))))  # type: ignore[arg-type]


ONSET = Onset(1.0, 1.5, 2.0, 6.0, 2.6, 0.9, 0.1, 0.3)  # 3 amplitudes per second


def test_an_onset_is_compared_with_those_that_are_known() -> None:
    judging, began = judge(), replace(tick(2.0, 0.9), onset=ONSET)
    assert judging.read(began).onset_rank is None
    slow, fast = (np.asarray(scale * LEVELS, np.float32) for scale in (5, 10))
    judging.known_onsets = KnownOnsets({"surprise": slow}, {"surprise": fast})
    rank = judging.read(began).onset_rank
    assert rank is not None
    assert (rank.genuine, rank.fake) == (pytest.approx(0.6), pytest.approx(0.3))
    assert judging.read(tick(2.2, 0.9)).onset_rank is None
    not_judged = replace(tick(2.4, 0.9, intensity=0.0), onset=ONSET)
    assert judging.read(not_judged).onset_rank is None
