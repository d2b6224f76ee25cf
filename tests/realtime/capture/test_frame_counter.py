from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.capture.frame_counter import STOPPED, FrameCounter


def test_a_frame_counts_once_its_fate_is_known():
    tally = FrameCounter()
    tally.count_captured()
    assert (tally.counts().captured, tally.in_flight) == (0, 1)
    tally.count_processed()
    assert (tally.counts().captured, tally.counts().processed, tally.in_flight) == (1, 1, 0)


def test_what_the_source_skipped_is_captured_and_dropped():
    tally = FrameCounter()
    tally.count_skipped("corrupt", 3)
    assert (tally.counts().captured, tally.counts().dropped) == (3, {"corrupt": 3})


def test_what_is_on_its_way_at_the_end_was_stopped():
    tally = FrameCounter()
    for _ in range(3):
        tally.count_captured()
    tally.count_processed()
    tally.finish()
    tally.finish()
    assert (tally.counts().captured, tally.counts().dropped, tally.in_flight) == (
        3,
        {STOPPED: 2},
        0,
    )


def test_a_run_without_loss_names_no_reason():
    tally = FrameCounter()
    tally.finish()
    assert tally.counts().dropped == {}


@pytest.mark.parametrize(
    "settle", [FrameCounter.count_processed, lambda tally: tally.count_dropped("stale")]
)
def test_a_frame_has_one_fate(settle):
    tally = FrameCounter()
    tally.count_captured()
    tally.count_processed()
    with pytest.raises(ValueError, match="1 frame too many: all 1 captured"):
        settle(tally)
    assert tally.counts().captured == 1


@given(st.lists(st.sampled_from(["arrive", "process", "stale", "newer_frame", "corrupt"])))
def test_captured_is_processed_and_dropped_at_any_instant(steps):
    tally = FrameCounter()
    arrived = fates = 0
    for step in steps:
        if step == "arrive":
            tally.count_captured()
            arrived += 1
        elif step == "corrupt":
            tally.count_skipped(step)
            arrived, fates = arrived + 1, fates + 1
        elif fates < arrived:
            tally.count_processed() if step == "process" else tally.count_dropped(step)
            fates += 1
        counts = tally.counts()
        assert counts.captured == counts.processed + sum(counts.dropped.values()) == fates
        assert tally.in_flight == arrived - fates
    tally.finish()
    assert tally.counts().captured == arrived


def test_counts_are_whole_while_threads_count():
    tally = FrameCounter()
    done = threading.Event()

    def work() -> None:
        for number in range(500):
            tally.count_captured()
            tally.count_processed() if number % 2 else tally.count_dropped("stale")

    threads = [threading.Thread(target=work) for _ in range(4)]
    watcher_saw: list[int] = []

    def watch() -> None:
        while not done.is_set():
            watcher_saw.append(
                tally.counts().captured
            )  # Counts refuses to be made where the sum is wrong

    watcher = threading.Thread(target=watch)
    for thread in (*threads, watcher):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    watcher.join()
    assert watcher_saw == sorted(watcher_saw)
    assert (tally.counts().captured, tally.counts().processed) == (2000, 1000)
