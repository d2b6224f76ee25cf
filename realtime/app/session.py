"""One source's run on the screen: load, show until it ends or the user leaves, sum up. Belongs to the main thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from realtime.app import expected_person
from realtime.app.keys import KeyBindings
from realtime.app.options import Options
from realtime.app.prepare import PreparedRun, load_pipeline, run_info
from realtime.core.snapshot import Snapshot
from realtime.core.tracing import VIEW, Tracer
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.pipeline import Pipeline
from realtime.runtime.threads import WorkerThreads
from realtime.view import phrases
from realtime.view.records.records import Record, Recorder
from realtime.view.records.rows import Summary
from realtime.view.summary import summary_lines
from realtime.view.views import Views

LOADING = "loading; the first start on a machine also compiles the engine, once"
REFRESH_S = 0.03  # of the window; the terminal draws every third time


@dataclass(frozen=True, slots=True)
class SourceResult:
    """How one source's run ended. `summary` is None if the user left before it began; `told` is for people."""

    name: str
    summary: Summary | None
    told: tuple[str, ...] = ()
    failure: BaseException | None = None

    @property
    def lines(self) -> list[str]:
        """What is printed of a run of its own; without a frame its error says it all."""
        seen = self.summary is not None and self.summary.frames.captured > 0
        return [
            *self.told,
            *(summary_lines(self.summary) if seen and self.summary is not None else ()),
        ]


class Session:
    """What all the sources of one command share: the screen, the record, the profile, and the wish to stop."""

    def __init__(self, config: Options, views: Views, recorder: Recorder, spans: Tracer) -> None:
        self.config, self.views, self.recorder, self.spans = config, views, recorder, spans
        self.stop = threading.Event()

    def source(self, plan: PreparedRun) -> SourceResult:
        """Run the gauge on one source, until it ends or the user does."""
        record = Record(self.recorder, run_info(plan))
        who = expected_person.notice(plan.options.person, plan.saved_person, plan.bundle.sha256)
        notice = "; ".join(filter(None, (plan.emotion.notice, who, self.views.notice)))
        pipeline = self._loaded(plan, record, notice)
        if pipeline is None:
            return SourceResult(plan.source.name, None)
        pipeline.live_state.set_notice(notice)
        pipeline.start()
        try:
            self._show_until_done(pipeline, plan, record)
        finally:
            stuck = pipeline.stop()
            summary = _summary(pipeline)
            record.end(summary)
            learned = expected_person.update_profile(
                plan.options, plan.saved_person, plan.bundle.sha256, pipeline, stuck
            ) or expected_person.person_change_note(plan.options, pipeline, stuck)
            told = tuple(
                _told(
                    notice, stuck, pipeline.snapshot().skipped_ticks, self._failed(record), learned
                )
            )
        return SourceResult(plan.source.name, summary, told, pipeline.failure)

    def _loaded(self, plan: PreparedRun, record: Record, notice: str) -> Pipeline | None:
        """Load all that is heavy in a thread while the gauge is on the screen; None if the user leaves meanwhile."""
        made: list[Pipeline] = []
        told = [LOADING]
        crew = WorkerThreads(lambda: None)
        with _uncollected():
            crew.spawn(
                "loading",
                lambda: made.append(load_pipeline(plan, record.verdict, self.spans, told.append)),
            )
            while crew.working and not self.stop.wait(REFRESH_S):
                waiting = Snapshot(plan.setting, notice="; ".join(filter(None, (told[-1], notice))))
                if self.views.show(waiting) == "q":
                    self.stop.set()
        crew.raise_failure()
        return None if self.stop.is_set() else made[0]

    def _show_until_done(self, pipeline: Pipeline, plan: PreparedRun, record: Record) -> None:
        controls = KeyBindings(
            pipeline, self.views, stages.selectable_emotions(plan.bundle), plan.emotion.asked
        )
        told = {""}
        while pipeline.running and not self.stop.wait(REFRESH_S):
            snapshot = replace(pipeline.snapshot(), recording=self.views.recording_path)
            for news in (*self._failed(record), _refused(plan, snapshot)):
                if news not in told:
                    told.add(news)
                    pipeline.live_state.set_notice(news)
            if not controls.press(self._show(snapshot)):
                self.stop.set()

    def _show(self, snapshot: Snapshot) -> str | None:
        before = self.views.drawn_frame
        with self.spans.span(VIEW):
            key = self.views.show(snapshot)
        if self.views.drawn_frame != before:
            self.spans.shown(self.views.drawn_frame)
        return key

    def _failed(self, record: Record) -> tuple[str, str]:
        """Why the readings, and the video, are not written any more; empty while they are."""
        return record.failed, self.views.video_error


@contextmanager
def _uncollected() -> Iterator[None]:
    """Python's collector goes over all that is loaded again and again, a sixth of a start: not now, and not later.

    What the first load brought stays for good. What comes after it is collected as ever.
    """
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
        gc.enable()


def _summary(pipeline: Pipeline) -> Summary:
    end = pipeline.snapshot()
    return Summary(end.counts, pipeline.run_verdicts(), end.ages, pipeline.live_state.mean_rates())


def _refused(plan: PreparedRun, snapshot: Snapshot) -> str:
    """What the camera gives, where that is not what it was asked for."""
    asked, frame = plan.options.source, snapshot.frame
    if frame is None or not snapshot.source_format:
        return ""
    return phrases.granted_mode_note(
        plan.source.name, snapshot.source_format, asked.size_px, asked.hz, frame, plan.source.hz
    )


def _told(
    notice: str, stuck: list[str], skipped: int, failed: Iterable[str], learned: str
) -> Iterator[str]:
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
