import dataclasses

import numpy as np
import pytest

from realtime.core.messages import (
    BoxSource,
    Estimate,
    Face,
    Frame,
    Landmarks,
    Onset,
    OnsetRank,
    State,
    Verdict,
    ViewQuality,
    Window,
)

GOOD = ViewQuality(100, 120, 0)


def test_a_frame_prints_its_size_and_not_its_pixels() -> None:
    frame = Frame(7, 1.25, 9.0, np.zeros((360, 640, 3), np.uint8))
    assert repr(frame) == "Frame(7 at 1.250 s, 640x360)"


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
    ],
)
def test_only_bgr_pictures_are_frames(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="want uint8"):
        Frame(0, 0.0, 0.0, image)


def test_a_box_has_a_size() -> None:
    with pytest.raises(ValueError, match="above 0"):
        Face((1, 1, 0, 5), 10.0, BoxSource.HAAR)


@pytest.mark.parametrize(
    "points",
    [np.zeros((68, 2), np.float32), np.zeros((40, 2)), np.full((40, 2), np.nan, np.float32)],
)
def test_landmarks_are_forty_finite_points(points: np.ndarray) -> None:
    with pytest.raises(ValueError, match="points_px"):
        Landmarks(points, 0.0, 0, GOOD)


def test_a_window_has_a_beginning_and_an_end() -> None:
    with pytest.raises(ValueError, match="want 2 or more"):
        Window(np.zeros((2, 80), np.float32), 1.0, 1.0)


def test_an_estimate_is_finite() -> None:
    with pytest.raises(ValueError, match="loss"):
        Estimate(np.zeros(64, np.float32), float("nan"), 0.0, 1, None, False)


@pytest.mark.parametrize("state", State)
def test_a_number_belongs_to_a_judged_state_and_to_no_other(state: State) -> None:
    number = None if state.has_number else 0.7
    with pytest.raises(ValueError, match="only judging and settled"):
        Verdict(0.0, 0, "any", state, number, "", 1.0)
    Verdict(0.0, 0, "any", state, 0.7 if state.has_number else None, "", 1.0)


def test_only_judging_and_settled_are_judged() -> None:
    assert [state for state in State if state.has_number] == [State.JUDGING, State.SETTLED]


def test_a_probability_is_one() -> None:
    with pytest.raises(ValueError, match="0 to 1"):
        Verdict(0.0, 0, "any", State.JUDGING, 1.2, "", 1.0)


def test_values_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.yaw = 1.0  # type: ignore[misc]


ONSET = Onset(1.0, 1.5, 2.0, 6.0, 2.6, 0.9, 0.1, 0.3)


def test_an_onset_has_a_duration_and_a_speed_for_its_size() -> None:
    assert (ONSET.duration_s, ONSET.relative_speed) == (0.5, 3.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"apex_s": 1.0},
        {"start_s": float("nan")},
        {"amplitude": 0.0},
        {"largest_speed": float("inf")},
        {"mean_speed": -1.0},
        {"symmetry": 1.1},
        {"mouth_lead_s": float("nan")},
        {"plateau_s": -0.1},
    ],
)
def test_an_onset_is_checked_at_birth(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="want"):
        dataclasses.replace(ONSET, **wrong)


@pytest.mark.parametrize(("genuine", "fake"), [(1.1, 0.5), (0.5, -0.1), (float("nan"), 0.5)])
def test_a_rank_is_of_shares(genuine: float, fake: float) -> None:
    with pytest.raises(ValueError, match="want shares of 0 to 1"):
        OnsetRank(genuine, fake)
