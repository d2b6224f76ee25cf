from __future__ import annotations

import threading

import pytest

from realtime.core.errors import SourceLost
from realtime.core.messages import Frame
from realtime.testing.fake_camera import FakeCamera, Freeze, Pause


def test_images_are_stamped_with_the_clock(clock, image):
    camera = FakeCamera([image, Pause(0.5), image], clock)
    frames = list(iter(camera.read, None))
    assert [(f.index, f.captured_at_s, f.read_at_s) for f in frames] == [
        (0, 1000.0, 1000.0),
        (1, 1000.5, 1000.5),
    ]
    assert camera.size_px == (64, 48)


def test_a_frame_is_delivered_unchanged_even_out_of_order(clock, image):
    script = [Frame(4, 2.0, 9.0, image), Frame(4, 1.0, 9.0, image)]
    camera = FakeCamera(script, clock)
    assert [camera.read(), camera.read()] == script
    assert camera.read() is None


def test_an_image_after_a_frame_continues_its_numbering(clock, image):
    camera = FakeCamera([Frame(4, 2.0, 9.0, image), image], clock)
    assert [camera.read().index, camera.read().index] == [4, 5]


def test_an_error_is_raised_and_the_script_continues(clock, image):
    camera = FakeCamera([SourceLost("unplugged"), image], clock)
    with pytest.raises(SourceLost, match="unplugged"):
        camera.read()
    assert camera.read().index == 0


def test_a_frozen_camera_ends_when_interrupted(clock):
    camera = FakeCamera([Freeze()], clock)
    results: list[Frame | None] = []
    thread = threading.Thread(target=lambda: results.append(camera.read()), daemon=True)
    thread.start()
    camera.interrupt()
    thread.join(10.0)
    assert results == [None]


def test_it_records_being_opened_and_closed(clock, image):
    with FakeCamera([image], clock) as camera:
        assert camera.opened
        assert not camera.closed
    assert camera.closed
    assert camera.read() is None
