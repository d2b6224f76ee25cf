"""What a program may give as a frame, and what it is told otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from realtime.capture.frame_sequence import FrameMaker, FrameSequence
from realtime.core.errors import UsageError

IMAGE = np.full((48, 64, 3), 128, np.uint8)
BAD_IMAGES = {
    "float64 (48, 64, 3)": IMAGE.astype(float),
    "uint8 (48, 64)": IMAGE[..., 0],
    "uint8 (48, 64, 4)": np.zeros((48, 64, 4), np.uint8),
    "uint8 (0, 64, 3)": IMAGE[:0],
    "a NoneType": None,
    "a list": IMAGE.tolist(),
}
BAD_TIMES = [float("nan"), float("inf"), -float("inf"), "1.0", None, True + 1j, [1.0]]


@pytest.mark.parametrize("seen", BAD_IMAGES)
def test_a_picture_of_another_form_is_refused_with_what_it_is(clock, seen: str) -> None:
    with pytest.raises(UsageError) as refused:
        FrameMaker(clock).frame(BAD_IMAGES[seen], 0.0)
    assert str(refused.value) == (
        f"the frame is {seen}; want a BGR picture, uint8 (height, width, 3)"
    )


@pytest.mark.parametrize("at_s", BAD_TIMES, ids=repr)
def test_a_time_that_is_no_number_of_seconds_is_refused(clock, at_s: object) -> None:
    with pytest.raises(UsageError, match="want the time of the frame, a number of seconds"):
        FrameMaker(clock).frame(IMAGE, at_s)


@pytest.mark.parametrize("later_s", [2.0, 1.999, -5])
def test_time_must_increase_and_a_refused_frame_does_not_count(clock, later_s: float) -> None:
    maker = FrameMaker(clock)
    assert maker.frame(IMAGE, 2.0).index == 0
    with pytest.raises(UsageError, match=f"at_s is {later_s:g} after 2; want times that increase"):
        maker.frame(IMAGE, later_s)
    frame = maker.frame(IMAGE, np.float32(2.5))
    assert (frame.index, frame.captured_at_s) == (1, 2.5)


def test_a_mirrored_view_of_an_array_is_made_contiguous(clock) -> None:
    image = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    frame = FrameMaker(clock).frame(image[:, ::-1], 0)
    assert frame.image.flags.c_contiguous
    assert np.array_equal(frame.image, image[:, ::-1])
    assert frame.gray.shape == (48, 64)


@pytest.mark.parametrize(
    ("item", "seen"), [(IMAGE, "uint8 (48, 64, 3)"), ((IMAGE,), "a tuple"), (3, "a int")]
)
def test_what_is_no_pair_is_refused(clock, item: object, seen: str) -> None:
    with FrameSequence([item], clock) as source, pytest.raises(UsageError) as refused:  # type: ignore[list-item]
        source.read()
    assert f"the frames hold {seen}; want pairs" in str(refused.value)


def test_only_as_much_is_taken_as_is_read(clock) -> None:
    taken: list[int] = []

    def frames() -> Iterator[tuple[np.ndarray, float]]:
        for number in range(10):
            taken.append(number)
            yield IMAGE, number / 30

    with FrameSequence(frames(), clock) as source:
        assert taken == []
        source.read()
        assert taken == [0]


def test_an_error_of_the_iterable_passes_through(clock) -> None:
    def frames() -> Iterator[tuple[np.ndarray, float]]:
        yield IMAGE, 0.0
        raise KeyError("mine")

    with FrameSequence(frames(), clock) as source:
        source.read()
        with pytest.raises(KeyError, match="mine"):
            source.read()


@pytest.mark.parametrize(("hz", "slow"), [(30, False), (7.5, False), (5, True), (1, True)])
def test_too_few_frames_a_second_are_no_signal(clock, hz: float, slow: bool) -> None:
    with FrameSequence(((IMAGE, number / hz) for number in range(40)), clock) as source:
        while source.read() is not None:
            pass
    said = f"only {hz:.1f} frames a second; want 7, or movement is not seen"
    assert source.signal_error == (said if slow else "")


def test_the_signal_comes_back_with_the_frames(clock) -> None:
    maker = FrameMaker(clock)
    for number in range(10):
        maker.frame(IMAGE, number / 4)
    assert maker.signal_error
    for number in range(60):
        maker.frame(IMAGE, 3 + number / 30)
    assert maker.signal_error == ""
