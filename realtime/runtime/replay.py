"""Gauges over a recorded source in the calling thread: every frame, no threads, no queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from realtime.capture.frame_counter import FrameCounter
from realtime.capture.source import Source
from realtime.core.messages import Tick
from realtime.runtime.gauge_group import GaugeGroup


def ticks(source: Source, gauges: GaugeGroup, counter: FrameCounter) -> Iterator[tuple[Tick, ...]]:
    """Yield the ticks of an open `source`, one for each face, as a lossless `Pipeline` judges them.

    The caller reads them before it asks for the next. A tick is without signal where the
    source says that its frames are unreliable. `counter` has counted all frames at the end.
    """
    try:
        while (frame := source.read()) is not None:
            counter.count_captured()
            steps, error = gauges.step(frame), source.signal_error
            counter.count_processed()
            due = tuple(mark_signal(step.tick, error) for step in steps if step.tick is not None)
            if due:
                yield due
    finally:
        for reason, frames in source.skipped.items():
            counter.count_skipped(reason, frames)
        counter.finish()


def mark_signal(tick: Tick, error: str) -> Tick:
    """Return the tick, without signal where `error` says that its frames are unreliable."""
    return replace(tick, signal=False, signal_error=error) if error else tick
