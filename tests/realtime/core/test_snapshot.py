from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from realtime.core.messages import State, Verdict
from realtime.core.snapshot import (
    FrameCounts,
    Ghosts,
    RunSetting,
    Snapshot,
    Take,
    TakeKind,
    TakePair,
    TakePoint,
)

STILL = np.zeros((40, 2), np.float32)


@pytest.mark.parametrize(
    ("captured", "processed", "dropped"),
    [(10, 9, {}), (10, 9, {"stale": 2}), (9, 10, {}), (0, 0, {"busy": 1})],
)
def test_frame_counts_that_do_not_add_up_are_refused(
    captured: int, processed: int, dropped: dict[str, int]
) -> None:
    with pytest.raises(ValueError, match=f"{captured} captured, {processed} processed"):
        FrameCounts(captured, processed, dropped)


def test_frames_are_processed_or_dropped_for_one_of_several_reasons() -> None:
    assert FrameCounts(10, 6, {"stale": 1, "busy": 3}).captured == 10


def test_the_difference_of_ghosts_is_the_distance_at_each_point() -> None:
    genuine = STILL.copy()
    genuine[7] = (3, -4)
    difference = Ghosts(genuine, STILL).difference
    assert (difference.shape, difference.dtype) == ((40,), np.float32)
    assert difference[7] == 5
    assert difference.sum() == 5


@pytest.mark.parametrize("shape", [(68, 2), (2, 40), (40,)])
def test_ghosts_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    other = np.zeros(shape, np.float32)
    for genuine, fake in ((other, STILL), (STILL, other)):
        with pytest.raises(ValueError, match=r"want \(40, 2\)"):
            Ghosts(genuine, fake)


def test_a_snapshot_is_frozen_and_starts_empty() -> None:
    snapshot = Snapshot(RunSetting("demo", "any", "native", 1.6, 0.2))
    assert (snapshot.verdict, snapshot.history, snapshot.counts.captured) == (None, (), 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        snapshot.notice = "changed"  # type: ignore[misc]


POINT = TakePoint(0.0, 0.5, 0.5)
UNJUDGED = Verdict(1.0, 30, "fear", State.UNCERTAIN, None, "", 12.0)


@pytest.mark.parametrize(
    "numbers", [(np.nan, 0.5, 0.5), (0.0, np.inf, 0.5), (0.0, 0.5, 1.2), (0.0, 0.5, -0.1)]
)
def test_a_point_of_a_take_has_numbers_in_their_range(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="want"):
        TakePoint(*numbers)


@pytest.mark.parametrize(
    ("points", "fields", "said"),
    [
        ((), {"p_genuine": 0.5}, "no points"),
        ((POINT, POINT), {"p_genuine": 0.5}, "order of time"),
        ((POINT,), {"p_genuine": 0.5, "onset_s": -1.0}, "onset_s is -1"),
        ((POINT,), {}, "neither a number nor"),
        ((POINT,), {"p_genuine": 1.5}, "p_genuine is 1.5"),
        ((POINT,), {"p_genuine": 0.5, "known_expressions": -1}, "known_expressions is -1"),
    ],
)
def test_a_take_that_makes_no_sense_is_refused(
    points: tuple[TakePoint, ...], fields: dict[str, float], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Take(TakeKind.FELT, points, **fields)  # type: ignore[arg-type]


def test_a_pair_has_each_take_in_its_place() -> None:
    felt = Take(TakeKind.FELT, (POINT,), unjudged=UNJUDGED, person_id=1)
    posed = Take(TakeKind.POSED, (POINT,), p_genuine=0.5, person_id=2)
    assert not TakePair("fear", felt, posed).of_one_person
    assert TakePair("fear", felt).of_one_person
    with pytest.raises(ValueError, match="a felt take in the place of the posed one"):
        TakePair("fear", None, felt)
