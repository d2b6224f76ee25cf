from __future__ import annotations

from itertools import pairwise

import pytest

from realtime.capture.live.media_clock import JUMP_S, PERIOD_S, WINDOW_S, MediaClock

HZ = 30.0


def due(clock: MediaClock, pictures: list[tuple[float, float]]) -> list[float]:
    """Return when pictures of (media time, arrival) are due."""
    return [clock.place(media_s, arrived_s)[1] for media_s, arrived_s in pictures]


def captured(clock: MediaClock, pictures: list[tuple[float, float]]) -> list[float]:
    return [clock.place(media_s, arrived_s)[0] for media_s, arrived_s in pictures]


def test_a_burst_is_spread_over_its_own_time() -> None:
    burst = [(media / HZ, 100.0) for media in range(60)]
    assert due(MediaClock(False), burst) == pytest.approx([100 + n / HZ for n in range(60)])


def test_segments_that_arrive_in_time_make_no_gap() -> None:
    pictures = [(n / HZ, 100 + 2.0 * (n // 60)) for n in range(180)]
    assert due(MediaClock(False), pictures) == pytest.approx([100 + n / HZ for n in range(180)])


def test_a_late_picture_delays_those_after_it_and_its_capture_time_stays_regular() -> None:
    pictures = [(0.0, 100.0), (0.1, 100.1), (0.2, 100.9), (0.3, 100.9)]
    assert due(MediaClock(False), pictures) == pytest.approx([100.0, 100.1, 100.9, 101.0])
    assert captured(MediaClock(False), pictures) == pytest.approx([100.0, 100.1, 100.2, 100.3])


def test_a_recording_keeps_its_own_times() -> None:
    assert captured(MediaClock(True), [(3.0, 100.0), (3.5, 100.1)]) == [3.0, 3.5]


def test_a_recording_waits_briefly_for_a_gap() -> None:
    pictures = [(0.0, 100.0), (60.0, 100.0), (60.1, 100.0)]
    assert due(MediaClock(True), pictures) == pytest.approx([100.0, 100 + JUMP_S, 100.1 + JUMP_S])


@pytest.mark.parametrize("jump_s", [-3600.0, -1.0, 5.0, 95_443.7])
def test_live_timestamps_that_jump_go_on_at_once(jump_s: float) -> None:
    before = [(n / HZ, 100 + n / HZ) for n in range(30)]
    after = [(jump_s + n / HZ, 100 + n / HZ) for n in range(30, 60)]
    clock = MediaClock(False)
    times = [clock.place(media_s, arrived_s) for media_s, arrived_s in before + after]
    steps = [later[0] - sooner[0] for sooner, later in pairwise(times)]
    assert steps == pytest.approx([PERIOD_S] * 59)
    assert [at for _, at in times] == pytest.approx([100 + n / HZ for n in range(60)], abs=0.01)


def test_a_gap_that_the_arrival_explains_is_no_jump() -> None:
    """A sender that pauses for ten seconds of its own time."""
    times = captured(MediaClock(False), [(0.0, 100.0), (0.1, 100.1), (10.1, 110.1)])
    assert times == pytest.approx([100.0, 100.1, 110.1])


def test_delay_that_is_never_needed_is_given_up() -> None:
    clock = MediaClock(False)
    clock.place(0.0, 100.0)
    clock.place(0.1, 103.1)  # a stall of three seconds, after which all arrives at once
    delays = []
    for n in range(int(3 * WINDOW_S * HZ)):
        media_s = 0.1 + n / HZ
        arrived_s = max(103.1, 100.0 + media_s)
        delays.append(clock.place(media_s, arrived_s)[1] - 100.0 - media_s)
    assert delays[0] == pytest.approx(3.0)
    assert delays[-1] < 0.2
    assert clock.delayed_s(0.0) == pytest.approx(3.0)
    assert clock.delayed_s(200.0) == 0.0


def test_delay_that_segments_need_is_kept() -> None:
    clock = MediaClock(False)
    late = []
    for n in range(int(6 * WINDOW_S * HZ)):
        arrived_s = 100 + 2.0 * (n // 60)  # two seconds of video every two seconds
        late.append(clock.place(n / HZ, arrived_s)[1] - n / HZ - 100)
    assert late[-1] == pytest.approx(late[0], abs=0.01)
    assert clock.delayed_s(0.0) == 0.0
