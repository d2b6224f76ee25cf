"""Pipeline: the gauges of one or several faces on three threads: capture, vision, recognition.

capture --frames--> vision (faces, landmarks, motion) --ticks--> recognition (networks, verdict)

Both mailboxes hold one item. Live, the newest item wins and the one it replaces is counted;
lossless, the sender waits. Live, further threads wait for child processes, so that no frame does:
one for each face has it described about once a second (`realtime.person`), one searches for a face
that the fast detectors miss (`realtime.faces`). Lossless, vision does both itself.

The ticks of several faces travel together, are judged one after the other and published at once, so
that no face is judged less often, or with older readings, than another.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from realtime.capture.capture_loop import capture_frames
from realtime.capture.frame_counter import STALE, FrameCounter
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Frame, Tick, Verdict
from realtime.core.snapshot import RunSetting, RunVerdict, Snapshot
from realtime.core.tracing import FRAME_QUEUE, NO_FRAME, TICK_QUEUE
from realtime.faces.cnn_process import CnnProcess
from realtime.faces.slow_detector import ThreadedDetector
from realtime.motion.ticker import Ticker
from realtime.person.descriptor_threads import DescriptorThreads
from realtime.person.tracker import PersonTracker
from realtime.recognition.budget import LatencyBudget
from realtime.runtime.gauge import Step
from realtime.runtime.gauge_group import GaugeGroup
from realtime.runtime.live_state import LiveState
from realtime.runtime.replay import mark_signal
from realtime.runtime.threads import WorkerThreads
from realtime.runtime.watchdog import Watchdog, without_number
from realtime.verdict.reading import Reading, make_verdict

TAKE_S = 0.1  # how long a stage waits for input before it checks whether to stop
STALE_S = 0.5  # a live frame older than this is dropped, never judged
SILENT_S = 1.0  # a live source without a frame for this long has no signal


@dataclass(frozen=True, slots=True)
class QueuedTicks:
    """Ticks of one frame on their way to recognition, one for each face, and since when."""

    ticks: tuple[Tick, ...]
    since_s: float


class Pipeline:
    """One run: `start`, any number of `snapshot`s, `stop`. Owned by the main thread."""

    def __init__(
        self,
        setting: RunSetting,
        source: Source,
        gauges: GaugeGroup,
        clock: Clock,
        *,
        lossless: bool,
        on_verdict: Callable[[Verdict], None],
    ) -> None:
        self._source, self._gauges, self._clock = source, gauges, clock
        self._lossless, self._on_verdict = lossless, on_verdict
        self._live = source.live
        self._tracer = tracer = gauges.tracer
        self._stopping = threading.Event()
        on_drop = partial(tracer.event, thread="drops")
        self._counter = FrameCounter(on_drop)
        self.live_state = LiveState(setting, self._counter, clock)
        self._frames: Mailbox[Frame] = Mailbox()
        self._ticks: Mailbox[QueuedTicks] = Mailbox()
        self._threads = WorkerThreads(self._halt)
        self._watchdog = Watchdog(clock)
        first = gauges.gauges[0]
        self._budget = LatencyBudget(first.judge.steps, first.motion.timing.stride_s)
        self._last_frame_s, self._silence = clock.now_s(), Ticker(first.motion.timing.stride_s)
        self._newest: Frame | None = None
        self._face_ids: tuple[int | None, ...] = (gauges.first_id,)  # of the newest frame
        self._neutral_reset = threading.Event()
        self._emotion_requests: deque[str] = deque(maxlen=1)  # only the newest counts
        watches = [gauge.watch for gauge in gauges.gauges if gauge.watch is not None]
        self._descriptors = DescriptorThreads([] if lossless else watches)
        self._detector: ThreadedDetector | None = None
        if (searcher := gauges.searcher) is not None:
            searcher.slow_search.on_drop = on_drop
            if not lossless:
                searcher.load_detectors()
                self._detector = ThreadedDetector(CnnProcess())
                searcher.slow_search.detector = self._detector

    def start(self) -> None:
        """Start the threads; the capture thread opens the source."""
        self._threads.spawn("capture", self._run_capture)
        self._threads.spawn("vision", self._run_vision)
        self._threads.spawn("recognition", self._run_recognition)
        for run in self._descriptors.runs:
            self._threads.spawn("identity", run)
        if self._detector is not None:
            self._threads.spawn("search", self._detector.run)

    @property
    def running(self) -> bool:
        """Whether a stage still works: False at the end of the source and after a failure."""
        return self._threads.running and not self._stopping.is_set()

    def snapshot(self) -> Snapshot:
        """Return the state to show now; without a number while a live stage hangs."""
        now = replace(self.live_state.snapshot(), profile=self._tracer.table())
        hung = "" if self._lossless else self._watchdog.hung_stage()
        return without_number(now, hung) if hung else now

    def run_verdicts(self) -> dict[str, RunVerdict]:
        """Return the run's verdict for each judged emotion; final after `stop`."""
        return self._gauges.run_verdicts()

    def face_verdicts(self) -> dict[int, dict[str, RunVerdict]]:
        """Return the same for each face by number; empty where one is followed."""
        return self._gauges.face_verdicts()

    def set_emotion(self, emotion: str) -> None:
        """Judge `emotion` from the next tick on. Any thread."""
        self._emotion_requests.append(emotion)

    def show_ghosts(self, enabled: bool) -> None:
        """Switch the ghost faces of the prototypes on or off."""
        for gauge in self._gauges.gauges:
            gauge.judge.show_ghosts = enabled

    def person_and_bias(self) -> tuple[PersonTracker, tuple[float, float]]:
        """Return the first face's tracker and confirmed person bias; call it after `stop`."""
        gauge = self._gauges.gauges[0]
        return gauge.motion.person, gauge.judge.confirmed_bias

    def reset_neutral(self) -> None:
        """Learn every neutral face again from the next frame on. Any thread."""
        self._neutral_reset.set()

    def stop(self) -> list[str]:
        """Stop and join every thread, release the source; return the names of threads that hang."""
        self._halt()
        stuck = self._threads.join()
        self._counter.finish()
        self._gauges.close()
        return stuck

    @property
    def failure(self) -> BaseException | None:
        """Return the first error of a stage; None without one."""
        return self._threads.failure

    def raise_failure(self) -> None:
        """Raise the first error of a stage, if there is one."""
        self._threads.raise_failure()

    def _halt(self) -> None:
        self._stopping.set()
        self._source.interrupt()
        self._frames.close()
        self._ticks.close()
        self._close_beside()

    def _close_beside(self) -> None:
        self._descriptors.close()
        if self._detector is not None:
            self._detector.close()

    def _run_capture(self) -> None:
        capture_frames(
            self._source, self._frames, self._lossless, self._counter, self._stopping, self._tracer
        )

    def _run_vision(self) -> None:
        try:
            while not self._stopping.is_set():
                frame = self._frames.take(TAKE_S)
                if frame is not None:
                    self._process_frame(frame)
                elif self._frames.finished:
                    break
                else:
                    self._check_signal()
                self._watchdog.report_alive("vision")
        finally:
            self._watchdog.report_ended("vision")
            self._ticks.close()
            self._close_beside()

    def _process_frame(self, frame: Frame) -> None:
        self._last_frame_s = self._clock.now_s()
        self._tracer.wait(FRAME_QUEUE, frame.index, frame.read_at_s, self._last_frame_s)
        if not self._lossless and self._last_frame_s - frame.read_at_s > STALE_S:
            self._counter.count_dropped(STALE)
            return
        if self._neutral_reset.is_set():
            self._neutral_reset.clear()
            for gauge in self._gauges.gauges:
                gauge.motion.reset_neutral()
        steps = self._gauges.step(frame)
        self._publish_frame(frame, steps)
        error = self._source.signal_error
        ticks = tuple(mark_signal(step.tick, error) for step in steps if step.tick is not None)
        if ticks:
            self._send_ticks(ticks)

    def _publish_frame(self, frame: Frame, steps: tuple[Step, ...]) -> None:
        if self._newest is None:
            self.live_state.set_source_format(_source_format(frame, self._source.hz))
        self._newest = frame
        self._counter.count_processed()
        self._face_ids = tuple(step.face_id for step in steps)
        self.live_state.set_frame(frame, steps)
        self.live_state.set_missed(self._gauges.not_described, self._gauges.searches_unused)

    def _check_signal(self) -> None:
        """Send ticks without signal, one a stride, while a live source is silent or faulty.

        Not before it is open: until then its media time is unknown.
        """
        now_s, error = self._clock.now_s(), self._source.signal_error
        silent_s = now_s - self._last_frame_s
        silent = silent_s >= SILENT_S or error
        if not (self._live and self._source.is_open and silent):
            return
        newest_s = self._newest.captured_at_s if self._newest is not None else None
        if self._source.recorded:
            # Its media time stands still without pictures. Ticks ahead of it would use up those of
            # the pictures that follow.
            at_s, due = newest_s or 0.0, self._silence.due(now_s)
        elif newest_s is None:  # media time of a live source is the clock's
            at_s, due = now_s, self._silence.due(now_s)
        else:
            at_s = newest_s + silent_s
            due = self._gauges.ticker.due(at_s)
        if due:
            index = self._newest.index if self._newest is not None else -1
            tick = Tick(at_s, index, now_s, signal=False, signal_error=error)
            self._send_ticks(tuple(replace(tick, face_id=each) for each in self._face_ids))

    def _send_ticks(self, ticks: tuple[Tick, ...]) -> None:
        queued = QueuedTicks(ticks, self._clock.now_s())
        if self._lossless:
            while not self._stopping.is_set() and not self._ticks.put_blocking(queued, TAKE_S):
                pass
        elif self._ticks.put(queued) is not None:
            self.live_state.count_skipped_tick()
            self._tracer.event("skipped tick", "drops")

    def _run_recognition(self) -> None:
        try:
            while not self._ticks.finished:
                queued = self._ticks.take(TAKE_S)
                if queued is not None:
                    self._judge_ticks(queued.ticks, queued.since_s)
                self._watchdog.report_alive("recognition")
        finally:
            self._watchdog.report_ended("recognition")

    def _judge_ticks(self, ticks: tuple[Tick, ...], since_s: float) -> None:
        began_s = self._clock.now_s()
        # A tick without signal is not a reading of the last frame: it must not count as its age.
        frame = ticks[0].frame if ticks[0].signal else NO_FRAME
        self._tracer.wait(TICK_QUEUE, frame, since_s, began_s)
        self._change_emotion()
        readings = [self._gauges.read(tick) for tick in ticks]
        ended_s = self._clock.now_s()
        self._tracer.judged(frame)
        rows = [
            row
            for tick, reading in zip(ticks, readings, strict=True)
            for row in self._publish_reading(tick, reading, ended_s)
        ]
        for row in rows:
            self._on_verdict(row)
        # A lossless run waits instead, so that it gives the same verdicts on any machine.
        if any(reading.estimates for reading in readings) and not self._lossless:
            self._adapt_pace(ended_s - began_s)

    def _change_emotion(self) -> None:
        if self._emotion_requests:
            emotion = self._emotion_requests.popleft()
            for gauge in self._gauges.gauges:
                gauge.judge.set_emotion(emotion)
            self.live_state.set_emotion(emotion)

    def _publish_reading(self, tick: Tick, reading: Reading, ended_s: float) -> tuple[Verdict, ...]:
        """Show a face's reading; return its verdicts, one for each emotion under `all`."""
        verdict = make_verdict(tick, reading, ended_s)
        rows = tuple(make_verdict(tick, row, ended_s) for row in reading.rows)
        run_verdict = self._gauges.gauge_of(tick.face_id).judge.run_verdict()
        self.live_state.set_verdict(verdict, run_verdict, rows, reading.ghosts)
        details = f"{verdict.emotion} at {verdict.at_s:.2f} s"
        self._tracer.event(verdict.state.value, "ticks", details)
        return rows or (verdict,)

    def _adapt_pace(self, took_s: float) -> None:
        self._budget.record(took_s)
        for gauge in self._gauges.gauges:
            gauge.judge.steps = self._budget.pace.steps
        self._gauges.ticker.stride_s = self._budget.stride_s
        self.live_state.set_pace_notice(self._budget.notice)


def _source_format(frame: Frame, hz: float) -> str:
    width, height = frame.size_px
    return f"{width}x{height}" + (f" at {hz:.3g}/s" if hz else "")
