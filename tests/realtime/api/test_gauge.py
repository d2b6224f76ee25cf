"""The gauge of a program: frame by frame, several at once, and nothing left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import cv2
import numpy as np
import pytest

from realtime.api.gauge import Gauge
from realtime.api.reading import Reading
from realtime.capture import demo
from realtime.capture.playback import DEMO_NEUTRAL_AT_S
from realtime.core.errors import UsageError

IMAGE = np.full((120, 160, 3), 90, np.uint8)
LAST_S = 4.0  # of the clip; the expression begins at 2.4 s

Pair = tuple[np.ndarray, float]


@pytest.fixture(scope="module")
def frames() -> list[Pair]:
    device = cv2.VideoCapture(str(demo.CLIP))
    pairs: list[Pair] = []
    while not pairs or pairs[-1][1] < LAST_S:
        at_s = len(pairs) / 30
        pairs.append((device.read()[1], at_s))
    device.release()
    return pairs


def ageless(readings: Iterator[Reading | None]) -> list[Reading]:
    """Return the readings, which differ from run to run in nothing but their age."""
    return [replace(each, age_ms=0.0) for each in readings if each is not None]


def run(emotion: str, frames: list[Pair]) -> list[Reading]:
    with Gauge(emotion) as gauge:
        return ageless(gauge.step(*pair) for pair in frames)


def test_a_reading_at_each_tick_with_all_that_it_needs(frames: list[Pair]) -> None:
    with Gauge("surprise", neutral_at_s=DEMO_NEUTRAL_AT_S) as gauge:
        readings = ageless(gauge.step(*pair) for pair in frames)
    assert 15 <= len(readings) <= 22
    judged = [each for each in readings if each.p_genuine is not None]
    assert judged
    for each in judged:
        assert each.points_px is not None
        assert each.pb is not None
        assert each.pb.shape[1] == 64
        x, y, width, height = each.box_px or (0, 0, 0, 0)
        inside = (each.points_px >= (x - width, y - height)).all()
        assert inside
        assert (each.points_px <= (x + 2 * width, y + 2 * height)).all()
        assert np.isfinite(each.pb).all()
        assert each.pb.any()
    assert all(each.age_ms == 0 and each.missed == 0 for each in readings)


def test_with_all_a_reading_holds_a_row_of_each_emotion(frames: list[Pair]) -> None:
    last = run("all", frames)[-1]
    assert {row.emotion for row in last.rows} >= {"anger", "fear", "surprise"}
    (headline,) = (row for row in last.rows if row.emotion == "any")
    assert replace(headline, rows=last.rows, age_ms=last.age_ms) == last


def test_two_gauges_taking_turns_give_what_each_gives_alone(frames: list[Pair]) -> None:
    with Gauge("surprise") as one, Gauge("any") as other:
        turns = [(one.step(*pair), other.step(*pair)) for pair in frames]
    assert ageless(first for first, _ in turns) == run("surprise", frames)
    assert ageless(second for _, second in turns) == run("any", frames)


def test_gauges_in_threads_of_their_own_give_the_same(frames: list[Pair]) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(run, ["surprise", "surprise"], [frames, frames]))
    assert both[0] == both[1] == run("surprise", frames)


def test_it_starts_no_thread(frames: list[Pair]) -> None:
    before = threading.active_count()
    with Gauge() as gauge:
        gauge.step(*frames[0])
        assert threading.active_count() == before


def test_without_a_context_the_first_step_loads(frames: list[Pair]) -> None:
    gauge = Gauge()
    assert gauge.step(*frames[0]) is not None
    gauge.close()


def test_a_refused_frame_changes_nothing(frames: list[Pair]) -> None:
    with Gauge("surprise") as gauge:
        readings = []
        for image, at_s in frames:
            readings.append(gauge.step(image, at_s))
            with pytest.raises(UsageError, match="want times that increase"):
                gauge.step(image, at_s)
            with pytest.raises(UsageError, match="want a BGR picture"):
                gauge.step(image.astype(float), at_s + 0.001)
    assert ageless(iter(readings)) == run("surprise", frames)


def test_a_buffer_may_be_used_again(frames: list[Pair]) -> None:
    buffer = np.empty_like(frames[0][0])
    with Gauge("surprise") as gauge:
        readings = []
        for image, at_s in frames:
            buffer[:] = image
            readings.append(gauge.step(buffer, at_s))
            buffer[:] = 0
    assert ageless(iter(readings)) == run("surprise", frames)


def test_a_closed_gauge_is_refused(frames: list[Pair]) -> None:
    with Gauge() as gauge:
        gauge.close()
        gauge.close()
        with pytest.raises(UsageError, match="this gauge is closed"):
            gauge.step(*frames[0])
    with pytest.raises(UsageError, match="this gauge is closed"), gauge:
        pass


@pytest.mark.parametrize("size", [(1, 1), (2, 500), (500, 2), (17, 33)])
def test_odd_pictures_have_no_face_and_no_error(size: tuple[int, int]) -> None:
    with Gauge() as gauge:
        readings = [
            gauge.step(np.full((*size, 3), 90, np.uint8), number / 10) for number in range(12)
        ]
    assert {each.state for each in readings if each} == {"no_face"}


def test_a_change_of_size_and_a_leap_in_time_are_taken(frames: list[Pair]) -> None:
    with Gauge() as gauge:
        for image, at_s in frames[:10]:
            gauge.step(image, at_s)
        assert gauge.step(IMAGE, 1e6) is not None
        reading = gauge.step(frames[0][0], 2e6)
    assert reading is not None


def test_too_few_frames_a_second_give_no_number_and_say_why(frames: list[Pair]) -> None:
    readings = run("surprise", [(image, 6 * at_s) for image, at_s in frames])
    assert {each.p_genuine for each in readings} == {None}
    assert (readings[-1].state, readings[-1].box_px is None) == ("no_signal", False)
    assert readings[-1].reason.startswith("only 5.0 frames a second")
