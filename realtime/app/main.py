"""One command from the first picture on the screen to the summary: one source, or several files one after the other."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from engines.errors import GaugeError
from realtime.app.options import Options
from realtime.app.output_check import check_outputs
from realtime.app.prepare import PreparedRun, prepare
from realtime.app.session import Session, SourceResult
from realtime.core.tracing import NO_TRACING
from realtime.profiling import files
from realtime.profiling.profiler import Profiler
from realtime.view.phrases import clean
from realtime.view.records.records import NoRecorder, open_record
from realtime.view.summary import files_table
from realtime.view.views import Views

ENDS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")  # the last two are not known everywhere


def run(config: Options) -> int:
    """Run the gauge as `config` says, until its sources end or the user does; the exit code is 0.

    Raises what a single source failed of; of several the table says it, and the exit code is 1.
    """
    check_outputs(config)
    plan = prepare(config)
    profile = Profiler(plan.clock, trace=config.trace is not None) if config.profile else None
    files.check_writable_files(config.trace, config.report)
    with ExitStack() as stack:
        recorder = (
            open_record(config.record, config.record_limit_mb) if config.record else NoRecorder()
        )
        stack.callback(recorder.close)
        views = Views(
            plan.setting,
            headless=config.headless,
            window=config.window,
            film=config.video,
            clock=plan.clock,
        )
        run = Session(config, views, recorder, profile or NO_TRACING)
        stack.enter_context(_signals(run.stop))
        stack.enter_context(views)
        outcomes = _outcomes(run, plan)
        several = len(config.files) > 1
        ends = outcomes[0].lines if not several else [*_table(outcomes), *_told(outcomes)]
        profiled = (
            files.write_files(profile, config.trace, config.report) if profile is not None else []
        )
        views.finish([*ends, *profiled])
    if several:
        return int(any(one.failure is not None for one in outcomes))
    if outcomes[0].failure is not None:
        raise outcomes[0].failure
    return 0


def _outcomes(run: Session, plan: PreparedRun) -> list[SourceResult]:
    """One source, or several files one after the other: of these, one that fails does not end the rest."""
    if len(run.config.files) <= 1:
        return [run.source(plan)]
    found: list[SourceResult] = []
    for file in run.config.files:
        if not run.stop.is_set():
            try:
                found.append(run.source(prepare(run.config.of_file(file))))
            except GaugeError as error:
                found.append(SourceResult(file.name, None, failure=error))
    return found


def _table(outcomes: Sequence[SourceResult]) -> list[str]:
    return files_table([(one.name, one.summary, one.failure) for one in outcomes])


def _told(outcomes: Sequence[SourceResult]) -> Iterator[str]:
    """What is to be known of each file beside its row in the table."""
    yield from (f"{clean(one.name)}: {line}" for one in outcomes for line in one.told)


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """What asks a program to end does so cleanly, with its summary: Ctrl-C, Ctrl-\\, kill, the terminal closed.

    A hangup that is ignored already stays so: `nohup` asked for it.
    """

    def end(number: int, frame: object) -> None:
        stop.set()

    asked = [getattr(signal, name) for name in ENDS if hasattr(signal, name)]
    heard = [
        number
        for number in asked
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, end) for number in heard}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
