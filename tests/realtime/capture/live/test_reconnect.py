from __future__ import annotations

import threading

import numpy as np
import pytest

from realtime.capture.live.reconnect import LONGEST_WAIT_S, Backoff, ReconnectingSource
from realtime.core.clock import SystemClock
from realtime.core.errors import CameraNotFound, SourceLost
from realtime.testing.fake_camera import FakeCamera, Freeze, Pause, Stamped, Unplug

LONG_S = 10.0


def pictures(*levels: int) -> list[np.ndarray]:
    return [np.full((48, 64, 3), level, np.uint8) for level in levels]


def test_what_was_never_there_is_an_error(clock):
    camera = FakeCamera([Unplug(5.0)], clock)
    with pytest.raises(SourceLost):
        camera.read()
    with pytest.raises(CameraNotFound):
        ReconnectingSource(camera, clock).open()


def test_a_loss_is_got_over_and_frames_count_on(clock):
    first, second, third = pictures(50, 60, 70)
    with ReconnectingSource(
        FakeCamera([first, second, SourceLost("gone"), Pause(0.1), third], clock), clock
    ) as camera:
        frames = list(iter(camera.read, None))
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert camera.reopened == 1


def test_trouble_is_told_while_it_lasts_and_over_with_the_first_good_picture(clock):
    first, second = pictures(50, 60)
    told: list[str] = []
    with ReconnectingSource(FakeCamera([first, Unplug(6.0), second], clock), clock) as camera:
        wait = clock.wait_until

        def listening(at_s: float, stop: threading.Event) -> None:
            told.append(camera.signal_error)
            wait(at_s, stop)

        clock.wait_until = listening
        assert camera.read().index == 0
        assert camera.read().index == 1
        assert camera.signal_error == ""
    assert told[0] == ""  # it may still only be late
    assert "gave no picture for 2 s" in told[1]
    assert "is not there. Plug it in again" in told[-1]


def test_waits_double_up_to_the_longest_and_begin_again_after_reset(clock):
    backoff, stop = Backoff(clock), threading.Event()
    for _ in range(6):
        backoff.wait(stop)
    backoff.reset()
    backoff.wait(stop)
    waits = np.diff([1000.0, *clock.waits])
    assert waits.tolist() == [0.25, 0.5, 1.0, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S, 0.25]


def test_what_gives_one_picture_and_goes_is_not_visited_ever_faster(clock):
    script = [step for level in range(20, 30) for step in (pictures(level)[0], SourceLost("cut"))]
    with ReconnectingSource(FakeCamera(script, clock), clock) as camera:
        assert len(list(iter(camera.read, None))) == 10
    assert clock.waits[-1] - clock.waits[-2] == LONGEST_WAIT_S


def test_after_a_good_while_the_first_wait_is_short_again(clock):
    steady = [step for level in range(20, 220) for step in (pictures(level)[0], Pause(0.1))]
    script = [pictures(10)[0], *[SourceLost("cut")] * 5, *steady, SourceLost("cut")]
    with ReconnectingSource(FakeCamera(script, clock), clock) as camera:
        list(iter(camera.read, None))
    assert clock.waits[-1] - clock.waits[-2] == pytest.approx(0.25)


@pytest.mark.parametrize("script", [[Freeze()], [Unplug(1e9)], [SourceLost("gone"), Unplug(1e9)]])
def test_interrupt_ends_every_wait(script):
    camera = ReconnectingSource(FakeCamera([*pictures(50), *script], SystemClock()), SystemClock())
    camera.open()
    assert camera.read() is not None
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(camera.read()), daemon=True)
    thread.start()
    camera.interrupt()
    thread.join(LONG_S)
    assert results == [None]


def test_skipped_frames_of_the_source_and_its_own_are_counted_together(clock):
    camera = FakeCamera([*pictures(50, 50, 60)], clock)
    camera.skipped["corrupt"] += 2  # before it was wrapped: not ours to count
    source = ReconnectingSource(camera, clock)
    with source:
        source.read()
        camera.skipped["corrupt"] += 3
        source.read()
    assert source.skipped == {"repeated": 1, "corrupt": 3}


def test_a_fault_of_ours_is_not_taken_for_a_loss(clock):
    with (
        ReconnectingSource(FakeCamera([ZeroDivisionError("ours")], clock), clock) as camera,
        pytest.raises(ZeroDivisionError),
    ):
        camera.read()


def test_a_new_size_is_taken_once_it_holds_and_known(clock):
    small = [np.full((24, 32, 3), 50 + level, np.uint8) for level in range(20)]
    script = [step for image in [*pictures(50, 60), *small] for step in (image, Pause(0.1))]
    with ReconnectingSource(FakeCamera(script, clock), clock) as camera:
        frames = list(iter(camera.read, None))
    assert [frame.image.shape[0] for frame in frames[:3]] == [48, 48, 24]
    assert camera.skipped == {"resized": 5}
    assert camera.size_px == (32, 24)


def test_times_that_begin_anew_go_on_from_where_they_were(clock):
    images = pictures(*range(50, 90))
    script = [
        step
        for number, image in enumerate(images)
        for step in (Stamped(image, 0.0 if number < 10 else -500.0), Pause(0.1))
    ]
    with ReconnectingSource(FakeCamera(script, clock), clock) as camera:
        times = [frame.captured_at_s for frame in iter(camera.read, None)]
    assert camera.skipped == {"jumped": 5}
    assert np.diff(times).tolist() == pytest.approx([0.1] * 9 + [0.6] + [0.1] * 24)


def test_what_opens_again_may_give_another_rate(clock):
    camera = FakeCamera([*pictures(50), SourceLost("gone"), *pictures(60)], clock)
    with ReconnectingSource(camera, clock) as source:
        source.read()
        camera.hz = 15.0
        source.read()
    assert source.hz == 15.0


def test_interrupted_before_it_opened_again_it_was_not_reopened(clock):
    source = ReconnectingSource(FakeCamera([*pictures(50), SourceLost("gone")], clock), clock)
    clock.wait_until = lambda at_s, stop: source.interrupt()
    with source:
        source.read()
        assert source.read() is None
    assert source.reopened == 0


def test_it_is_closed_before_it_is_opened_again(clock, monkeypatch):
    camera = FakeCamera([*pictures(50), SourceLost("gone"), *pictures(60)], clock)
    calls: list[str] = []
    for name in ("open", "close"):
        real = getattr(camera, name)
        monkeypatch.setattr(
            camera, name, lambda name=name, real=real: (calls.append(name), real())[1]
        )
    with ReconnectingSource(camera, clock) as source:
        list(iter(source.read, None))
    assert calls == ["open", "close", "open", "close"]
