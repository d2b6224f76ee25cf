"""The pipeline: wires the stages and owns the threads. It holds no mathematics.

capture --frames--> vision (faces, landmarks, motion) --ticks--> recognition (networks, verdict) --> board, record

Both hand-overs hold one item. Live, the newest wins and what it displaced is counted; lossless, the giver waits.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from realtime.capture.capture_loop import capture_frames
from realtime.capture.frame_counter import STALE, FrameCounter
from realtime.capture.source import Source
from realtime.core.clock import Clock
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Face, Frame, Landmarks, Tick, Verdict
from realtime.core.snapshot import PersonStatus, RunSetting, RunVerdict, Snapshot
from realtime.core.tracing import FRAME_QUEUE, MOTION, NO_FRAME, NO_TRACING, TICK_QUEUE, Tracer
from realtime.landmarks.face_reader import FaceReader
from realtime.motion.motion import MotionStage, make_tick
from realtime.motion.ticker import Ticker
from realtime.person.tracker import PersonTracker
from realtime.recognition.budget import LatencyBudget
from realtime.runtime.live_state import LiveState
from realtime.runtime.threads import WorkerThreads
from realtime.runtime.watchdog import Watchdog, without_number
from realtime.verdict.judge import Judge
from realtime.verdict.reading import make_verdict

TAKE_S = 0.1  # how long a stage waits before it looks whether it should stop
STALE_S = 0.5  # a frame older than this is not of now, and is never judged
SILENT_S = 1.0  # a live source without a frame for this long has no signal


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A tick on its way to recognition, and since when."""

    tick: Tick
    since_s: float


class Pipeline:
    """One run: `start`, `snapshot` as often as the view likes, `stop`. Made and stopped by the main thread."""

    def __init__(
        self,
        setting: RunSetting,
        source: Source,
        reader: FaceReader,
        motion: MotionStage,
        judge: Judge,
        clock: Clock,
        *,
        lossless: bool,
        on_verdict: Callable[[Verdict], None],
        tracer: Tracer = NO_TRACING,
    ) -> None:
        self._source, self._reader, self._motion, self._judge = source, reader, motion, judge
        self._clock, self._lossless, self._on_verdict = clock, lossless, on_verdict
        self._live = source.kind in ("camera", "stream")
        self._spans = tracer
        self._stopping = threading.Event()
        self._tally = FrameCounter(lambda reason: tracer.event(reason, "drops"))
        self.live_state = LiveState(setting, self._tally, clock)
        self._frames: Mailbox[Frame] = Mailbox()
        self._ticks: Mailbox[_Waiting] = Mailbox()
        self._crew = WorkerThreads(self._halt)
        self._ticker = Ticker(motion.timing.stride_s)
        self._watchdog = Watchdog(clock)
        self._budget = LatencyBudget(judge.steps, motion.timing.stride_s)
        self._heard_s = clock.now_s()
        self._newest: Frame | None = None
        self._neutral_anew = threading.Event()
        self._questions: deque[str] = deque(
            maxlen=1
        )  # the newest that the user asked and nobody took yet

    def start(self) -> None:
        """Start the threads; the source is opened in its own."""
        self._crew.spawn("capture", self._capture)
        self._crew.spawn("vision", self._see)
        self._crew.spawn("recognition", self._recognise)

    @property
    def running(self) -> bool:
        """False once everything that the source gave was judged, or a stage died."""
        return self._crew.working and not self._stopping.is_set()

    def snapshot(self) -> Snapshot:
        """What the view shows now: no number of a stage that hangs, unless it may take its time."""
        now = replace(self.live_state.snapshot(), profile=self._spans.table())
        silent = "" if self._lossless else self._watchdog.hung_stage()
        return without_number(now, silent) if silent else now

    def run_verdicts(self) -> dict[str, RunVerdict]:
        """The verdict on the whole run of each emotion that was judged; final once the threads are joined."""
        return self._judge.run_verdicts()

    def set_emotion(self, emotion: str) -> None:
        """The user asks about another emotion from the next tick on."""
        self._questions.append(emotion)

    def show_ghosts(self, wanted: bool) -> None:
        """Whether the prototypes are played on the face."""
        self._judge.show_ghosts = wanted

    def person_and_bias(self) -> tuple[PersonTracker, tuple[float, float]]:
        """The person as they are known, and what is sure of their level; to be asked once the threads are joined."""
        return self._motion.person, self._judge.confirmed_bias

    def reset_neutral(self) -> None:
        """The user says that the face is neutral from now on."""
        self._neutral_anew.set()

    def stop(self) -> list[str]:
        """Stop and join every thread and release the source; names of threads that would not end come back."""
        self._halt()
        stuck = self._crew.join()
        self._tally.finish()
        self._judge.close()
        return stuck

    @property
    def failure(self) -> BaseException | None:
        """What a stage died of."""
        return self._crew.failure

    def raise_failure(self) -> None:
        """Raise what a stage died of."""
        self._crew.raise_failure()

    def _halt(self) -> None:
        self._stopping.set()
        self._source.interrupt()
        self._frames.close()
        self._ticks.close()

    def _capture(self) -> None:
        capture_frames(
            self._source, self._frames, self._lossless, self._tally, self._stopping, self._spans
        )

    def _see(self) -> None:
        try:
            while not self._stopping.is_set():
                frame = self._frames.take(TAKE_S)
                if frame is not None:
                    self._look_at(frame)
                elif self._frames.finished:
                    break
                else:
                    self._listen()
                self._watchdog.report_alive("vision")
        finally:
            self._watchdog.report_ended("vision")
            self._ticks.close()

    def _look_at(self, frame: Frame) -> None:
        self._heard_s = self._clock.now_s()
        self._spans.wait(FRAME_QUEUE, frame.index, frame.read_at_s, self._heard_s)
        if not self._lossless and self._heard_s - frame.read_at_s > STALE_S:
            self._tally.count_dropped(STALE)
            return
        face, landmarks = self._reader.read(frame)
        if self._neutral_anew.is_set():
            self._neutral_anew.clear()
            self._motion.person.reset()
        with self._spans.span(MOTION, frame.index):
            if face is not None and landmarks is not None:
                self._motion.add(landmarks, self._judge.is_clear_view(landmarks.quality, face.psr))
            due = self._ticker.due(frame.captured_at_s)
            seen = (frame.index, frame.read_at_s, frame.captured_at_s, face, landmarks)
            tick = make_tick(self._motion, *seen) if due else None
            self._pin_up(frame, face, landmarks)
        if tick is not None:
            trouble = self._source.signal_error
            self._hand_over(replace(tick, signal=False, signal_error=trouble) if trouble else tick)

    def _pin_up(self, frame: Frame, face: Face | None, landmarks: Landmarks | None) -> None:
        if self._newest is None:
            self.live_state.set_source_format(_given(frame, self._source.hz))
        self._newest = frame
        self._tally.count_processed()
        who = self._motion.person
        self.live_state.set_frame(
            frame,
            face,
            landmarks,
            PersonStatus(who.known_expressions, who.is_expected, who.neutral_reset),
        )

    def _listen(self) -> None:
        """No frame came: a live source that stays silent or is in trouble is told to the gauge, once every stride."""
        now_s, trouble = self._clock.now_s(), self._source.signal_error
        silent_s = now_s - self._heard_s
        if not self._live or (silent_s < SILENT_S and not trouble):
            return
        at_s = (self._newest.captured_at_s if self._newest is not None else 0.0) + silent_s
        if self._ticker.due(at_s):
            index = self._newest.index if self._newest is not None else -1
            self._hand_over(Tick(at_s, index, now_s, signal=False, signal_error=trouble))

    def _hand_over(self, tick: Tick) -> None:
        waiting = _Waiting(tick, self._clock.now_s())
        if self._lossless:
            while not self._stopping.is_set() and not self._ticks.put_blocking(waiting, TAKE_S):
                pass
        else:
            if self._ticks.put(waiting) is not None:
                self.live_state.count_skipped_tick()
                self._spans.event("skipped tick", "drops")

    def _recognise(self) -> None:
        try:
            while not self._ticks.finished:
                taken = self._ticks.take(TAKE_S)
                if taken is not None:
                    self._judge_tick(taken.tick, taken.since_s)
                self._watchdog.report_alive("recognition")
        finally:
            self._watchdog.report_ended("recognition")

    def _judge_tick(self, tick: Tick, since_s: float) -> None:
        began_s = self._clock.now_s()
        frame = (
            tick.frame if tick.signal else NO_FRAME
        )  # a silent source's tick is no reading of its last frame
        self._spans.wait(TICK_QUEUE, frame, since_s, began_s)
        if self._questions:
            question = self._questions.popleft()
            self._judge.ask(question)
            self.live_state.set_emotion(question)
        reading, ended_s = self._judge.read(tick), self._clock.now_s()
        found = make_verdict(tick, reading, ended_s)
        rows = tuple(make_verdict(tick, row, ended_s) for row in reading.rows)
        self._spans.judged(frame)
        self.live_state.set_verdict(found, self._judge.run_verdict(), rows, reading.ghosts)
        self._spans.event(found.state.value, "ticks", f"{found.emotion} at {found.at_s:.2f} s")
        for said in rows or (found,):
            self._on_verdict(said)
        if (
            reading.estimates and not self._lossless
        ):  # lossless waits instead, and repeats itself on any machine
            self._keep_pace(ended_s - began_s)

    def _keep_pace(self, took_s: float) -> None:
        self._budget.record(took_s)
        self._judge.steps, self._ticker.stride_s = self._budget.pace.steps, self._budget.stride_s
        self.live_state.set_pace_notice(self._budget.notice)


def _given(frame: Frame, hz: float) -> str:
    height, width = frame.image.shape[:2]
    return f"{width}x{height}" + (f" at {hz:.3g}/s" if hz else "")
