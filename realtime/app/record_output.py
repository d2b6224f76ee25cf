"""Where the readings of a run are recorded: a file, a FIFO or standard output."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from realtime.app.command_guard import say
from realtime.app.options import Options
from realtime.core.output_pipe import open_fifo, reserve_stdout
from realtime.view.records.line_pipe import LinePipe
from realtime.view.records.records import NoRecorder, Recorder, open_record, record_to_pipe


@contextmanager
def open_recorder(options: Options, stop: threading.Event) -> Iterator[Recorder]:
    """Open what `--record` names until the end; `stop` ends a lossless run's wait for a reader.

    While standard output takes the record, all else that is printed goes to stderr, and a reader
    that goes away sets `stop`: nobody is left to run for. Raises `RecordError`.
    """
    with ExitStack() as stack:
        recorder = _recorder(options, stop, stack)
        stack.callback(recorder.close)
        yield recorder


def _recorder(options: Options, stop: threading.Event, stack: ExitStack) -> Recorder:
    path, lossless = options.record, options.lossless or options.fast
    if path is None:
        return NoRecorder()
    if options.records_to_stdout:
        out = stack.enter_context(reserve_stdout())
        pipe = LinePipe("standard output", out, stop=stop, lossless=lossless, ends_run=True)
    elif path.is_fifo():
        out = open_fifo(path, lambda text: say("realtime", text))
        stack.callback(os.close, out)
        pipe = LinePipe(str(path), out, stop=stop, lossless=lossless)
    else:
        return open_record(path, options.record_limit_mb)
    return record_to_pipe(path, pipe)


def record_notes(recorder: Recorder) -> list[str]:
    """Return the lines to print about a closed record."""
    if not recorder.dropped:
        return []
    return [f"record      {recorder.dropped} lines were dropped: their reader was too slow"]
