"""Writer of whole lines to a pipe, in a thread of its own: its reader may be slow or gone."""

from __future__ import annotations

import threading
import time
from collections import deque

from realtime.core.output_pipe import write_chunk

BOUND = 256  # lines that wait for the reader
POLL_S = 0.1
GRACE_S = 1.0  # for a reader that is behind at the end


class LinePipe:
    """Writes lines to `descriptor`, which stays the caller's.

    Live, a reader that is too slow loses the oldest waiting lines, but not the first of all; they
    are counted in `dropped`. `lossless`, the sender waits, until `stop`. After an error `failed` is
    the reason; with `ends_run`, a reader that has gone sets `stop`.
    """

    def __init__(
        self,
        name: str,
        descriptor: int,
        *,
        stop: threading.Event,
        lossless: bool = False,
        ends_run: bool = False,
    ) -> None:
        self.failed = ""
        self.dropped = 0
        self._name, self._descriptor = name, descriptor
        self._stop, self._lossless, self._ends_run = stop, lossless, ends_run
        self._lines: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._begun = self._closed = False
        self._until_s = float("inf")  # when writing is given up
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)
        self._thread.start()

    def write_line(self, line: str) -> None:
        """Queue one line; does nothing after an error or `close`. One thread at a time."""
        with self._changed:
            while self._lossless and self._is_full() and not self._stop.is_set():
                self._changed.wait(POLL_S)
            if self._closed or self.failed:
                return
            if self._is_full():
                del self._lines[0 if self._begun else 1]
                self.dropped += 1
            self._lines.append(f"{line}\n".encode())
            self._changed.notify_all()

    def close(self) -> None:
        """Wait until the reader has all lines: live for `GRACE_S`, lossless until `stop` is set.

        What is left then is counted as dropped. Safe to repeat.
        """
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        while self._lossless and self._thread.is_alive() and not self._stop.is_set():
            self._thread.join(POLL_S)
        self._until_s = min(self._until_s, time.monotonic() + GRACE_S)
        self._thread.join(GRACE_S + 5 * POLL_S)

    def _is_full(self) -> bool:
        return len(self._lines) >= BOUND and not (self._closed or self.failed)

    def _run(self) -> None:
        while (line := self._take()) is not None:
            try:
                self._write(line)
            except OSError as error:
                self._fail(error)
                return

    def _take(self) -> bytes | None:
        """Return the next line; None at the end."""
        with self._changed:
            while not self._lines and not self._closed:
                self._changed.wait(POLL_S)
            if not self._lines:
                return None
            self._begun = True
            self._changed.notify_all()
            return self._lines.popleft()

    def _write(self, line: bytes) -> None:
        remaining = memoryview(line)
        while remaining:
            if time.monotonic() > self._until_s:
                raise TimeoutError(None, "its reader did not take the last lines in time")
            remaining = remaining[write_chunk(self._descriptor, remaining, POLL_S) :]

    def _fail(self, error: OSError) -> None:
        gone = isinstance(error, BrokenPipeError)
        reason = "its reader has gone" if gone else error.strerror or error
        ends_run = gone and self._ends_run
        then = "the run ends" if ends_run else "the gauge goes on"
        with self._changed:
            self.failed = f"recording to {self._name} stopped: {reason}; {then}"
            if not gone:
                self.dropped += len(self._lines) + 1
            self._lines.clear()
            self._changed.notify_all()
        if ends_run:
            self._stop.set()
