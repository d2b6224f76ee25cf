"""Captured is processed plus dropped, by reason, whatever a camera does."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_run import picture

from realtime.capture.capture_loop import capture_frames
from realtime.capture.frame_counter import FrameCounter
from realtime.capture.live.reconnect import ReconnectingSource
from realtime.core.errors import SourceLost
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Frame
from realtime.testing.fake_camera import FakeCamera, Nothing, Pause, Stamped, Step, Unplug

LONG_S = 30.0
BLACK = np.zeros((48, 64, 3), np.uint8)


class SteppedClock:
    """Clock that only waiting advances."""

    def __init__(self) -> None:
        self._now_s = 0.0

    def now_s(self) -> float:
        return self._now_s

    def wait_until(self, at_s: float, stop: threading.Event) -> None:
        self._now_s = max(self._now_s, at_s)


STEPS: st.SearchStrategy[Step] = st.one_of(
    st.integers(0, 9).map(picture),
    st.just(BLACK),
    st.integers(0, 9).map(lambda number: picture(number)[:24]),
    st.builds(Stamped, st.integers(0, 9).map(picture), st.floats(-100, 100)),
    st.builds(Pause, st.floats(0, 4)),
    st.builds(Unplug, st.floats(0, 20)),
    st.builds(Nothing, st.floats(0, 3)),
    st.builds(SourceLost, st.just("cut")),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=30), st.booleans())
def test_captured_is_processed_plus_dropped_whatever_the_camera_does(
    script: list[Step], lossless: bool
) -> None:
    clock = SteppedClock()
    camera = ReconnectingSource(FakeCamera(script, clock), clock)
    mailbox: Mailbox[Frame] = Mailbox()
    counter, stop = FrameCounter(), threading.Event()
    thread = threading.Thread(
        target=capture_frames, args=(camera, mailbox, lossless, counter, stop), daemon=True
    )
    thread.start()
    frames: list[Frame] = []
    while not mailbox.finished:
        frame = mailbox.take(LONG_S)
        if frame is not None:
            frames.append(frame)
            counter.count_processed()
    thread.join(LONG_S)
    delivered = sum(isinstance(step, (np.ndarray, Stamped)) for step in script)
    counts = counter.counts()
    assert counter.in_flight == 0
    assert counts.captured == counts.processed + sum(counts.dropped.values())
    assert counts.captured - counts.dropped.get("corrupt", 0) == delivered
    assert all(a.captured_at_s < b.captured_at_s and a.index < b.index for a, b in pairwise(frames))
