"""Session: load, show and sum up the sources of one command. Owned by the main thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from realtime.app import expected_person
from realtime.app.guided.guidance import Guidance
from realtime.app.keys import KeyBindings
from realtime.app.options import Options
from realtime.app.prepare import PreparedRun, load_pipeline, run_info
from realtime.core.snapshot import Snapshot
from realtime.core.tracing import VIEW, Tracer
from realtime.outputs.events import EventHub
from realtime.runtime import stages_from_bundle as stages
from realtime.runtime.pipeline import Pipeline
from realtime.runtime.shared_models import SharedModels
from realtime.runtime.threads import WorkerThreads
from realtime.view import phrases
from realtime.view.records.records import Record, Recorder
from realtime.view.records.rows import Summary
from realtime.view.summary import summary_lines
from realtime.view.views import Views
from realtime.view.words.catalogue import text

REFRESH_S = 0.03  # of the window; the terminal draws every third refresh


@dataclass(frozen=True, slots=True)
class SourceResult:
    """Result of one source: `summary` is None if the user quit during loading."""

    name: str
    summary: Summary | None
    notes: tuple[str, ...] = ()
    failure: BaseException | None = None
    takes: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """Return the lines to print after a single run; without a frame only its notes."""
        summary = self.summary
        has_frames = summary is not None and summary.frames.captured > 0
        sums = summary_lines(summary) if summary and has_frames else ()
        return [*self.notes, *sums, *self.takes]


class Session:
    """What the sources of one command share: options, views, recorder, tracer, events, stop.

    Every row of a record is published as an event, whether or not it is recorded. Models are loaded
    once for all files; `close` releases them.
    """

    def __init__(
        self,
        options: Options,
        views: Views,
        recorder: Recorder,
        tracer: Tracer,
        events: EventHub | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.options, self.views, self.recorder, self.tracer = options, views, recorder, tracer
        self.events = EventHub() if events is None else events
        self.stop = threading.Event() if stop is None else stop
        self._models = SharedModels(options.landmarks)
        self._guidance = Guidance(options)

    def close(self) -> None:
        """Release the models; idempotent."""
        self._models.close()

    def run_source(self, run: PreparedRun) -> SourceResult:
        """Run the gauge on one source until it ends or the user quits."""
        record = Record(self.recorder, run_info(run), self.events.publish)
        person_notes = expected_person.enrol_again_note(run), expected_person.other_bundle_note(run)
        notice = _joined(run.gauge.notice, *person_notes, self.views.notice)
        pipeline = self._load(run, record, notice)
        if pipeline is None:
            return SourceResult(run.source.name, None)
        pipeline.live_state.set_notice(notice)
        pipeline.start()
        try:
            self._show_until_done(pipeline, run, record)
        finally:
            stuck = pipeline.stop()
            if stuck:  # its threads may still use them
                self._models.discard()
            summary = _summary(pipeline)
            record.end(summary)
            person_note = expected_person.update_profile(run, pipeline, stuck)
            if not person_note:
                person_note = expected_person.person_change_note(run.options, pipeline, stuck)
            skipped = pipeline.snapshot().skipped_ticks
            notices = (*filter(None, (notice,)), *run.source.notes.values())
            notes = tuple(_notes(notices, stuck, skipped, self._write_errors(record), person_note))
        # Plain lines have printed the takes; a screen was cleared.
        takes = self._guidance.result_lines() if self.views.is_watched else ()
        return SourceResult(run.source.name, summary, notes, pipeline.failure, tuple(takes))

    def _load(self, run: PreparedRun, record: Record, notice: str) -> Pipeline | None:
        """Load the pipeline in a thread while the view shows progress; None if the user quits."""
        loaded: list[Pipeline] = []
        progress, models = [text("loading")], self._models

        def load() -> None:
            loaded.append(load_pipeline(run, record.verdict, self.tracer, progress.append, models))

        thread = WorkerThreads(lambda: None)
        with _no_garbage_collection():
            thread.spawn("loading", load)
            while thread.running and not self.stop.wait(REFRESH_S):
                snapshot = Snapshot(run.setting, notice=_joined(progress[-1], notice))
                if self._press(self.views.show(self._with_guidance(snapshot))) == "q":
                    self.stop.set()
        if thread.running:  # the user quit
            models.discard()
        thread.raise_failure()
        return None if self.stop.is_set() else loaded[0]

    def _show_until_done(self, pipeline: Pipeline, run: PreparedRun, record: Record) -> None:
        emotions = stages.selectable_emotions(run.gauge.bundle)
        keys = KeyBindings(pipeline, self.views, emotions, run.setting.emotion)
        shown_notices = {""}
        while pipeline.running and not self.stop.wait(REFRESH_S):
            snapshot = replace(
                pipeline.snapshot(), recording=self.views.recording_path, details=keys.details
            )
            camera_note, errors = _camera_mode_note(run, snapshot), self._write_errors(record)
            for notice in (*errors, camera_note, *run.source.notes.values()):
                if notice not in shown_notices:
                    shown_notices.add(notice)
                    pipeline.live_state.set_notice(notice)
            if not keys.press(self._press(self._show(self._with_guidance(snapshot)))):
                self.stop.set()
        if not self.stop.is_set() and pipeline.failure is None:
            self._show_last_words(pipeline, keys)

    def _show_last_words(self, pipeline: Pipeline, keys: KeyBindings) -> None:
        """Let the tour or the guide finish after the source has ended, until the user quits."""
        while not self._guidance.finished:
            snapshot = replace(pipeline.snapshot(), details=keys.details)
            shown = self._with_guidance(snapshot, ended=True)
            if not keys.press(self._press(self.views.show(shown))) or self.stop.wait(REFRESH_S):
                return
            if not self.views.is_watched:  # plain lines have it now
                return

    def _with_guidance(self, snapshot: Snapshot, *, ended: bool = False) -> Snapshot:
        """Return `snapshot` with what the tour or the guide adds."""
        return self._guidance.shown(snapshot, self.views.clock.now_s(), ended=ended)

    def _press(self, key: str | None) -> str | None:
        """Let the tour or the guide have the key, too."""
        self._guidance.press(key)
        return key

    def _show(self, snapshot: Snapshot) -> str | None:
        before = self.views.drawn_frame
        with self.tracer.span(VIEW):
            key = self.views.show(snapshot)
        if self.views.drawn_frame != before:
            self.tracer.shown(self.views.drawn_frame)
        return key

    def _write_errors(self, record: Record) -> tuple[str, str]:
        """Return why the record and the video are no longer written; empty while they are."""
        return record.failed, self.views.video_error


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Disable garbage collection while loading: repeated scans cost a sixth of the start-up time.

    The objects of the first load are frozen for good; later ones are collected normally.
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
    return Summary(
        end.counts,
        pipeline.run_verdicts(),
        end.ages,
        pipeline.live_state.mean_rates(),
        end.not_described,
        pipeline.face_verdicts(),
        end.searches_unused,
    )


def _camera_mode_note(run: PreparedRun, snapshot: Snapshot) -> str:
    """Return a note where the camera's mode differs from the requested one; empty otherwise."""
    requested, frame = run.options.source, snapshot.frame
    if frame is None or not snapshot.source_format:
        return ""
    return phrases.granted_mode_note(
        run.source.name,
        snapshot.source_format,
        requested.size_px,
        requested.hz,
        frame,
        run.source.hz,
    )


def _joined(*notices: str) -> str:
    return "; ".join(filter(None, notices))


def _notes(
    notices: Iterable[str], stuck: list[str], skipped: int, errors: Iterable[str], person_note: str
) -> Iterator[str]:
    """Yield the lines to print once the views are closed."""
    yield from (f"note        {notice}" for notice in notices)
    yield from (f"record      {error}" for error in errors if error)
    if skipped:
        yield f"too slow    {skipped} readings were skipped for newer ones"
    if person_note:
        yield f"person      {person_note}"
    if stuck:
        yield f"stuck       {', '.join(stuck)} did not end in time and was abandoned"
