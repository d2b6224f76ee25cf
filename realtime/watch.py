"""One run of the gauge, from the first picture on the screen to the summary. The main thread owns the screen."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version

from engines.bundle import DEFAULT, Bundle
from engines.engine import Tell
from engines.errors import GaugeError
from engines.registry import AUTO, ENGINES, choose
from realtime import load, people
from realtime.capture.open import build
from realtime.capture.source import Source
from realtime.clock import Clock, SystemClock
from realtime.config import Config
from realtime.controls import Controls
from realtime.crew import Crew
from realtime.errors import UsageError
from realtime.pipeline import Pipeline
from realtime.profile import Profile
from realtime.saved import Saved
from realtime.snapshot import Setting, Snapshot
from realtime.spans import UNMEASURED, VIEW, Spans
from realtime.values import Verdict
from realtime.view import profiles, words
from realtime.view.records import Record, Recorder, open_record
from realtime.view.rows import RunInfo, Summary
from realtime.view.summary import summary_lines, table_lines
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
    saved: Saved | None = None  # of the person who is expected


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one source's run ended. `summary` is None if the user left before it began; `told` is for people."""

    name: str
    summary: Summary | None
    told: tuple[str, ...] = ()
    failure: BaseException | None = None

    @property
    def lines(self) -> list[str]:
        """What is printed of a run of its own; without a frame its error says it all."""
        seen = self.summary is not None and self.summary.frames.captured > 0
        return [*self.told, *(summary_lines(self.summary) if seen and self.summary is not None else ())]


class Run:
    """What all the sources of one command share: the screen, the record, the profile, and the wish to stop."""

    def __init__(self, config: Config, views: Views, recorder: Recorder | None, spans: Spans) -> None:
        self.config, self.views, self.recorder, self.spans = config, views, recorder, spans
        self.stop = threading.Event()
        self.left = False  # the user has seen enough

    def source(self, plan: Plan) -> Outcome:
        """Run the gauge on one source, until it ends or the user does."""
        record = Record(self.recorder, _run_info(plan)) if self.recorder is not None else None
        notice = "; ".join(filter(None, (plan.answer.notice, self.views.notice)))
        pipeline = self._loaded(plan, record, notice)
        if pipeline is None:
            return Outcome(plan.source.name, None)
        try:
            self._show_until_done(pipeline, plan, record)
        finally:
            stuck = pipeline.stop()
            summary = _summary(pipeline)
            _end_record(record, summary)
            learned = people.learn(plan.config, plan.saved, plan.bundle.sha256, pipeline) if not stuck else ""
            told = tuple(_told(notice, stuck, pipeline.snapshot().skipped_ticks, self._failed(record), learned))
        return Outcome(plan.source.name, summary, told, pipeline.failure)

    def _loaded(self, plan: Plan, record: Record | None, notice: str) -> Pipeline | None:
        """Load all that is heavy in a thread while the gauge is on the screen; None if the user leaves meanwhile."""
        made: list[Pipeline] = []
        told = [LOADING]
        crew = Crew(lambda: None)
        crew.spawn("loading", lambda: made.append(_pipeline(plan, record, self.spans, told.append)))
        while crew.working and not self.stop.wait(REFRESH_S):
            waiting = Snapshot(plan.setting, notice="; ".join(filter(None, (told[-1], notice))))
            if self.views.show(waiting) == "q":
                self._leave()
        crew.raise_failure()
        if self.stop.is_set():
            return None
        pipeline = made[0]
        pipeline.board.notice(notice)
        pipeline.start()
        return pipeline

    def _show_until_done(self, pipeline: Pipeline, plan: Plan, record: Record | None) -> None:
        controls = Controls(pipeline, self.views, load.askable(plan.bundle), plan.answer.asked)
        told = {""}
        while pipeline.running and not self.stop.wait(REFRESH_S):
            snapshot = replace(pipeline.snapshot(), recording=self.views.filming)
            for news in (*self._failed(record), _refused(plan, snapshot)):
                if news not in told:
                    told.add(news)
                    pipeline.board.notice(news)
            if not controls.press(self._show(snapshot)):
                self._leave()

    def _show(self, snapshot: Snapshot) -> str | None:
        before, began_s = self.views.drawn, self.views.clock.now_s()
        with self.spans.work(VIEW):
            key = self.views.show(snapshot)
        if self.views.drawn != before:
            self.spans.shown(self.views.drawn, began_s)
        return key

    def _failed(self, record: Record | None) -> tuple[str, str]:
        """Why the readings, and the video, are not written any more; empty while they are."""
        return (record.failed if record is not None else "", self.views.film_failed)

    def _leave(self) -> None:
        self.left = True
        self.stop.set()


def watch(config: Config) -> int:
    """Run the gauge as `config` says, until its sources end or the user does; the exit code is 0.

    Raises what a single source failed of; of several the table says it, and the exit code is 1.
    """
    plan = _plan(config)
    profile = Profile(plan.clock, trace=config.trace is not None) if config.profile else None
    profiles.check(config.trace, config.report)
    with ExitStack() as stack:
        recorder = open_record(config.record, config.record_limit_mb) if config.record else None
        if recorder is not None:
            stack.callback(recorder.close)
        views = Views(plan.setting, headless=config.headless, window=config.window, film=config.video, clock=plan.clock)
        run = Run(config, views, recorder, profile or UNMEASURED)
        stack.enter_context(_signals(run.stop))
        stack.enter_context(views)
        outcomes = _outcomes(run, plan)
        several = len(config.files) > 1
        ends = table_lines([(one.name, one.summary, one.failure) for one in outcomes]) if several else outcomes[0].lines
        views.finish([*ends, *_profiled(profile, config)])
    if several:
        return int(any(one.failure is not None for one in outcomes))
    if outcomes[0].failure is not None:
        raise outcomes[0].failure
    return 0


def _outcomes(run: Run, plan: Plan) -> list[Outcome]:
    """One source, or several files one after the other: of these, one that fails does not end the rest."""
    if len(run.config.files) <= 1:
        return [run.source(plan)]
    found: list[Outcome] = []
    for file in run.config.files:
        if not run.stop.is_set():
            try:
                found.append(run.source(_plan(run.config.of_file(file))))
            except GaugeError as error:
                found.append(Outcome(file.name, None, failure=error))
    return found


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
    setting = Setting(source.name, found.asked, engine, timing.window_s, timing.stride_s, config.person or "")
    return Plan(config, bundle, found, source, setting, clock, people.expected(config.person, config.learn))


def _pipeline(plan: Plan, record: Record | None, spans: Spans, tell: Tell) -> Pipeline:
    from realtime.landmarks.reader import FaceReader
    from realtime.motion.motion import Motion

    saved, bundle = plan.saved, plan.bundle
    judge = load.judge(bundle, plan.answer, plan.setting.engine, spans, saved)
    judge.warm_up(tell)
    reader = FaceReader(spans=spans)
    reader.warm_up()
    return Pipeline(
        plan.setting,
        plan.source,
        reader,
        Motion(
            load.timing(bundle),
            load.population(bundle),
            load.basis(bundle),
            limits=load.limits(bundle),
            beforehand=saved.known if saved else None,
        ),
        judge,
        plan.clock,
        lossless=plan.config.lossless or plan.config.fast,  # unpaced and lossy would be to skim the file
        on_verdict=record.verdict if record is not None else _forget,
        spans=spans,
    )


def _summary(pipeline: Pipeline) -> Summary:
    end = pipeline.snapshot()
    return Summary(end.counts, pipeline.overalls(), end.ages, pipeline.board.mean_rates())


def _end_record(record: Record | None, summary: Summary) -> None:
    if record is not None:
        record.end(summary)


def _profiled(profile: Profile | None, config: Config) -> list[str]:
    return profiles.finish(profile, config.trace, config.report) if profile is not None else []


def _refused(plan: Plan, snapshot: Snapshot) -> str:
    """What the camera gives, where that is not what it was asked for."""
    asked, frame = plan.config.source, snapshot.frame
    if frame is None or not snapshot.given:
        return ""
    return words.refused(plan.source.name, snapshot.given, asked.size_px, asked.hz, frame, plan.source.hz)


def _told(notice: str, stuck: list[str], skipped: int, failed: Iterable[str], learned: str) -> Iterator[str]:
    """What the user should still know once the screen is theirs again."""
    if notice:
        yield f"note        {notice}"
    yield from (f"record      {why}" for why in failed if why)
    if skipped:
        yield f"too slow    {skipped} readings gave way to newer ones before they were made"
    if learned:
        yield f"person      {learned}"
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
