from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import Estimate, Window
from realtime.verdict.emotion_fit import (
    PATIENCE,
    TICKS,
    EmotionErrors,
    EmotionSelector,
    best_emotion,
    emotion_mismatches,
    emotion_of,
)

PB = np.zeros(64, np.float32)


def estimate(loss: float) -> Estimate:
    return Estimate(PB, loss, 0.1, 1, None, False)


def window(size: float = 0.5) -> Window:
    return Window(np.full((16, 80), size, np.float32), 0.0, 1.6)


def test_the_prediction_error_is_the_loss_over_the_movement_energy() -> None:
    errors = EmotionErrors()
    errors.add(window(0.5), {"anger": estimate(0.125)})
    assert errors.mean_errors() == {"anger": pytest.approx(0.5)}


def test_it_is_the_mean_of_the_last_second_until_a_reset() -> None:
    errors = EmotionErrors()
    for loss in (9.0, *[0.25] * TICKS):
        errors.add(window(0.5), {"anger": estimate(loss)})
    assert errors.mean_errors() == {"anger": pytest.approx(1.0)}
    errors.reset()
    assert errors.mean_errors() == {}


def test_the_ensemble_counts_as_any_by_its_mean() -> None:
    errors = EmotionErrors()
    errors.add(
        window(0.5), {"any-0": estimate(0.25), "any-1": estimate(0.75), "fear": estimate(0.25)}
    )
    assert errors.mean_errors() == {"any": pytest.approx(2.0), "fear": pytest.approx(1.0)}
    assert best_emotion({"any": 0.1, "fear": 0.5, "anger": 0.6}) == "fear"
    assert (emotion_of("any-3"), emotion_of("fear")) == ("any", "fear")


def test_a_still_face_has_no_prediction_error() -> None:
    errors = EmotionErrors()
    errors.add(window(0.0), {"anger": estimate(0.1)})
    assert errors.mean_errors() == {}
    assert best_emotion({}) is None


def test_a_mismatch_is_the_error_over_the_probability() -> None:
    found = emotion_mismatches({"anger": 0.5, "fear": 0.4}, {"anger": 0.8, "fear": 0.2})
    assert found == pytest.approx({"anger": 0.625, "fear": 2.0})
    assert best_emotion(found) == "anger"


def test_without_a_classifier_the_errors_alone_are_compared() -> None:
    errors = {"any": 0.3, "anger": 0.5}
    assert emotion_mismatches(errors, {}) == errors


def test_an_emotion_without_a_probability_does_not_compete() -> None:
    found = emotion_mismatches({"any": 0.1, "contempt": 0.1, "fear": 0.5}, {"fear": 1.0})
    assert found == {"fear": 0.5}


def test_another_emotion_is_selected_after_being_clearly_better_for_several_ticks() -> None:
    selector = EmotionSelector()
    assert selector.select({"anger": 0.6, "fear": 0.7}) == "anger"
    for _ in range(10):
        assert selector.select({"anger": 0.6, "fear": 0.59}) == "anger"  # better, not clearly
    selected = [selector.select({"anger": 0.6, "fear": 0.4}) for _ in range(PATIENCE)]
    assert selected == ["anger"] * (PATIENCE - 1) + ["fear"]


def test_isolated_better_ticks_do_not_change_the_emotion() -> None:
    selector = EmotionSelector()
    selector.select({"anger": 0.6, "fear": 0.7})
    for _ in range(10):
        for _ in range(PATIENCE - 1):
            assert selector.select({"anger": 0.6, "fear": 0.4}) == "anger"
        assert selector.select({"anger": 0.5, "fear": 0.6}) == "anger"


def test_a_reset_selects_the_best_emotion_at_once() -> None:
    selector = EmotionSelector()
    selector.select({"anger": 0.6, "fear": 0.7})
    selector.reset()
    assert selector.emotion is None
    assert selector.select({"anger": 0.7, "fear": 0.6}) == "fear"
