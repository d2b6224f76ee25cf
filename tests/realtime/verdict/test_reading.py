from dataclasses import replace

import numpy as np
import pytest

from realtime.core.messages import BoxSource, Estimate, Face, Onset, OnsetRank, State, Tick, Window
from realtime.verdict.reading import Reading, make_verdict

PB = np.zeros(64, np.float32)
TICK = Tick(2.0, 60, read_at_s=7.0, face=Face((1, 2, 30, 40), 12.0, BoxSource.MOSSE))
ESTIMATES = (Estimate(PB, 0.25, 0.1, 1, 3.0, True), Estimate(PB, 0.75, 0.1, 1, 5.0, True))
READING = Reading(
    State.SETTLED, "", 0.9, 2.2, ESTIMATES, "surprise", prediction_error=0.4, pb_position=(0.5, 0.1)
)


def test_a_verdict_combines_the_tick_and_its_reading() -> None:
    verdict = make_verdict(TICK, READING, now_s=7.031)
    assert (verdict.at_s, verdict.frame, verdict.box_px, verdict.psr) == (
        2.0,
        60,
        (1, 2, 30, 40),
        12.0,
    )
    assert (verdict.emotion, verdict.state, verdict.p_genuine) == ("surprise", State.SETTLED, 0.9)
    assert (verdict.prediction_error, verdict.pb_position) == (0.4, (0.5, 0.1))


def test_its_age_runs_from_the_arrival_of_the_frame_and_is_never_negative() -> None:
    assert make_verdict(TICK, READING, now_s=7.031).age_ms == pytest.approx(31)
    assert make_verdict(TICK, READING, now_s=6.9).age_ms == 0


def test_loss_and_speed_are_means_over_the_networks() -> None:
    verdict = make_verdict(TICK, READING, now_s=7.0)
    assert (verdict.loss, verdict.pb_speed) == (0.5, 4.0)


def test_the_first_tick_has_no_speed() -> None:
    first = tuple(replace(estimate, pb_speed=None) for estimate in ESTIMATES)
    assert make_verdict(TICK, replace(READING, estimates=first), now_s=7.0).pb_speed is None


def test_without_a_face_or_estimates_their_fields_are_empty() -> None:
    verdict = make_verdict(
        replace(TICK, face=None), Reading(State.NO_FACE, "no face in the picture"), now_s=7.0
    )
    assert (verdict.box_px, verdict.psr, verdict.loss, verdict.pb_speed) == (None,) * 4
    assert verdict.reason == "no face in the picture"


def test_the_intensity_needs_a_window() -> None:
    window = Window(np.zeros((3, 80), np.float32), 1.7, 2.0)
    moving = replace(TICK, window=window, intensity=0.75)
    assert make_verdict(moving, READING, now_s=7.0).intensity == 0.75
    assert make_verdict(TICK, READING, now_s=7.0).intensity is None


def test_the_onset_is_that_of_the_tick() -> None:
    onset = Onset(1.0, 1.4, 2.0, 6.0, 3.25, 0.9, 0.1, 0.3)
    assert make_verdict(replace(TICK, onset=onset), READING, now_s=7.0).onset == onset
    assert make_verdict(TICK, READING, now_s=7.0).onset is None


def test_the_rank_of_the_onset_is_that_of_the_reading() -> None:
    ranked = replace(READING, onset_rank=OnsetRank(0.8, 0.4))
    assert make_verdict(TICK, ranked, now_s=7.0).onset_rank == OnsetRank(0.8, 0.4)
