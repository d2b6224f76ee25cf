"""Threads that describe the faces of several watches in one process, so that no frame waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from realtime.core.messages import Floats, Image
from realtime.person.descriptor_process import DescriptorProcess
from realtime.person.descriptor_source import Describer, ThreadedDescriptors
from realtime.person.face_watch import FaceWatch


class DescriptorThreads:
    """Gives each of `watches` a source of descriptors whose thread runs one of `runs`.

    All share the process, which takes one face at a time. Any thread may `close`.
    """

    def __init__(
        self, watches: Sequence[FaceWatch], start: Callable[[], Describer] = DescriptorProcess
    ) -> None:
        self._describer = start() if watches else None
        self._sources = [self._source(watch) for watch in watches]

    @property
    def runs(self) -> list[Callable[[], None]]:
        """What the threads run until `close`."""
        return [source.run for source in self._sources]

    def close(self) -> None:
        """End every `run` at once, then the process, whose last answer nobody waits for then."""
        for source in self._sources:
            source.close()
        if self._describer is not None:
            self._describer.close()

    def _source(self, watch: FaceWatch) -> ThreadedDescriptors:
        assert self._describer is not None
        watch.source = source = ThreadedDescriptors(_Shared(self._describer), watch.count_dropped)
        return source


class _Shared:
    """Describer that its users do not close."""

    def __init__(self, describer: Describer) -> None:
        self._describer = describer

    def describe(self, chip: Image) -> Floats:
        return self._describer.describe(chip)

    def close(self) -> None:
        pass
