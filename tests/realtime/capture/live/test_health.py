from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.capture.live.health import SignalHealth
from realtime.core.messages import Frame

RNG = np.random.default_rng(0)


def frame(index: int, image: np.ndarray, hz: float = 30.0) -> Frame:
    return Frame(index, index / hz, index / hz, image)


def noisy() -> np.ndarray:
    return RNG.integers(60, 200, (48, 64, 3), np.uint8)


def troubles(images: list[np.ndarray], hz: float = 30.0) -> list[str]:
    health = SignalHealth()
    found = []
    for index, image in enumerate(images):
        health.check(frame(index, image, hz))
        found.append(health.signal_error)
    return found


def test_pictures_that_change_are_fine():
    assert set(troubles([noisy() for _ in range(90)])) == {""}


def test_a_picture_that_differs_in_one_pixel_is_another():
    first = noisy()
    images = []
    for number in range(60):
        images.append(first.copy())
        images[-1][1, 1] = number % 2
    health = SignalHealth()
    assert [health.check(frame(i, image))[1] for i, image in enumerate(images)] == [""] * 60


def test_a_repeat_is_dropped_at_once_and_told_after_a_second():
    health, image = SignalHealth(), noisy()
    drops = [health.check(frame(index, image.copy()))[1] for index in range(40)]
    assert drops == ["", *["repeated"] * 39]
    assert health.signal_error == "the picture has not changed for 1 s"
    assert troubles([image] * 31) == [*[""] * 30, "the picture has not changed for 1 s"]


def test_a_camera_that_doubles_its_frames_is_fine():
    assert set(troubles([image for image in [noisy() for _ in range(45)] for _ in range(2)])) == {
        ""
    }


@pytest.mark.parametrize(
    ("level", "spread", "black"), [(0, 4, True), (14, 4, True), (30, 4, False), (0, 60, False)]
)
def test_black_is_dark_and_even(level, spread, black):
    images = [RNG.integers(level, level + spread, (48, 64, 3), np.uint8) for _ in range(45)]
    assert (troubles(images)[-1] == "the picture is black. Is the lens covered?") == black


def test_five_frames_a_second_are_too_few_and_seven_and_a_half_are_not():
    assert "only 5.0 frames a second" in troubles([noisy() for _ in range(10)], hz=5.0)[-1]
    assert set(troubles([noisy() for _ in range(30)], hz=7.5)) == {""}


def test_a_rate_about_the_limit_does_not_flicker():
    health = SignalHealth()
    at_s, found = 0.0, []
    for gap_s in [0.2] * 10 + [1 / 7.5] * 20:
        at_s += gap_s
        health.check(Frame(0, at_s, at_s, noisy()))
        found.append(bool(health.signal_error))
    assert found[9:] == [True] * 21  # 7.5 is enough to begin with, and not to be well again


def test_nothing_is_said_of_the_rate_across_a_long_gap():
    health = SignalHealth()
    for at_s in (0.0, 0.1, 60.0, 60.1):
        health.check(Frame(0, at_s, at_s, noisy()))
    assert health.signal_error == ""


def test_a_source_that_was_too_slow_is_so_after_a_gap_until_its_rate_is_known_anew():
    health = SignalHealth()
    for at_s in [0.2 * number for number in range(10)] + [9.0]:
        health.check(Frame(0, at_s, at_s, noisy()))
    assert "only 5.0 frames a second" in health.signal_error


def test_how_long_reopening_might_have_helped():
    health, image = SignalHealth(), noisy()
    for index in range(90):
        health.check(frame(index, image))
    assert health.bad_for_s(3.0) == pytest.approx(3.0 - 1 / 30)
    health.reopened()
    assert health.bad_for_s(99.0) == 0.0


def test_a_slow_source_is_not_helped_by_reopening():
    health = SignalHealth()
    for index in range(60):
        health.check(frame(index, noisy(), hz=5.0))
    assert health.signal_error
    assert health.bad_for_s(12.0) == 0.0


@given(
    st.lists(
        st.tuples(st.sampled_from([24, 48]), st.floats(-9, 9), st.floats(0.01, 3)), max_size=40
    )
)
def test_what_passes_never_goes_back_by_more_than_a_jump(steps):
    health, now_s, last_s = SignalHealth(), 0.0, float("-inf")
    for number, (height, off_s, gap_s) in enumerate(steps):
        now_s += gap_s
        image = np.full((height, 32, 3), 50 + number, np.uint8)
        passed, drop = health.check(Frame(number, now_s + off_s, now_s, image))
        if not drop:
            assert passed.captured_at_s > last_s - 1.0
            last_s = passed.captured_at_s
