"""Selection of the emotion: all in rows, the best by prediction error, and other emotions."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import xgboost

from engines.model.network import Ints
from engines.testing.fake_engine import FakeEngine
from realtime.core.messages import BoxSource, Face, Floats, Onset, State, Tick, ViewQuality, Window
from realtime.motion.basis import MovementBasis
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.emotion_classifier import EmotionClassifier
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.known_onsets import LEVELS, KnownOnsets
from realtime.verdict.person_bias import PersonBias
from realtime.verdict.prototypes import GhostPlayer, Prototypes

CONFIG = RecognitionConfig(steps=1, frames=16, carry=1.0, settled_speed=0.5)
NAMES = ("any", "anger", "fear")
# The read-out of anger has the opposite sign of the others.
SIGNS = {"any": 1.0, "anger": -1.0, "fear": 1.0}


class FixedLossEngine(FakeEngine):
    """Engine with a fixed loss."""

    def __init__(self, name: str, loss: float) -> None:
        super().__init__(name=name)
        self.loss = loss
        self.calls = 0

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        self.calls += 1
        _, gradient = super()._loss_and_gradient_impl(windows, lengths, pb)
        return np.full(len(pb), self.loss, np.float32), gradient


@pytest.fixture(scope="module")
def booster() -> ScoreModel:
    model = xgboost.train({"nthread": 1}, xgboost.DMatrix(np.zeros((4, 2)), np.zeros(4)), 1)
    return ScoreModel(
        bytes(model.save_raw("ubj")), LinearScore(np.array([1, 0], np.float32), 0.0), "test"
    )


@pytest.fixture
def engines() -> dict[str, FixedLossEngine]:
    return {name: FixedLossEngine(name, 0.1) for name in ("any-0", "anger", "fear")}


def judge(
    emotion: str,
    engines: dict[str, FixedLossEngine],
    booster: ScoreModel,
    error_limits: dict[str, float] | None = None,
    classifier: EmotionClassifier | None = None,
) -> Judge:
    def emotion_judge(name: str) -> EmotionJudge:
        read = [ReadOut(SIGNS[name] * np.eye(64, dtype=np.float32)[0], 0.0)]
        way = np.eye(64, dtype=np.float32)[0]
        shown = Prototypes("any-0" if name == "any" else name, way, 0 * way)
        return EmotionJudge(
            name,
            ("any-0",),
            FeatureExtractor(read, read, PersonBias()),
            booster,
            PlattScaling(2, 0, 0),
            0.2,
            shown,
        )

    emotion_judges = {name: emotion_judge(name) for name in NAMES}
    gate = Gate(0, 0, 255, 1, 0.2, 0.1, error_limits or {})
    player = GhostPlayer(
        MovementBasis(np.eye(80, dtype=np.float32), 1.0), np.ones(80, np.float32), 3
    )
    recognisers = RecogniserSet(list(engines.values()), CONFIG)
    judging = Judge(emotion, gate, recognisers, emotion_judges, player)
    judging.use_classifier(classifier)
    return judging


def sure_of(p_fear: float) -> EmotionClassifier:
    """Return a classifier that gives every movement this probability of fear, the rest to anger."""
    biases = np.log(np.array([1 - p_fear, p_fear], np.float32))
    return EmotionClassifier(("anger", "fear"), np.zeros((2, 80), np.float32), biases)


def tick(at_s: float = 2.0, intensity: float = 0.5) -> Tick:
    window = Window(np.full((16, 80), 0.5, np.float32), at_s - 1.6, at_s)
    face = Face((0, 0, 9, 9), 20, BoxSource.MOSSE)
    return Tick(
        at_s,
        1,
        at_s,
        face=face,
        quality=ViewQuality(100, 120, 0),
        window=window,
        intensity=intensity,
    )


def test_all_reads_every_emotion_and_any_comes_first(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    reading = judge("all", engines, booster).read(tick())
    assert [row.emotion for row in reading.rows] == list(NAMES)
    assert reading.emotion == "any"
    readings = {row.emotion: row.p_genuine for row in reading.rows}
    assert readings["any"] == readings["fear"] == reading.p_genuine
    assert readings["anger"] == pytest.approx(1 - (readings["fear"] or 0), abs=0.05)
    assert {row.emotion: row.prediction_error for row in reading.rows} == pytest.approx(
        dict.fromkeys(NAMES, 0.4)
    )


def test_the_onset_is_compared_in_the_row_of_each_emotion_that_is_known(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judging = judge("all", engines, booster)
    speeds = np.asarray(5 * LEVELS, np.float32)
    judging.known_onsets = KnownOnsets({"fear": speeds}, {"fear": speeds})
    onset = Onset(1.0, 1.5, 2.0, 6.0, 2.6, 0.9, None, 0.3)
    reading = judging.read(replace(tick(), onset=onset))
    compared = {row.emotion: row.onset_rank is not None for row in reading.rows}
    assert compared == {name: name == "fear" for name in NAMES}
    assert reading.onset_rank is None  # of any


@pytest.mark.parametrize("p_fear", [0.999, 0.75, 0.25, 0.001])
@pytest.mark.parametrize("emotion", ["any", "all"])
def test_any_is_judged_by_all_emotions_each_with_its_probability(
    emotion: str, p_fear: float, engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judging = judge(emotion, engines, booster, classifier=sure_of(p_fear))
    told = {name: judge(name, engines, booster).read(tick()).score for name in ("anger", "fear")}
    reading = judging.read(tick())
    assert None not in told.values()
    wanted = (1 - p_fear) * (told["anger"] or 0) + p_fear * (told["fear"] or 0)
    assert reading.score == pytest.approx(wanted, abs=1e-5)
    assert sum(each.log_odds for each in reading.contributions) == pytest.approx(reading.score)
    for row in reading.rows[1:]:
        assert row.score == pytest.approx(told[row.emotion])


def test_auto_weighs_the_prediction_errors_by_the_probabilities(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    engines["anger"].loss = 0.08  # predicts a little better than fear
    assert judge("auto", engines, booster).read(tick()).emotion == "anger"
    likely = judge("auto", engines, booster, classifier=sure_of(0.8))
    assert likely.read(tick()).emotion == "fear"
    unlikely = judge("auto", engines, booster, classifier=sure_of(0.52))
    assert unlikely.read(tick()).emotion == "anger"


def test_another_emotion_is_named_by_the_classifier_too(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    """Its network and the one of `any` predict alike; the classifier says which one it is."""
    engines["anger"].loss = 0.3
    reading = judge("anger", engines, booster, {"anger": 0.5}, sure_of(0.9)).read(tick())
    assert (reading.state, reading.nearest) == (State.OTHER_EMOTION, "fear")


def test_each_network_runs_once_a_tick(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judge("all", engines, booster).read(tick())
    assert {name: engine.calls for name, engine in engines.items()} == dict.fromkeys(engines, 1)


def test_one_emotion_alone_does_not_run_the_others(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judge("fear", engines, booster).read(tick())
    assert {name: engine.calls for name, engine in engines.items()} == {
        "any-0": 1,
        "anger": 0,
        "fear": 1,
    }


def test_a_neutral_face_makes_every_row_neutral(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    reading = judge("all", engines, booster).read(tick(intensity=0.0))
    assert {row.state for row in reading.rows} == {State.NEUTRAL}


def test_auto_follows_the_emotion_with_the_lowest_prediction_error(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    engines["fear"].loss = 0.05
    judging = judge("auto", engines, booster)
    first = judging.read(tick(2.0))
    assert (first.emotion, first.prediction_error) == ("fear", pytest.approx(0.2))
    engines["anger"].loss = 0.001
    emotions = [judging.read(tick(2.2 + 0.2 * number)).emotion for number in range(12)]
    assert emotions[0] == "fear"
    assert emotions[-1] == "anger"
    assert emotions == sorted(emotions, reverse=True)  # one change of emotion
    assert set(judging.run_verdicts()) == {"fear", "anger"}


def test_the_run_average_of_auto_spans_every_emotion_followed(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    engines["fear"].loss = 0.05
    judging = judge("auto", engines, booster)
    log_odds = []
    for number in range(14):
        reading = judging.read(tick(2.0 + 0.2 * number))
        assert reading.p_genuine is not None
        log_odds.append(math.log(reading.p_genuine / (1 - reading.p_genuine)))
        engines["anger"].loss = 0.001  # followed from here on, and read with the opposite sign
        overall = judging.run_verdict()
        assert overall.judged_s == pytest.approx(0.2 * (number + 1))
        assert overall.p_genuine == pytest.approx(1 / (1 + math.exp(-np.mean(log_odds))))
    assert set(judging.run_verdicts()) == {"fear", "anger"}


def test_a_neutral_face_does_not_change_the_run_average_of_auto(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judging = judge("auto", engines, booster)
    judging.read(tick(2.0))
    before = judging.run_verdict()
    assert before.p_genuine is not None
    assert judging.read(tick(2.2, intensity=0.0)).emotion == "auto"
    assert judging.run_verdict() == before


def test_what_another_selection_judged_is_not_in_the_run_average_of_auto(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judging = judge("all", engines, booster)
    judging.read(tick(2.0))
    judging.set_emotion("auto")
    assert judging.run_verdict().p_genuine is None
    judging.read(tick(2.2))
    assert judging.run_verdict().judged_s == pytest.approx(0.2)


def test_auto_stays_auto_where_nothing_is_judged(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judging = judge("auto", engines, booster)
    assert judging.read(tick(intensity=0.0)).emotion == "auto"
    assert {name: whole.state for name, whole in judging.run_verdicts().items()} == {
        "auto": "neutral"
    }


def test_a_prediction_error_above_the_limit_is_another_emotion(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    engines["fear"].loss = 0.05
    reading = judge("anger", engines, booster, {"anger": 0.3}).read(tick())
    assert (reading.state, reading.p_genuine, reading.score) == (State.OTHER_EMOTION, None, None)
    assert (
        reading.reason
        == "its network misses 40 % of the movement, want at most 30 %; it moves most like fear"
    )


def test_a_prediction_error_below_the_limit_is_judged(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    assert judge("anger", engines, booster, {"anger": 0.5}).read(tick()).state is State.JUDGING


def test_without_limits_nothing_is_another_emotion(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    engines["anger"].loss = 9.0
    assert judge("anger", engines, booster).read(tick()).state is State.JUDGING


def test_another_emotion_resets_the_pb_and_retains_earlier_verdicts(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judging = judge("anger", engines, booster)
    first = judging.read(tick(2.0))
    judging.set_emotion("fear")
    second = judging.read(tick(2.2))
    assert (first.emotion, second.emotion) == ("anger", "fear")
    assert second.estimates[0].pb_speed is None
    assert set(judging.run_verdicts()) == {"anger", "fear"}


def test_ghosts_are_played_only_when_shown(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    judging = judge("anger", engines, booster)
    assert judging.read(tick(2.0)).ghosts is None
    judging.show_ghosts = True
    assert judging.read(tick(2.2)).ghosts is not None
    assert judging.read(tick(2.4, intensity=0.0)).ghosts is None


def test_the_pb_has_a_position_between_the_prototypes(
    engines: dict[str, FixedLossEngine], booster: ScoreModel
) -> None:
    reading = judge("anger", engines, booster).read(tick())
    assert reading.pb_position is not None
    assert reading.pb_position[0] > 0
