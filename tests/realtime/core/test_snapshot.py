from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from realtime.core.snapshot import FrameCounts, Ghosts, RunSetting, Snapshot

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
