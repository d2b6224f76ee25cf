"""Pipes as outputs: standard output kept for one writer, and FIFOs that wait for a reader."""

from __future__ import annotations

import errno
import os
import select
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from realtime.core.errors import RecordError
from realtime.core.output_file import lock

STDOUT = Path("-")  # the name that stands for standard output
STDOUT_NUMBER, STDERR_NUMBER = 1, 2
READER_WAIT_S = 10.0  # how long a FIFO may lack a reader at the start
RETRY_S = 0.05
CHUNK = getattr(select, "PIPE_BUF", 512)  # bytes that a pipe with room takes without blocking


@contextmanager
def reserve_stdout() -> Iterator[int]:
    """Yield a descriptor of standard output that nothing else writes to; it is closed at the end.

    Meanwhile all that is printed, by C libraries and child processes too, goes to stderr.
    """
    sys.stdout.flush()
    private = os.dup(STDOUT_NUMBER)
    try:
        os.dup2(STDERR_NUMBER, STDOUT_NUMBER)
        with redirect_stdout(sys.stderr):
            yield private
        sys.stderr.flush()
    finally:
        os.dup2(private, STDOUT_NUMBER)
        os.close(private)


def open_fifo(path: Path, say: Callable[[str], None], wait_s: float = READER_WAIT_S) -> int:
    """Return a locked, non-blocking descriptor for writing to a FIFO, once it has a reader.

    `say` gets a line if that must be waited for. Raises `RecordError` after `wait_s` and for what
    is no FIFO any more, and `OutputInUse` while another run writes it.
    """
    until_s, waiting = time.monotonic() + wait_s, False
    while (descriptor := _opened(path)) is None:
        if not waiting:
            say(f"waiting up to {wait_s:g} s for a program that reads {path}")
            waiting = True
        if time.monotonic() >= until_s:
            raise RecordError(
                f"no program has opened {path} for reading within {wait_s:g} s. "
                f"Start one, such as `cat {path}`, and run again"
            )
        time.sleep(RETRY_S)
    try:
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            raise RecordError(f"{path} is no FIFO any more. Run again")
        lock(descriptor, path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _opened(path: Path) -> int | None:
    """Return a descriptor of a FIFO, or None while it has no reader."""
    try:
        return os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno == errno.ENXIO:
            return None
        reason = (error.strerror or str(error)).lower()
        raise RecordError(f"cannot write {path}: {reason}; choose another place") from error


def write_chunk(descriptor: int, data: memoryview, timeout_s: float) -> int:
    """Write the beginning of `data` and return its length; 0 after `timeout_s` without room.

    Raises `BrokenPipeError` where the reader or the terminal has gone, and `OSError`.
    """
    if not _has_room(descriptor, timeout_s):
        return 0
    try:
        return os.write(descriptor, data[:CHUNK])
    except BlockingIOError:
        return 0
    except OSError as error:
        if error.errno == errno.EIO:
            raise BrokenPipeError(errno.EPIPE, "the terminal was closed") from error
        raise


def _has_room(descriptor: int, timeout_s: float) -> bool:
    """Return whether a chunk can be written, or an error waits for the writer."""
    if not hasattr(select, "poll"):  # Windows: a write waits there
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(round(timeout_s * 1e3)))
