"""`Gauge`: one frame of yours at a time, in your own thread."""

from __future__ import annotations

from typing import Any, Self

from numpy.typing import NDArray

from realtime.api.inputs import AnyPath, choose_gauge
from realtime.api.reading import Reading, reading_of_tick
from realtime.capture.frame_sequence import FrameMaker
from realtime.core.clock import SystemClock
from realtime.core.errors import UsageError
from realtime.runtime import gauge as stages
from realtime.runtime.replay import mark_signal


class Gauge:
    """Gauge without threads or camera: `step` takes your frames one by one.

    `emotion` is one of the bundle's, `any`, `all` (a row for each) or `auto`; `person` the name or
    path of a saved profile; `engine` and `bundle` as on the command line. The models are loaded on
    entering the context, or else by the first `step`, which takes about a second. Several gauges
    may run at once, also in several threads, each used by one thread at a time.
    """

    def __init__(
        self,
        emotion: str = "any",
        *,
        person: AnyPath | None = None,
        engine: str = "auto",
        bundle: AnyPath | None = None,
    ) -> None:
        """Check what is asked for; raises `UsageError`, `BundleRefused`, `SavedPersonError`."""
        self._spec = choose_gauge(emotion, person, engine, bundle)
        self._clock = SystemClock()
        self._frames = FrameMaker(self._clock)
        self._stages: stages.Gauge | None = None
        self._closed = False

    def step(self, frame_bgr: NDArray[Any], at_s: float) -> Reading | None:
        """Return the reading of the frame where a tick is due, about every 0.2 s, else None.

        `frame_bgr` is uint8 (height, width, 3) in OpenCV's order and yours again afterwards; `at_s`
        is its time in seconds from any origin, later than the last. Raises `UsageError` for other
        values, and after `close`; a refused frame changes nothing.
        """
        if self._closed:
            raise UsageError("this gauge is closed; make a new one for further frames")
        frame = self._frames.frame(frame_bgr, at_s)
        loaded = self._loaded()
        tick = loaded.step(frame).tick
        if tick is None:
            return None
        tick = mark_signal(tick, self._frames.signal_error)
        return reading_of_tick(tick, loaded.read(tick), self._clock.now_s())

    def close(self) -> None:
        """Release the models; idempotent."""
        self._closed = True
        if self._stages is not None:
            self._stages.judge.close()
            self._stages = None

    def _loaded(self) -> stages.Gauge:
        if self._stages is None:
            self._stages = self._spec.load()
        return self._stages

    def __enter__(self) -> Self:
        if self._closed:
            raise UsageError("this gauge is closed; make a new one")
        self._loaded()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
