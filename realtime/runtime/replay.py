"""A gauge over a recorded source in the calling thread: every frame, no threads, no queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from realtime.capture.frame_counter import FrameCounter
from realtime.capture.source import Source
from realtime.core.messages import Tick
from realtime.runtime.gauge import Gauge


def ticks(source: Source, gauge: Gauge, counter: FrameCounter) -> Iterator[Tick]:
    """Yield the ticks of an open `source`, the same as a lossless `Pipeline` would judge.

    The caller reads each tick before it asks for the next. A tick is without signal where the
    source says that its frames are unreliable. `counter` has counted all frames at the end.
    """
    try:
        while (frame := source.read()) is not None:
            counter.count_captured()
            tick = gauge.step(frame).tick
            counter.count_processed()
            if tick is not None:
                yield mark_signal(tick, source.signal_error)
    finally:
        for reason, frames in source.skipped.items():
            counter.count_skipped(reason, frames)
        counter.finish()


def mark_signal(tick: Tick, error: str) -> Tick:
    """Return the tick, without signal where `error` says that its frames are unreliable."""
    return replace(tick, signal=False, signal_error=error) if error else tick
