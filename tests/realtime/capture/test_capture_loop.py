from __future__ import annotations

import threading
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.capture.capture_loop import capture_frames
from realtime.capture.frame_counter import FrameCounter
from realtime.core.clock import SystemClock
from realtime.core.errors import CameraNotFound, SourceLost
from realtime.core.mailbox import Mailbox
from realtime.core.messages import Frame
from realtime.testing.fake_camera import FakeCamera, Freeze

LONG_S = 10.0


class Run:
    """One capture worker over a script, and all that is around it."""

    def __init__(self, script, clock, lossless: bool = False) -> None:
        self.camera = FakeCamera(script, clock)
        self.mailbox: Mailbox[Frame] = Mailbox()
        self.tally = FrameCounter()
        self.stop = threading.Event()
        self.lossless = lossless
        self.error: BaseException | None = None

    def here(self) -> Run:
        capture_frames(self.camera, self.mailbox, self.lossless, self.tally, self.stop)
        return self

    def thread(self) -> threading.Thread:
        thread = threading.Thread(target=self.here, daemon=True)
        thread.start()
        return thread

    def take_all(self) -> list[Frame]:
        frames = []
        while not self.mailbox.finished:
            frame = self.mailbox.take(LONG_S)
            if frame is not None:
                frames.append(frame)
                self.tally.count_processed()
            elif not self.mailbox.finished:
                pytest.fail("the capture worker neither gives a frame nor ends")
        return frames


def frames_at(image, *times_s: float) -> list[Frame]:
    return [Frame(index, at_s, at_s, image) for index, at_s in enumerate(times_s)]


def test_live_the_newest_wins_and_the_others_are_counted(clock, image):
    run = Run(frames_at(image, 1.0, 2.0, 3.0), clock).here()
    assert [frame.index for frame in run.take_all()] == [2]
    counts = run.tally.counts()
    assert (counts.captured, counts.processed, counts.dropped) == (3, 1, {"newer_frame": 2})


def test_lossless_every_frame_gets_through(clock, image):
    run = Run(frames_at(image, *range(50)), clock, lossless=True)
    thread = run.thread()
    assert [frame.index for frame in run.take_all()] == list(range(50))
    thread.join(LONG_S)
    assert (run.tally.counts().captured, run.tally.counts().dropped) == (50, {})


@pytest.mark.parametrize("lossless", [False, True])
def test_no_frame_is_handed_on_twice_or_out_of_order(clock, image, lossless):
    first, second, third = frames_at(image, 1.0, 2.0, 3.0)
    same_time = Frame(3, 3.0, 9.0, image)
    run = Run(
        [first, second, second, first, third, same_time, Frame(4, 2.5, 9.0, image)], clock, lossless
    )
    thread = run.thread()
    handed_on = run.take_all()
    thread.join(LONG_S)
    assert handed_on == [frame for frame in (first, second, third) if frame in handed_on]
    dropped = run.tally.counts().dropped
    assert (dropped["repeated"], dropped["back_in_time"]) == (2, 2)
    assert run.tally.counts().captured == 7


def test_a_frame_that_goes_back_is_measured_from_the_last_good_one(clock, image):
    script = [Frame(0, 5.0, 5.0, image), Frame(1, 1.0, 6.0, image), Frame(2, 2.0, 7.0, image)]
    run = Run(script, clock).here()
    assert run.take_all() == script[:1]
    assert run.tally.counts().dropped == {"back_in_time": 2}


def test_the_source_is_closed_and_so_is_the_mailbox_at_the_end(clock, image):
    run = Run([image], clock).here()
    assert run.camera.closed
    assert run.mailbox.closed


def test_an_error_passes_through_after_closing(clock, image):
    run = Run([image, SourceLost("unplugged")], clock)
    with pytest.raises(SourceLost, match="unplugged"):
        run.here()
    assert run.camera.closed
    assert len(run.take_all()) == 1
    assert run.mailbox.finished


def test_a_source_that_does_not_open_closes_the_mailbox(clock, monkeypatch):
    run = Run([], clock)

    def refuse() -> None:
        raise CameraNotFound("no camera 0")

    monkeypatch.setattr(run.camera, "open", refuse)
    with pytest.raises(CameraNotFound):
        run.here()
    assert run.mailbox.finished


class Skipping(FakeCamera):
    """Skips one corrupt frame before each delivered one, and two at the end or an error."""

    def read(self) -> Frame | None:
        self.skipped["corrupt"] += 1
        try:
            frame = super().read()
        except SourceLost:
            self.skipped["corrupt"] += 1
            raise
        self.skipped["corrupt"] += frame is None
        return frame


@pytest.mark.parametrize("ending", [[], [SourceLost("unplugged")]])
def test_what_the_source_skips_is_counted_to_the_end(clock, image, ending):
    run = Run([], clock)
    run.camera = Skipping([*frames_at(image, 1.0, 2.0), *ending], clock)
    try:
        run.here()
    except SourceLost:
        assert ending
    assert run.tally.counts().dropped == {"corrupt": 4, "newer_frame": 1}
    assert run.tally.counts().captured == 5
    assert run.camera.skipped == Counter(corrupt=4)


def test_stop_ends_a_read_that_waits(image):
    run = Run([image, Freeze()], SystemClock())
    thread = run.thread()
    assert run.mailbox.take(LONG_S) is not None
    run.stop.set()
    run.camera.interrupt()
    thread.join(LONG_S)
    assert not thread.is_alive()
    assert run.mailbox.finished


def test_stop_ends_a_wait_for_room_and_counts_the_frame(clock, image):
    run = Run(frames_at(image, 1.0, 2.0), clock, lossless=True)
    thread = run.thread()
    run.stop.set()
    thread.join(LONG_S)
    assert not thread.is_alive()
    run.tally.finish()
    counts = run.tally.counts()
    assert counts.dropped == ({"stopped": counts.captured} if counts.captured else {})


@pytest.mark.parametrize("lossless", [False, True])
def test_a_mailbox_that_others_closed_ends_the_worker(clock, image, lossless):
    run = Run(frames_at(image, 1.0, 2.0, 3.0), clock, lossless)
    run.mailbox.close()
    run.here()
    assert run.tally.counts().dropped == {"stopped": 1}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12), st.booleans())
def test_captured_is_processed_and_dropped_whatever_comes(pairs, lossless):
    image = np.zeros((2, 2, 3), np.uint8)
    run = Run(
        [Frame(index, float(at_s), 0.0, image) for index, at_s in pairs], SystemClock(), lossless
    )
    thread = run.thread()
    frames = run.take_all()
    thread.join(LONG_S)
    counts = run.tally.counts()
    assert run.tally.in_flight == 0
    assert counts.captured == len(pairs) == len(frames) + sum(counts.dropped.values())
    assert all(a.index < b.index and a.captured_at_s < b.captured_at_s for a, b in pairwise(frames))
