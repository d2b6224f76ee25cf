from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.messages import Contribution
from realtime.verdict.booster import Score
from realtime.verdict.emotion_classifier import LEAST_PROBABILITY, EmotionClassifier, mixed

NAMES = ("anger", "fear", "surprise")


def classifier(size: float = 1.0) -> EmotionClassifier:
    """Each emotion is told by an input of its own."""
    return EmotionClassifier(NAMES, size * np.eye(3, 80, dtype=np.float32), np.zeros(3, np.float32))


def motion(*first: float, frames: int = 16) -> np.ndarray:
    """Return a window (16, 80) with these first inputs in its mean, more of them at its end."""
    ramp = np.linspace(0, 2, frames, dtype=np.float32)[:, None]
    row = np.zeros(80, np.float32)
    row[: len(first)] = first
    return ramp * row


def test_the_probabilities_are_those_of_a_softmax_on_the_mean_movement() -> None:
    found = classifier().probabilities(motion(1.0, 0.5))
    shares = np.exp([1.0, 0.5, 0.0])
    np.testing.assert_allclose([*found.values()], shares / shares.sum(), rtol=1e-5)
    assert [*found] == [*NAMES]


@given(st.lists(st.floats(-1.5, 1.5, width=32), min_size=3, max_size=3), st.floats(0, 1e4))
def test_they_sum_to_one_and_none_is_zero(inputs: list[float], size: float) -> None:
    found = classifier(size).probabilities(motion(*inputs))
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= LEAST_PROBABILITY / 2


def test_a_bias_moves_the_face_at_rest() -> None:
    biases = np.array([0, 2, 0], np.float32)
    found = EmotionClassifier(NAMES, np.zeros((3, 80), np.float32), biases).probabilities(motion())
    assert max(found, key=lambda name: found[name]) == "fear"


@pytest.mark.parametrize(
    ("names", "weights", "biases", "said"),
    [
        (("fear",), np.zeros((1, 80)), np.zeros(1), "two or more"),
        (("fear", "fear"), np.zeros((2, 80)), np.zeros(2), "two or more different"),
        (NAMES, np.zeros((3, 79)), np.zeros(3), "want .3, 80."),
        (NAMES, np.zeros((2, 80)), np.zeros(3), "want .3, 80."),
        (NAMES, np.zeros((3, 80)), np.zeros(2), "want .3, 80. and .3,."),
        (NAMES, np.full((3, 80), np.nan), np.zeros(3), "not finite"),
        (NAMES, np.zeros((3, 80)), np.array([0, np.inf, 0]), "not finite"),
    ],
)
def test_a_wrong_classifier_is_refused(
    names: tuple[str, ...], weights: np.ndarray, biases: np.ndarray, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        EmotionClassifier(names, weights.astype(np.float32), biases.astype(np.float32))


def score(log_odds: float, movement: float, above: bool = True) -> Score:
    rest = Contribution("usual", log_odds - movement)
    return Score(log_odds, (rest, Contribution("movement", movement, above)))


def test_a_mixed_score_is_the_mean_by_probability_and_its_contributions_are_its_sum() -> None:
    scores = {"anger": score(2.0, 1.5), "fear": score(-1.0, -0.5)}
    found = mixed(scores, {"anger": 0.75, "fear": 0.25})
    assert found.log_odds == pytest.approx(1.25)
    assert {each.name: each.log_odds for each in found.contributions} == pytest.approx(
        {"usual": 0.25, "movement": 1.0}
    )
    assert sum(each.log_odds for each in found.contributions) == pytest.approx(found.log_odds)


def test_a_certain_emotion_is_scored_as_if_it_had_been_told() -> None:
    scores = {"anger": score(2.0, 1.5), "fear": score(-1.0, -0.5)}
    found = mixed(scores, {"anger": 0.0, "fear": 1.0})
    assert found.log_odds == scores["fear"].log_odds
    assert found.contributions[1].log_odds == pytest.approx(-0.5)


def test_an_input_is_above_the_usual_where_the_likelier_emotions_say_so() -> None:
    scores = {
        "anger": score(1, 1, above=True),
        "fear": score(1, 1, above=False),
        "surprise": score(1, 1, above=False),
    }
    for p, above in (((0.6, 0.2, 0.2), True), ((0.4, 0.3, 0.3), False)):
        found = mixed(scores, dict(zip(NAMES, p, strict=True)))
        assert found.contributions[1].above_usual is above


def test_trees_of_some_emotions_count_with_their_probability() -> None:
    grown = Score(2.0, (Contribution("usual", 1.0), Contribution("trees", 1.0)))
    bare = Score(1.0, (Contribution("usual", 1.0),))
    found = mixed({"anger": grown, "fear": bare}, {"anger": 0.5, "fear": 0.5})
    assert [each.log_odds for each in found.contributions] == [1.0, 0.5]
