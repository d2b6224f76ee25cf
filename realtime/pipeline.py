"""The pipeline: wires the stages and owns the threads. It holds no mathematics.

capture --frames--> vision (faces, landmarks, motion) --ticks--> recognition (networks, verdict) --> board, record

Both hand-overs hold one item. Live, the newest wins and what it displaced is counted; lossless, the giver waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from realtime.board import Board
from realtime.capture.capture import run_capture
from realtime.capture.mailbox import Mailbox
from realtime.capture.source import Source
from realtime.capture.tally import STALE, Tally
from realtime.clock import Clock
from realtime.crew import Crew
from realtime.landmarks.reader import FaceReader
from realtime.motion.motion import Motion, tick_of
from realtime.motion.ticker import Ticker
from realtime.recognition.budget import Budget
from realtime.snapshot import Overall, Setting, Snapshot
from realtime.values import Frame, Tick, Verdict
from realtime.verdict.judge import Judge, verdict
from realtime.watchdog import Watchdog, hushed

TAKE_S = 0.1  # how long a stage waits before it looks whether it should stop
STALE_S = 0.5  # a frame older than this is not of now, and is never judged
SILENT_S = 1.0  # a live source without a frame for this long has no signal


class Pipeline:
    """One run: `start`, `snapshot` as often as the view likes, `stop`. Made and stopped by the main thread."""

    def __init__(
        self,
        setting: Setting,
        source: Source,
        reader: FaceReader,
        motion: Motion,
        judge: Judge,
        clock: Clock,
        *,
        lossless: bool,
        on_verdict: Callable[[Verdict], None],
    ) -> None:
        self._source, self._reader, self._motion, self._judge = source, reader, motion, judge
        self._clock, self._lossless, self._on_verdict = clock, lossless, on_verdict
        self._live = source.kind in ("camera", "stream")
        self._stopping = threading.Event()
        self._tally = Tally()
        self.board = Board(setting, self._tally, clock)
        self._frames: Mailbox[Frame] = Mailbox()
        self._ticks: Mailbox[Tick] = Mailbox()
        self._crew = Crew(self._halt)
        self._ticker = Ticker(motion.timing.stride_s)
        self._watchdog = Watchdog(clock)
        self._budget = Budget(judge.steps, motion.timing.stride_s)
        self._heard_s = clock.now_s()
        self._newest: Frame | None = None
        self._neutral_anew = threading.Event()

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
        silent = "" if self._lossless else self._watchdog.silent()
        return hushed(self.board.snapshot(), silent) if silent else self.board.snapshot()

    def overall(self) -> Overall:
        """The verdict on the whole run; final once the threads are joined."""
        return self._judge.overall()

    def take_neutral_anew(self) -> None:
        """The user says that the face is neutral from now on."""
        self._neutral_anew.set()

    def stop(self) -> list[str]:
        """Stop and join every thread and release the source; names of threads that would not end come back."""
        self._halt()
        stuck = self._crew.join()
        self._tally.finish()
        self._judge.close()
        return stuck

    def raise_failure(self) -> None:
        """Raise what a stage died of."""
        self._crew.raise_failure()

    def _halt(self) -> None:
        self._stopping.set()
        self._source.interrupt()
        self._frames.close()
        self._ticks.close()

    def _capture(self) -> None:
        run_capture(self._source, self._frames, self._lossless, self._tally, self._stopping)

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
                self._watchdog.round("vision")
        finally:
            self._watchdog.ended("vision")
            self._ticks.close()

    def _look_at(self, frame: Frame) -> None:
        self._heard_s = self._clock.now_s()
        if not self._lossless and self._heard_s - frame.read_at_s > STALE_S:
            self._tally.dropped(STALE)
            return
        face, landmarks = self._reader.read(frame)
        if self._neutral_anew.is_set():
            self._neutral_anew.clear()
            self._motion.person.forget()
        if landmarks is not None:
            self._motion.see(landmarks, self._judge.clear(landmarks.quality))
        self._newest = frame
        self._tally.processed()
        self.board.seen(frame, face, landmarks)
        if self._ticker.due(frame.captured_at_s):
            tick = tick_of(self._motion, frame.index, frame.read_at_s, frame.captured_at_s, face, landmarks)
            trouble = self._source.trouble
            self._hand_over(replace(tick, signal=False, trouble=trouble) if trouble else tick)

    def _listen(self) -> None:
        """No frame came: a live source that stays silent or is in trouble is told to the gauge, once every stride."""
        now_s, trouble = self._clock.now_s(), self._source.trouble
        silent_s = now_s - self._heard_s
        if not self._live or (silent_s < SILENT_S and not trouble):
            return
        at_s = (self._newest.captured_at_s if self._newest is not None else 0.0) + silent_s
        if self._ticker.due(at_s):
            index = self._newest.index if self._newest is not None else -1
            self._hand_over(Tick(at_s, index, now_s, signal=False, trouble=trouble))

    def _hand_over(self, tick: Tick) -> None:
        if self._lossless:
            while not self._stopping.is_set() and not self._ticks.put_blocking(tick, TAKE_S):
                pass
        else:
            if self._ticks.put(tick) is not None:
                self.board.skipped_tick()

    def _recognise(self) -> None:
        try:
            while not self._ticks.finished:
                tick = self._ticks.take(TAKE_S)
                if tick is not None:
                    self._judge_tick(tick)
                self._watchdog.round("recognition")
        finally:
            self._watchdog.ended("recognition")

    def _judge_tick(self, tick: Tick) -> None:
        began_s = self._clock.now_s()
        reading = self._judge.read(tick)
        ended_s = self._clock.now_s()
        found = verdict(self._judge.emotion, tick, reading, ended_s)
        self.board.judged(found, self._judge.overall())
        self._on_verdict(found)
        if reading.estimates and not self._lossless:  # lossless waits instead, and repeats itself on any machine
            self._keep_pace(ended_s - began_s)

    def _keep_pace(self, took_s: float) -> None:
        self._budget.took(took_s)
        self._judge.steps, self._ticker.stride_s = self._budget.pace.steps, self._budget.stride_s
        self.board.pace(self._budget.notice)
