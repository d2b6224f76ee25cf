"""Thread-safe live state of a run, from which the view takes snapshots."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from realtime.capture.frame_counter import FrameCounter
from realtime.core.clock import Clock
from realtime.core.messages import Face, Frame, Landmarks, PersonStatus, State, Verdict
from realtime.core.snapshot import Ghosts, Rates, RunSetting, RunVerdict, Snapshot
from realtime.runtime.meters import AgeMeter, RateMeter

HISTORY_S = 10.0
HISTORY_CAPACITY = 1000  # verdicts; bounds memory for very fast ticks


class LiveState:
    """Newest frame, face, verdict, counts and notices. Any thread may call any method."""

    def __init__(self, setting: RunSetting, counter: FrameCounter, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._counter = counter
        self._snapshot = Snapshot(setting)
        self._pace_notice = ""
        self._history: deque[Verdict] = deque(maxlen=HISTORY_CAPACITY)
        self._captured, self._processed = RateMeter(), RateMeter()
        self._ages = AgeMeter()
        self._started_s = clock.now_s()

    def set_frame(
        self,
        frame: Frame,
        face: Face | None,
        landmarks: Landmarks | None,
        person: PersonStatus | None,
    ) -> None:
        """Set the newest processed frame and what was found in it."""
        with self._lock:
            self._snapshot = replace(
                self._snapshot, frame=frame, face=face, landmarks=landmarks, person=person
            )

    def set_not_described(self, faces: Mapping[str, int]) -> None:
        """Set how many faces were not described, by reason."""
        with self._lock:
            self._snapshot = replace(self._snapshot, not_described=faces)

    def set_verdict(
        self,
        verdict: Verdict,
        run_verdict: RunVerdict,
        rows: tuple[Verdict, ...] = (),
        ghosts: Ghosts | None = None,
    ) -> None:
        """Add a verdict to the history. Verdicts without a signal do not count as ages."""
        if verdict.state is not State.NO_SIGNAL:
            self._ages.add(verdict.age_ms)
        with self._lock:
            self._history.append(verdict)
            while self._history[0].at_s < verdict.at_s - HISTORY_S:
                self._history.popleft()
            history = tuple(self._history)
            self._snapshot = replace(
                self._snapshot,
                verdict=verdict,
                run_verdict=run_verdict,
                history=history,
                rows=rows,
                ghosts=ghosts,
            )

    def count_skipped_tick(self) -> None:
        """Count a tick that a newer one replaced before it was judged."""
        with self._lock:
            self._snapshot = replace(self._snapshot, skipped_ticks=self._snapshot.skipped_ticks + 1)

    def set_emotion(self, emotion: str) -> None:
        """Set the judged emotion and clear the history of the previous one."""
        with self._lock:
            self._history.clear()
            setting = replace(self._snapshot.setting, emotion=emotion)
            self._snapshot = replace(
                self._snapshot, setting=setting, history=(), rows=(), ghosts=None, run_verdict=None
            )

    def set_source_format(self, text: str) -> None:
        """Set the size and rate that the source delivers."""
        with self._lock:
            self._snapshot = replace(self._snapshot, source_format=text)

    def set_notice(self, text: str) -> None:
        """Set the notice line."""
        with self._lock:
            self._snapshot = replace(self._snapshot, notice=text)

    def set_pace_notice(self, text: str) -> None:
        """Set the notice of the latency budget, shown beside the other; empty at full pace."""
        with self._lock:
            self._pace_notice = text

    def mean_rates(self) -> Rates:
        """Return the mean frame rates of the run so far."""
        counts, elapsed_s = self._counter.counts(), self._clock.now_s() - self._started_s
        return (
            Rates(counts.captured / elapsed_s, counts.processed / elapsed_s)
            if elapsed_s > 0
            else Rates()
        )

    def snapshot(self) -> Snapshot:
        """Return the state at this moment."""
        now_s, counts = self._clock.now_s(), self._counter.counts()
        with self._lock:
            rates = Rates(
                self._captured.hz(now_s, counts.captured),
                self._processed.hz(now_s, counts.processed),
            )
            now, notice = (
                self._snapshot,
                "; ".join(filter(None, (self._snapshot.notice, self._pace_notice))),
            )
        return replace(now, counts=counts, rates=rates, ages=self._ages.ages(), notice=notice)
