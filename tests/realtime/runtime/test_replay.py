"""A recorded source through the gauge in one thread: the ticks and counts of a lossless run."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from simulated_run import FaceEverywhere

from engines.bundle.bundle import Bundle
from realtime.capture.frame_counter import CORRUPT, FrameCounter
from realtime.capture.frame_sequence import FrameSequence
from realtime.core.clock import Clock
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.replay import ticks

IMAGE = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture
def gauge(bundle: Bundle) -> GaugeGroup:
    return GaugeGroup.alone(GaugeSpec.of(bundle, "fear", "native").load(reader=FaceEverywhere()))


def pairs(count: int = 60, hz: float = 30) -> Iterator[tuple[np.ndarray, float]]:
    return ((IMAGE, number / hz) for number in range(count))


def test_a_tick_each_stride_and_every_frame_counted(gauge: GaugeGroup, clock: Clock) -> None:
    counter = FrameCounter()
    with FrameSequence(pairs(), clock) as source:
        found = [tick for (tick,) in ticks(source, gauge, counter)]
    assert len(found) == 10
    assert [tick.frame for tick in found] == sorted(tick.frame for tick in found)
    assert all(tick.signal for tick in found)
    assert (counter.counts().captured, counter.counts().processed) == (60, 60)


def test_skipped_frames_are_counted_by_reason_also_when_left_early(
    gauge: GaugeGroup, clock: Clock
) -> None:
    counter = FrameCounter()
    with FrameSequence(pairs(), clock) as source:
        source.skipped[CORRUPT] = 3
        running = ticks(source, gauge, counter)
        next(running)
        running.close()  # type: ignore[attr-defined]
    assert counter.counts().dropped == {CORRUPT: 3}
    assert counter.counts().captured == 4


def test_a_tick_is_without_signal_where_the_source_is_unreliable(
    gauge: GaugeGroup, clock: Clock
) -> None:
    with FrameSequence(pairs(hz=5), clock) as source:
        *_, (last,) = ticks(source, gauge, FrameCounter())
    assert not last.signal
    assert last.signal_error == source.signal_error != ""
