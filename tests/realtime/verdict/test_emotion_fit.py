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
    emotion_of,
)

PB = np.zeros(64, np.float32)


def estimate(loss: float) -> Estimate:
    return Estimate(PB, loss, 0.1, 1, None, False)


def window(size: float = 0.5) -> Window:
    return Window(np.full((16, 80), size, np.float32), 0.0, 1.6)


def test_a_misfit_is_the_share_of_the_movement_that_is_missed() -> None:
    fits = EmotionErrors()
    fits.add(window(0.5), {"anger": estimate(0.125)})
    assert fits.mean_errors() == {"anger": pytest.approx(0.5)}


def test_it_is_the_mean_of_the_last_second_and_forgets_with_the_movement() -> None:
    fits = EmotionErrors()
    for loss in (9.0, *[0.25] * TICKS):
        fits.add(window(0.5), {"anger": estimate(loss)})
    assert fits.mean_errors() == {"anger": pytest.approx(1.0)}
    fits.reset()
    assert fits.mean_errors() == {}


def test_the_bag_counts_as_any_in_the_mean() -> None:
    fits = EmotionErrors()
    fits.add(
        window(0.5), {"any-0": estimate(0.25), "any-1": estimate(0.75), "fear": estimate(0.25)}
    )
    assert fits.mean_errors() == {"any": pytest.approx(2.0), "fear": pytest.approx(1.0)}
    assert best_emotion({"any": 0.1, "fear": 0.5, "anger": 0.6}) == "fear"
    assert (emotion_of("any-3"), emotion_of("fear")) == ("any", "fear")


def test_a_face_that_does_not_move_fits_nothing() -> None:
    fits = EmotionErrors()
    fits.add(window(0.0), {"anger": estimate(0.1)})
    assert fits.mean_errors() == {}
    assert best_emotion({}) is None


def test_the_first_tick_is_followed_at_once_and_another_only_once_it_is_clearly_better_for_some_ticks() -> (
    None
):
    lead = EmotionSelector()
    assert lead.select({"anger": 0.6, "fear": 0.7}) == "anger"
    assert [lead.select({"anger": 0.6, "fear": 0.59}) for _ in range(10)] == [
        "anger"
    ] * 10  # better, not clearly
    heard = [lead.select({"anger": 0.6, "fear": 0.4}) for _ in range(PATIENCE)]
    assert heard == ["anger"] * (PATIENCE - 1) + ["fear"]


def test_a_better_tick_now_and_then_turns_nothing_round() -> None:
    lead = EmotionSelector()
    lead.select({"anger": 0.6, "fear": 0.7})
    for _ in range(10):
        for _ in range(PATIENCE - 1):
            assert lead.select({"anger": 0.6, "fear": 0.4}) == "anger"
        assert lead.select({"anger": 0.5, "fear": 0.6}) == "anger"


def test_a_new_movement_is_followed_anew() -> None:
    lead = EmotionSelector()
    lead.select({"anger": 0.6, "fear": 0.7})
    lead.reset()
    assert lead.emotion is None
    assert lead.select({"anger": 0.7, "fear": 0.6}) == "fear"
