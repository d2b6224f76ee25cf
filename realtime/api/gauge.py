"""`Gauge`: one frame of yours at a time, in your own thread."""

from __future__ import annotations

from typing import Any, Self, Unpack

from numpy.typing import NDArray

from realtime.api.inputs import GaugeOptions, choose_gauge
from realtime.api.reading import Reading, reading_of_ticks
from realtime.capture.frame_sequence import FrameMaker
from realtime.core.clock import SystemClock
from realtime.core.errors import UsageError
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.replay import mark_signal


class Gauge:
    """Gauge without threads or camera: `step` takes your frames one by one.

    `emotion` is one of the bundle's, `any`, `all` (a row for each) or `auto`; `person` the name or
    path of a saved profile; `engine` and `bundle` as on the command line; `faces` how many people
    are followed at once; `neutral_at_s` when the face is at rest, in the time of your frames, if
    that is known. The models are loaded on entering the context, or else by the first
    `step`, which takes about a second. Several gauges may run at once, also in several threads,
    each used by one thread at a time.
    """

    def __init__(self, emotion: str = "any", **options: Unpack[GaugeOptions]) -> None:
        """Check what is asked for; raises `UsageError`, `BundleRefused`, `SavedPersonError`."""
        self._spec = choose_gauge(emotion, **options)
        self._clock = SystemClock()
        self._frames = FrameMaker(self._clock)
        self._stages: GaugeGroup | None = None
        self._closed = False

    def step(self, frame_bgr: NDArray[Any], at_s: float) -> Reading | None:
        """Return the reading of the frame where a tick is due, about every 0.2 s, else None.

        With several faces it is the reading of the first, and `Reading.faces` holds all.

        `frame_bgr` is uint8 (height, width, 3) in OpenCV's order and yours again afterwards; `at_s`
        is its time in seconds from any origin, later than the last. Raises `UsageError` for other
        values, and after `close`; a refused frame changes nothing.
        """
        if self._closed:
            raise UsageError("this gauge is closed; make a new one for further frames")
        frame = self._frames.frame(frame_bgr, at_s)
        loaded = self._loaded()
        error = self._frames.signal_error
        ticks = [mark_signal(step.tick, error) for step in loaded.step(frame) if step.tick]
        return reading_of_ticks(ticks, loaded.read, self._clock) if ticks else None

    def close(self) -> None:
        """Release the models; idempotent."""
        self._closed = True
        if self._stages is not None:
            self._stages.close()
            self._stages = None

    def _loaded(self) -> GaugeGroup:
        if self._stages is None:
            self._stages = self._spec.load_group()
        return self._stages

    def __enter__(self) -> Self:
        if self._closed:
            raise UsageError("this gauge is closed; make a new one")
        self._loaded()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
