"""Run one command: a single source, or several files one after the other."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from engines.errors import GaugeError
from realtime.app.command_guard import say
from realtime.app.doors import open_doors
from realtime.app.options import Options
from realtime.app.output_check import check_outputs, lock_late_outputs
from realtime.app.prepare import PreparedRun, prepare_run
from realtime.app.record_output import open_recorder, record_notes
from realtime.app.session import Session, SourceResult
from realtime.core.tracing import NO_TRACING
from realtime.outputs.events import EventHub
from realtime.outputs.web.launch import start_server
from realtime.outputs.web.options import WebOptions
from realtime.profiling import files
from realtime.profiling.profiler import Profiler
from realtime.view.phrases import clean
from realtime.view.summary import files_table
from realtime.view.views import Views

STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")  # Windows lacks the last two


def run(options: Options) -> int:
    """Run the gauge until its sources end or the user quits; return the exit code.

    Raises the failure of a single source. With several, the table shows failures; the code is 1.
    """
    check_outputs(options)
    prepared = prepare_run(options)
    profiler = (
        Profiler(prepared.clock, trace=options.trace is not None) if options.profile else None
    )
    files.check_writable_files(options.trace, options.report)
    with ExitStack() as stack:
        stack.enter_context(lock_late_outputs(options))
        stop = threading.Event()
        recorder = stack.enter_context(open_recorder(options, stop))
        views = Views(
            prepared.setting,
            headless=options.headless or options.records_to_stdout,
            window=options.window,
            video=options.video,
            clock=prepared.clock,
        )
        events = EventHub()
        doors = stack.enter_context(open_doors(options, prepared.gauge.bundle.emotions, events))
        stack.callback(events.close)
        if options.web is not None:
            _serve(options.web, events, views, stack)
        session = Session(options, views, recorder, profiler or NO_TRACING, events, stop)
        stack.callback(session.close)
        stack.enter_context(_stop_on_signals(stop))
        stack.enter_context(views)
        results = _run_sources(session, prepared)
        several = len(options.files) > 1
        lines = _table_lines(results) if several else results[0].lines
        if profiler is not None:
            lines += files.write_files(profiler, options.trace, options.report)
        recorder.close()
        events.close()
        for door in doors:
            door.close()
        lines += record_notes(recorder)
        lines += [f"events      {note}" for note in events.notes()]
        views.finish(lines)
    if several:
        return int(any(result.failure is not None for result in results))
    if results[0].failure is not None:
        raise results[0].failure
    return 0


def _serve(web: WebOptions, events: EventHub, views: Views, stack: ExitStack) -> None:
    """Start the web server and print its address; `stack` stops it."""
    server = start_server(web, events)
    stack.callback(server.stop)
    views.add_screen(server, f"web page: {server.url}")
    say("web page", server.url)


def _run_sources(session: Session, prepared: PreparedRun) -> list[SourceResult]:
    """Run one source, or several files in turn; a file that fails does not end the others."""
    options = session.options
    if len(options.files) <= 1:
        return [session.run_source(prepared)]
    results: list[SourceResult] = []
    for file in options.files:
        if not session.stop.is_set():
            try:
                results.append(session.run_source(prepare_run(options.of_file(file))))
            except GaugeError as error:
                results.append(SourceResult(file.name, None, failure=error))
    return results


def _table_lines(results: Sequence[SourceResult]) -> list[str]:
    """Return the table of the files, then the notes of each."""
    table = files_table([(result.name, result.summary, result.failure) for result in results])
    return table + [f"{clean(result.name)}: {note}" for result in results for note in result.notes]


@contextmanager
def _stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """Stop cleanly, with the summary, on Ctrl-C, Ctrl-\\, kill and a closed terminal.

    A signal that is already ignored stays so: `nohup` relies on it. SIGINT is always handled.
    """

    def end(number: int, frame: object) -> None:
        stop.set()

    known = [getattr(signal, name) for name in STOP_SIGNALS if hasattr(signal, name)]
    handled = [
        number
        for number in known
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, end) for number in handled}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
