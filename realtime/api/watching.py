"""`watch`: the readings of a file, a camera, an address, or frames of yours."""

from __future__ import annotations

from collections.abc import Generator
from typing import Unpack

from realtime.api.inputs import AnySource, GaugeOptions, choose_gauge, choose_source, warn
from realtime.api.reading import Reading, first_of, reading_of, reading_of_ticks
from realtime.capture.frame_counter import FrameCounter
from realtime.capture.source import Source
from realtime.core.clock import Clock, SystemClock
from realtime.core.errors import UsageError
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Verdict
from realtime.core.snapshot import Snapshot
from realtime.runtime.gauge_spec import GaugeSpec
from realtime.runtime.pipeline import Pipeline
from realtime.runtime.replay import ticks

Readings = Generator[Reading, None, None]
WARN_AT = 3  # the user's line: above `warn` and the generator
TAKE_S = 0.1  # how long to wait for a live reading before asking whether the run goes on


def watch(
    source: AnySource, emotion: str = "any", *, paced: bool = False, **options: Unpack[GaugeOptions]
) -> Readings:
    """Return a generator of the readings of `source`, one about every 0.2 s of media time.

    source: the path of a video, an address (rtsp, http, https), the number or device of a camera,
        or an iterable of pairs (picture, seconds) as `Gauge.step` takes them.
    emotion, person, engine, bundle, faces, neutral_at_s: as for `Gauge`. With several faces a
        reading is that of the first, and `Reading.faces` holds all.
    paced: play a file at its own pace; otherwise as fast as this machine can. The readings are the
        same, and those of `realtime --replay FILE --lossless`, which drops no frame.

    Files and your own frames are read in the calling thread, only as far as you ask. Cameras and
    addresses run in threads until you leave the loop; of their readings you get the newest, and
    `Reading.missed` counts those in between. Leaving the loop in any way, or closing the generator,
    ends the threads and releases camera and file.

    What is odd about a file is a `UserWarning` at its end, as where its timestamps jump. Raises
    `UsageError`, `BundleRefused` and `SavedPersonError` at once; when iterated
    `SourceError`, `EngineUnavailable` and `StageDied`, and whatever your own iterable raises.
    """
    clock = SystemClock()
    chosen = choose_source(source, paced, clock)
    spec = choose_gauge(emotion, **options)
    if chosen.live and spec.neutral_at_s is not None:
        raise UsageError(
            f"neutral_at_s is {spec.neutral_at_s:g}, a time of a file, and {chosen.name} is live. "
            "Leave it out"
        )
    return (_live if chosen.live else _recorded)(chosen, spec, clock)


def _recorded(source: Source, spec: GaugeSpec, clock: Clock) -> Readings:
    with source:
        gauges = spec.load_group()
        try:
            for due in ticks(source, gauges, FrameCounter()):
                yield reading_of_ticks(due, gauges.read, clock)
        finally:
            gauges.close()
    for note in source.notes.values():
        warn(note, WARN_AT)


def _live(source: Source, spec: GaugeSpec, clock: Clock) -> Readings:
    inbox = NewestSnapshot()
    pipeline = Pipeline(
        spec.setting(source.name),
        source,
        spec.load_group(),
        clock,
        lossless=False,
        on_verdict=lambda _: inbox.put(pipeline.live_state.snapshot()),
    )
    pipeline.start()
    try:
        while (reading := inbox.take()) is not None or pipeline.running:
            if reading is not None:
                yield reading
        pipeline.raise_failure()
    finally:
        stuck = pipeline.stop()
        if stuck:
            warn(f"{', '.join(stuck)} did not end in time and was abandoned", WARN_AT)


class NewestSnapshot:
    """Hand-over of snapshots from the recognition thread to the user's; the newest wins."""

    def __init__(self) -> None:
        self._slot: Mailbox[tuple[int, Snapshot]] = Mailbox()
        self._put = self._taken = 0
        self._last: Verdict | None = None

    def put(self, snapshot: Snapshot) -> None:
        """Put a snapshot; that of the same verdict again, as `all` reports it, is left out."""
        if snapshot.verdict is not self._last:
            self._last = snapshot.verdict
            self._put += 1
            self._slot.put((self._put, snapshot))

    def take(self) -> Reading | None:
        """Return the newest reading, waiting briefly; None without a new one."""
        item = self._slot.take(TAKE_S)
        if item is None or item[1].verdict is None:
            return None
        number, snapshot = item
        missed, self._taken = number - self._taken - 1, number
        first = reading_of(item[1].verdict, snapshot.rows)
        return first_of(_faces(snapshot, first.at_s) or [first], missed)


def _faces(snapshot: Snapshot, at_s: float) -> list[Reading]:
    """Return the reading of each face at `at_s`; a face that has just come has none yet."""
    found = ((each.verdict, each.rows) for each in snapshot.faces)
    return [reading_of(each, rows) for each, rows in found if each and each.at_s == at_s]
