"""One run of the gauge, from the first picture on the screen to the summary. The main thread owns the screen."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version

from engines.bundle import DEFAULT, Bundle
from engines.engine import Tell
from engines.registry import AUTO, ENGINES, choose
from realtime import load
from realtime.capture.open import build
from realtime.capture.source import Source
from realtime.clock import Clock, SystemClock
from realtime.config import Config
from realtime.crew import Crew
from realtime.errors import UsageError
from realtime.pipeline import Pipeline
from realtime.snapshot import Setting, Snapshot
from realtime.values import Verdict
from realtime.view.records import Record, open_record
from realtime.view.rows import RunInfo, Summary
from realtime.view.summary import summary_lines
from realtime.view.views import Views

LOADING = "loading; the first start on a machine also compiles the engine, once"
REFRESH_S = 0.03  # of the window; the terminal draws every third time


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known before anything heavy is loaded."""

    config: Config
    bundle: Bundle
    answer: load.Answer
    source: Source
    setting: Setting
    clock: Clock


def watch(config: Config) -> int:
    """Run the gauge as `config` says, until the source ends or the user does; the exit code is 0."""
    plan = _plan(config)
    record = _record(plan) if config.record else None
    try:
        return _run(plan, record)
    finally:
        if record is not None:
            record.close()


def _record(plan: Plan) -> Record:
    assert plan.config.record is not None
    return Record(open_record(plan.config.record, plan.config.record_limit_mb), _run_info(plan))


def _run(plan: Plan, record: Record | None) -> int:
    config, stop = plan.config, threading.Event()
    with _signals(stop), Views(plan.setting, headless=config.headless, window=config.window) as views:
        notice = "; ".join(filter(None, (plan.answer.notice, views.notice)))
        pipeline = _loaded(plan, record, views, notice, stop)
        if pipeline is None:
            return 0
        try:
            _show_until_done(pipeline, record, views, stop)
        finally:
            stuck = pipeline.stop()
            summary = _summary(pipeline, plan)
            _end_record(record, summary)
            seen = summary.frames.captured > 0  # without a frame the error below says it all
            skipped = pipeline.snapshot().skipped_ticks
            views.finish([*_told(notice, stuck, skipped, record), *(summary_lines(summary) if seen else ())])
        pipeline.raise_failure()
    return 0


def _plan(config: Config) -> Plan:
    if config.debug:
        os.environ.setdefault("OPENCV_LOG_LEVEL", "WARNING")  # a level that is set is left alone by capture
    if config.engine not in (AUTO, *ENGINES):
        raise UsageError(f"no engine is named {config.engine!r}; there are {', '.join((AUTO, *ENGINES))}")
    clock = SystemClock()
    source = build(config.source, clock, config.lossless, config.fast)
    bundle = Bundle.load(config.bundle or DEFAULT)
    found, timing = load.answer(bundle, config.emotion), load.timing(bundle)
    engine = choose(load.weights(bundle, found.emotion))[0] if config.engine == AUTO else config.engine
    setting = Setting(source.name, found.asked, engine, timing.window_s, timing.stride_s)
    return Plan(config, bundle, found, source, setting, clock)


def _loaded(plan: Plan, record: Record | None, views: Views, notice: str, stop: threading.Event) -> Pipeline | None:
    """Load all that is heavy in a thread while the gauge is on the screen; None if the user leaves meanwhile."""
    made: list[Pipeline] = []
    told = [LOADING]
    crew = Crew(lambda: None)
    crew.spawn("loading", lambda: made.append(_pipeline(plan, record, told.append)))
    while crew.working and not stop.wait(REFRESH_S):
        if views.show(Snapshot(plan.setting, notice="; ".join(filter(None, (told[-1], notice))))) == "q":
            stop.set()
    crew.raise_failure()
    if stop.is_set():
        return None
    pipeline = made[0]
    pipeline.board.notice(notice)
    pipeline.start()
    return pipeline


def _pipeline(plan: Plan, record: Record | None, tell: Tell) -> Pipeline:
    from realtime.landmarks.reader import FaceReader
    from realtime.motion.motion import Motion

    judge = load.judge(plan.bundle, plan.answer.asked, plan.answer.emotion, plan.setting.engine)
    judge.warm_up(tell)
    reader = FaceReader()
    reader.warm_up()
    return Pipeline(
        plan.setting,
        plan.source,
        reader,
        Motion(load.timing(plan.bundle), load.population(plan.bundle), load.basis(plan.bundle)),
        judge,
        plan.clock,
        lossless=plan.config.lossless or plan.config.fast,  # unpaced and lossy would be to skim the file
        on_verdict=record.verdict if record is not None else _forget,
    )


def _show_until_done(pipeline: Pipeline, record: Record | None, views: Views, stop: threading.Event) -> None:
    told = False
    while pipeline.running and not stop.wait(REFRESH_S):
        if record is not None and record.failed and not told:
            pipeline.board.notice(record.failed)
            told = True
        key = views.show(pipeline.snapshot())
        if key == "q":
            return
        if key == "n":
            pipeline.take_neutral_anew()


def _summary(pipeline: Pipeline, plan: Plan) -> Summary:
    end = pipeline.snapshot()
    return Summary(end.counts, {plan.answer.asked: pipeline.overall()}, end.ages, pipeline.board.mean_rates())


def _end_record(record: Record | None, summary: Summary) -> None:
    if record is not None:
        record.end(summary)


def _told(notice: str, stuck: list[str], skipped: int, record: Record | None) -> Iterator[str]:
    """What the user should still know once the screen is theirs again."""
    if notice:
        yield f"note        {notice}"
    if record is not None and record.failed:
        yield f"record      {record.failed}"
    if skipped:
        yield f"too slow    {skipped} readings gave way to newer ones before they were made"
    if stuck:
        yield f"stuck       {', '.join(stuck)} did not end in time and was left behind"


def _run_info(plan: Plan) -> RunInfo:
    timing, loop = load.timing(plan.bundle), load.loop(plan.bundle)
    return RunInfo(
        version=version("genuine-gauge"),
        source=plan.source.name,
        emotion=plan.answer.asked,
        engine=plan.setting.engine,
        bundle_sha256=plan.bundle.sha256,
        window_s=timing.window_s,
        stride_s=timing.stride_s,
        steps=loop.steps,
        hz=timing.rate_hz,
    )


def _forget(verdict: Verdict) -> None:
    """Nothing is kept unless a record was asked for."""


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C and SIGTERM end the run cleanly, with its summary."""

    def end(number: int, frame: object) -> None:
        stop.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
