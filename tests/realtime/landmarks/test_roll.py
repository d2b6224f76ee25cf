from __future__ import annotations

import numpy as np
import pytest

from realtime.faces.upright import rotation_of
from realtime.landmarks.points40 import FIRST_EYE, SECOND_EYE
from realtime.landmarks.roll import BORNE_DEG, head_roll_deg, roll_to_undo


def head(roll_deg: float) -> np.ndarray:
    """Return 40 points whose eyes are on a line with this roll."""
    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    points[FIRST_EYE], points[SECOND_EYE] = (-30, 0), (30, 0)
    return (points @ rotation_of(roll_deg).T + 200).astype(np.float32)


@pytest.mark.parametrize("roll_deg", [-170, -90, -40, -3, 0, 8, 25, 60, 179])
def test_the_roll_is_that_of_the_line_of_the_eyes(roll_deg):
    assert head_roll_deg(head(roll_deg)) == pytest.approx(roll_deg, abs=0.01)


@pytest.mark.parametrize("roll_deg", [0.0, 3.0, -5.5, BORNE_DEG, -BORNE_DEG])
def test_nothing_is_undone_of_a_small_roll(roll_deg):
    assert roll_to_undo(roll_deg) == 0


@pytest.mark.parametrize("roll_deg", [12.0, -12.0, 20.0, -40.0, 90.0, 180.0])
def test_all_of_a_large_roll_is_undone(roll_deg):
    assert roll_to_undo(roll_deg) == pytest.approx(roll_deg)


def test_between_them_more_is_undone_without_a_step():
    rolls = np.arange(-180, 180, 0.1)
    undone = np.array([roll_to_undo(float(roll)) for roll in rolls])
    assert (np.diff(undone) >= 0).all()
    assert np.diff(undone).max() < 0.31
    assert (np.abs(undone) <= np.abs(rolls) + 1e-9).all()
