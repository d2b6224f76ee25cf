"""Each fault does what its name says; tests/faults shows what the gauge makes of it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from realtime.core.errors import CameraNotFound, SourceLost
from realtime.core.messages import Frame
from realtime.testing.camera_faults import (
    FAULTS,
    HZ,
    JUMP_S,
    SLOW_HZ,
    good,
    with_good_frames_around,
)
from realtime.testing.fake_camera import FakeCamera

BEFORE_S, BAD_S, AFTER_S = 1.0, 1.5, 1.0
PICTURES = np.random.default_rng(0).integers(60, 200, (30, 12, 16, 3), np.uint8)


def picture(number: int) -> np.ndarray:
    return PICTURES[number % len(PICTURES)]


def frames_of(camera: FakeCamera) -> list[Frame]:
    return list(iter(camera.read, None))


def played(fault: str, clock) -> tuple[list[Frame], list[Frame], list[Frame], FakeCamera]:
    """Return the frames before, during and after a fault by their arrival, and the camera."""
    script = with_good_frames_around(FAULTS[fault], picture, BAD_S, BEFORE_S, AFTER_S)
    camera, began_s = FakeCamera(script, clock), clock.now_s()
    frames = frames_of(camera)
    at_s = np.array([frame.read_at_s for frame in frames]) - began_s + 1e-9
    parts = np.digitize(at_s, (BEFORE_S, BEFORE_S + BAD_S))
    before, bad, after = (
        [frame for frame, part in zip(frames, parts, strict=True) if part == number]
        for number in range(3)
    )
    return before, bad, after, camera


def test_good_frames_arrive_at_their_rate(clock) -> None:
    frames = frames_of(FakeCamera(good(picture, 2.0, 10.0), clock))
    assert len(frames) == 20
    np.testing.assert_allclose(np.diff([frame.captured_at_s for frame in frames]), 0.1, atol=1e-9)
    assert all((one.image != two.image).any() for one, two in pairwise(frames))


@pytest.mark.parametrize("fault", FAULTS)
def test_good_frames_surround_every_fault(fault: str, clock) -> None:
    before, _, after, _ = played(fault, clock)
    for part in (before, after):
        assert len(part) == pytest.approx(HZ, abs=1)
        assert {frame.image.shape for frame in part} == {(12, 16, 3)}
        assert all((frame.captured_at_s == frame.read_at_s) for frame in part)


def test_unplugged_gives_no_frame_and_cannot_be_reopened_until_its_end(clock) -> None:
    camera = FakeCamera(with_good_frames_around(FAULTS["unplugged"], picture, 8.0, 0.1, 0.1), clock)
    for _ in range(3):
        assert camera.read() is not None
    with pytest.raises(SourceLost):
        camera.read()
    with pytest.raises(CameraNotFound):
        camera.open()
    clock.time_s += 8.0
    camera.open()
    assert camera.read() is not None


def test_blocked_gives_no_frame_but_can_be_reopened(clock) -> None:
    camera = FakeCamera(with_good_frames_around(FAULTS["blocked"], picture, 8.0, 0.1, 0.1), clock)
    for _ in range(3):
        assert camera.read() is not None
    with pytest.raises(SourceLost):
        camera.read()
    camera.open()
    with pytest.raises(SourceLost):
        camera.read()


def test_repeating_shows_one_picture(clock) -> None:
    _, bad, _, _ = played("repeating", clock)
    assert len(bad) == round(BAD_S * HZ)
    assert all((frame.image == bad[0].image).all() for frame in bad)


def test_empty_reads_are_counted_as_corrupt(clock) -> None:
    _, bad, _, camera = played("hollow", clock)
    assert bad == []
    assert camera.skipped["corrupt"] == pytest.approx(BAD_S * HZ, abs=2)


def test_black_is_dark_and_never_repeats(clock) -> None:
    _, bad, _, _ = played("black", clock)
    assert max(frame.image.max() for frame in bad) < 4
    assert all((one.image != two.image).any() for one, two in pairwise(bad))


def test_resizing_changes_the_size_with_every_picture(clock) -> None:
    _, bad, _, _ = played("resizing", clock)
    assert all(one.image.shape != two.image.shape for one, two in pairwise(bad))


def test_slow_delivers_five_frames_a_second(clock) -> None:
    _, bad, _, _ = played("slow", clock)
    assert len(bad) == pytest.approx(BAD_S * SLOW_HZ, abs=1)


@pytest.mark.parametrize(("fault", "off_s"), [("ahead", JUMP_S), ("back", -JUMP_S)])
def test_timestamps_jump_an_hour_and_return(fault: str, off_s: float, clock) -> None:
    _, bad, _, _ = played(fault, clock)
    offsets_s = np.round([frame.captured_at_s - frame.read_at_s for frame in bad], 6)
    assert set(offsets_s) == {0.0, off_s}
    assert np.count_nonzero(np.diff(offsets_s)) == pytest.approx(BAD_S * HZ / 6, abs=2)
