"""Thread that decodes a stream ahead of the time at which its pictures are due."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from realtime.capture.decoding.decoder import TimedPicture
from realtime.capture.live.abandonable_thread import AbandonableThread
from realtime.capture.live.live_source import Arrival
from realtime.core.clock import Clock

AHEAD = 16  # decoded pictures that wait at most: half a second, 200 MB at 4K
SLICE_S = 0.1  # longest wait for room before `stop` is checked again


class PictureStream(Protocol):
    """Open stream; `timed` if its pictures have times of their own, `duration_s` 0 if live."""

    corrupt: int

    @property
    def hz(self) -> float:
        """Declared frames per second; 0 if unknown."""
        ...

    @property
    def duration_s(self) -> float:
        """Length of a recording; 0 if live."""
        ...

    @property
    def timed(self) -> bool:
        """Whether its pictures have times of their own."""
        ...

    def pictures(self) -> Iterator[TimedPicture]:
        """Yield the pictures in order until the stream ends."""
        ...

    def close(self) -> None:
        """Release the stream."""
        ...


class StreamReader:
    """Thread that owns a stream and hands its pictures over in order through a short queue.

    Only this thread uses the stream, from `connect` to `close`. One other thread calls `take`; any
    may call `stop`. A full queue holds back the sender of a timed stream; without times, the newest
    picture displaces the oldest. `error` is the exception that ended the thread; `stream` is there
    from the first arrival on.
    """

    def __init__(self, connect: Callable[[], PictureStream], clock: Clock) -> None:
        self.error: Exception | None = None
        self.stream: PictureStream | None = None
        self._connect = connect
        self._clock = clock
        self._stop = threading.Event()
        self._queue: deque[Arrival] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._thread = AbandonableThread(self._run, "stream")

    def start(self) -> None:
        """Start the thread; call once."""
        self._thread.start()

    def take(self, timeout_s: float) -> Arrival | None:
        """Return the next picture, or None after `timeout_s` or at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._ended, timeout_s)
            if not self._queue:
                return None
            arrival = self._queue.popleft()
            self._changed.notify_all()
            return arrival

    @property
    def finished(self) -> bool:
        """Whether no further picture can arrive."""
        with self._changed:
            return self._ended and not self._queue

    def stop(self) -> None:
        """Ask the thread to end and wake a waiting `take`; return at once."""
        self._stop.set()
        with self._changed:
            self._queue.clear()
            self._ended = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread and return whether it ended; a hung one is waited for once only."""
        return self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            stream = self._connect()
            try:
                self.stream = stream
                self._read(stream)
            finally:
                stream.close()
        except Exception as error:  # raised by the reading thread
            self.error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _read(self, stream: PictureStream) -> None:
        for number, timed in enumerate(stream.pictures()):
            arrival = Arrival(
                number, stream.corrupt, self._clock.now_s(), timed.picture, timed.at_s
            )
            if self._stop.is_set() or not self._put(arrival, stream.timed):
                return

    def _put(self, arrival: Arrival, wait: bool) -> bool:
        """Put `arrival` into the queue; return False if the reader was stopped."""
        with self._changed:
            while wait and len(self._queue) >= AHEAD and not self._stop.is_set():
                self._changed.wait(SLICE_S)
            if self._stop.is_set():
                return False
            if len(self._queue) >= AHEAD:
                self._queue.popleft()
            self._queue.append(arrival)
            self._changed.notify_all()
            return True
