"""Thread-safe live state of a run, from which the view takes snapshots."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace

from realtime.capture.frame_counter import FrameCounter
from realtime.core.clock import Clock
from realtime.core.messages import Frame, State, Verdict
from realtime.core.snapshot import FaceSnapshot, Ghosts, Rates, RunSetting, RunVerdict, Snapshot
from realtime.runtime.gauge import Step
from realtime.runtime.meters import AgeMeter, RateMeter

HISTORY_S = 10.0
HISTORY_CAPACITY = 1000  # verdicts; bounds memory for very fast ticks
ALONE = 0  # in place of the number of a face that has none


class LiveState:
    """Newest frame, face, verdict, counts and notices. Any thread may call any method."""

    def __init__(self, setting: RunSetting, counter: FrameCounter, clock: Clock) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._counter = counter
        self._snapshot = Snapshot(setting)
        self._pace_notice = ""
        self._faces: dict[int, FaceSnapshot] = {}  # all there ever were, by number
        self._there: tuple[int, ...] = ()
        self._captured, self._processed = RateMeter(), RateMeter()
        self._ages = AgeMeter()
        self._started_s = clock.now_s()

    def set_frame(self, frame: Frame, steps: Sequence[Step]) -> None:
        """Set the newest processed frame and the faces that were found in it."""
        with self._lock:
            self._snapshot = replace(self._snapshot, frame=frame)
            self._there = tuple(step.face_id or ALONE for step in steps)
            for number, step in zip(self._there, steps, strict=True):
                self._faces[number] = replace(
                    self._face(number), face=step.face, landmarks=step.landmarks, person=step.person
                )

    def set_missed(self, not_described: Mapping[str, int], searches: Mapping[str, int]) -> None:
        """Set how many faces were not described and how many searches not used, by reason."""
        with self._lock:
            self._snapshot = replace(
                self._snapshot, not_described=not_described, searches_unused=searches
            )

    def set_verdict(
        self,
        verdict: Verdict,
        run_verdict: RunVerdict,
        rows: tuple[Verdict, ...] = (),
        ghosts: Ghosts | None = None,
    ) -> None:
        """Add a verdict to its face's history. Without a signal it does not count as an age."""
        if verdict.state is not State.NO_SIGNAL:
            self._ages.add(verdict.age_ms)
        with self._lock:
            number = verdict.face or ALONE
            before = self._face(number)
            oldest_s = verdict.at_s - HISTORY_S
            history = [each for each in before.history if each.at_s >= oldest_s]
            self._faces[number] = replace(
                before,
                verdict=verdict,
                run_verdict=run_verdict,
                history=(*history[1 - HISTORY_CAPACITY :], verdict),
                rows=rows,
                ghosts=ghosts,
            )
            self._there = self._there or (number,)

    def count_skipped_tick(self) -> None:
        """Count a tick that a newer one replaced before it was judged."""
        with self._lock:
            self._snapshot = replace(self._snapshot, skipped_ticks=self._snapshot.skipped_ticks + 1)

    def set_emotion(self, emotion: str) -> None:
        """Set the judged emotion and clear the history of the previous one."""
        with self._lock:
            setting = replace(self._snapshot.setting, emotion=emotion)
            self._snapshot = replace(self._snapshot, setting=setting)
            for number, face in self._faces.items():
                self._faces[number] = replace(
                    face, history=(), rows=(), ghosts=None, run_verdict=None
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
            now = self._snapshot
            faces = [self._face(number) for number in self._there]
            notice = "; ".join(filter(None, (now.notice, self._pace_notice)))
        now = replace(now, counts=counts, rates=rates, ages=self._ages.ages(), notice=notice)
        return _with_faces(now, faces)

    def _face(self, number: int) -> FaceSnapshot:
        return self._faces.get(number) or FaceSnapshot(number)


def _with_faces(snapshot: Snapshot, faces: Sequence[FaceSnapshot]) -> Snapshot:
    """Return the snapshot with its faces, the first one in its own fields."""
    if not faces:
        return snapshot
    first = faces[0]
    return replace(
        snapshot,
        face=first.face,
        landmarks=first.landmarks,
        person=first.person,
        verdict=first.verdict,
        history=first.history,
        run_verdict=first.run_verdict,
        rows=first.rows,
        ghosts=first.ghosts,
        faces=() if first.id == ALONE else tuple(faces),
    )
