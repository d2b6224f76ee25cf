"""One question among many: all emotions in rows, the one that fits best, and movement that is another emotion's."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost

from engines.model.network import Ints
from engines.testing.fake_engine import FakeEngine
from realtime.core.messages import BoxSource, Face, Floats, State, Tick, ViewQuality, Window
from realtime.motion.basis import MovementBasis
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.booster import LinearScore, ScoreModel
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.emotion_judge import EmotionJudge
from realtime.verdict.features import FeatureExtractor, ReadOut
from realtime.verdict.gate import Gate
from realtime.verdict.judge import Judge
from realtime.verdict.person_bias import PersonBias
from realtime.verdict.prototypes import GhostPlayer, Prototypes

LOOP = RecognitionConfig(steps=1, frames=16, carry=1.0, settled_speed=0.5)
NAMES = ("any", "anger", "fear")
READS = {
    "any": 1.0,
    "anger": -1.0,
    "fear": 1.0,
}  # anger's read-out says fake of what the others call genuine


class Missing(FakeEngine):
    """Misses as much as it is told to."""

    def __init__(self, name: str, loss: float) -> None:
        super().__init__(name=name)
        self.loss = loss
        self.calls = 0

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        self.calls += 1
        _, away = super()._loss_and_gradient_impl(windows, lengths, pb)
        return np.full(len(pb), self.loss, np.float32), away


@pytest.fixture(scope="module")
def booster() -> ScoreModel:
    grown = xgboost.train({"nthread": 1}, xgboost.DMatrix(np.zeros((4, 2)), np.zeros(4)), 1)
    return ScoreModel(
        bytes(grown.save_raw("ubj")), LinearScore(np.array([1, 0], np.float32), 0.0), "test"
    )


@pytest.fixture
def engines() -> dict[str, Missing]:
    return {name: Missing(name, 0.1) for name in ("any-0", "anger", "fear")}


def judge(
    asked: str,
    engines: dict[str, Missing],
    booster: ScoreModel,
    limits: dict[str, float] | None = None,
) -> Judge:
    def opinion(name: str) -> EmotionJudge:
        read = [ReadOut(READS[name] * np.eye(64, dtype=np.float32)[0], 0.0)]
        way = np.eye(64, dtype=np.float32)[0]
        shown = Prototypes("any-0" if name == "any" else name, way, 0 * way)
        return EmotionJudge(
            name,
            ("any-0",),
            FeatureExtractor(read, read, PersonBias()),
            booster,
            PlattScaling(1, 0, 0),
            0.2,
            shown,
        )

    opinions = {name: opinion(name) for name in NAMES}
    gate = Gate(0, 0, 255, 1, 0.2, 0.1, limits or {})
    player = GhostPlayer(
        MovementBasis(np.eye(80, dtype=np.float32), 1.0), np.ones(80, np.float32), 3
    )
    return Judge(asked, gate, RecogniserSet(list(engines.values()), LOOP), opinions, player)


def tick(at_s: float = 2.0, strength: float = 0.5) -> Tick:
    seen = Window(np.full((16, 80), 0.5, np.float32), at_s - 1.6, at_s)
    face = Face((0, 0, 9, 9), 20, BoxSource.MOSSE)
    return Tick(
        at_s, 1, at_s, face=face, quality=ViewQuality(100, 120, 0), window=seen, intensity=strength
    )


def test_all_reads_every_emotion_and_any_speaks_first(
    engines: dict[str, Missing], booster: ScoreModel
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


def test_each_network_runs_once_a_tick(engines: dict[str, Missing], booster: ScoreModel) -> None:
    judge("all", engines, booster).read(tick())
    assert {name: engine.calls for name, engine in engines.items()} == dict.fromkeys(engines, 1)


def test_one_emotion_alone_does_not_run_the_others(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    judge("fear", engines, booster).read(tick())
    assert {name: engine.calls for name, engine in engines.items()} == {
        "any-0": 1,
        "anger": 0,
        "fear": 1,
    }


def test_all_are_silent_together(engines: dict[str, Missing], booster: ScoreModel) -> None:
    reading = judge("all", engines, booster).read(tick(strength=0.0))
    assert {row.state for row in reading.rows} == {State.NEUTRAL}


def test_auto_follows_the_emotion_that_fits_best(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    engines["fear"].loss = 0.05
    judging = judge("auto", engines, booster)
    first = judging.read(tick(2.0))
    assert (first.emotion, first.prediction_error) == ("fear", pytest.approx(0.2))
    engines["anger"].loss = 0.001
    heard = [judging.read(tick(2.2 + 0.2 * number)).emotion for number in range(12)]
    assert heard[0] == "fear"
    assert heard[-1] == "anger"
    assert heard == sorted(heard, reverse=True)  # it turns round once
    assert set(judging.run_verdicts()) == {"fear", "anger"}


def test_auto_says_auto_where_nothing_is_judged(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    judging = judge("auto", engines, booster)
    assert judging.read(tick(strength=0.0)).emotion == "auto"
    assert {name: whole.state for name, whole in judging.run_verdicts().items()} == {
        "auto": "neutral"
    }


def test_movement_that_the_network_misses_is_another_emotions(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    engines["fear"].loss = 0.05
    reading = judge("anger", engines, booster, {"anger": 0.3}).read(tick())
    assert (reading.state, reading.p_genuine, reading.score) == (State.OTHER_EMOTION, None, None)
    assert (
        reading.reason
        == "its network misses 40 % of the movement, want at most 30 %; it moves most like fear"
    )


def test_movement_that_fits_is_judged(engines: dict[str, Missing], booster: ScoreModel) -> None:
    assert judge("anger", engines, booster, {"anger": 0.5}).read(tick()).state is State.JUDGING


def test_without_limits_nothing_is_another_emotion(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    engines["anger"].loss = 9.0
    assert judge("anger", engines, booster).read(tick()).state is State.JUDGING


def test_another_question_begins_the_movement_anew_and_keeps_what_was_said(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    judging = judge("anger", engines, booster)
    first = judging.read(tick(2.0))
    judging.set_emotion("fear")
    second = judging.read(tick(2.2))
    assert (first.emotion, second.emotion) == ("anger", "fear")
    assert second.estimates[0].pb_speed is None
    assert set(judging.run_verdicts()) == {"anger", "fear"}


def test_ghosts_are_played_where_they_are_wanted(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    judging = judge("anger", engines, booster)
    assert judging.read(tick(2.0)).ghosts is None
    judging.show_ghosts = True
    assert judging.read(tick(2.2)).ghosts is not None
    assert judging.read(tick(2.4, strength=0.0)).ghosts is None


def test_the_pb_has_a_place_between_the_prototypes(
    engines: dict[str, Missing], booster: ScoreModel
) -> None:
    reading = judge("anger", engines, booster).read(tick())
    assert reading.pb_position is not None
    assert reading.pb_position[0] > 0
