from __future__ import annotations

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import numpy as np

from realtime.capture.decoding.container import open_file
from realtime.capture.decoding.deinterlacer import Deinterlacer


def frame(index: int, height_px: int = 48) -> av.VideoFrame:
    made = av.VideoFrame.from_ndarray(
        np.full((height_px, 64, 3), 10 * index, np.uint8), format="bgr24"
    ).reformat(format="yuv420p")
    made.pts = index
    return made


def test_progressive_pictures_pass_one_for_one_and_unchanged(clip) -> None:
    with open_file(clip) as container:
        deinterlacer = Deinterlacer(container.streams.video[0])
        given = [frame(index) for index in range(10)]
        shown = [out for each in given for out in deinterlacer.push(each)]
        shown += deinterlacer.flush()
    assert len(shown) == 10
    for before, after in zip(given, shown, strict=True):
        np.testing.assert_array_equal(before.to_ndarray(), after.to_ndarray())
    times = [out.pts * out.time_base for out in shown]
    assert np.diff([float(at) for at in times]).std() < 1e-9


def test_a_new_size_gives_back_the_pictures_of_the_old_one(clip) -> None:
    with open_file(clip) as container:
        deinterlacer = Deinterlacer(container.streams.video[0])
        given = [frame(n) for n in range(3)] + [frame(n, 24) for n in range(3, 6)]
        heights = [out.height for each in given for out in deinterlacer.push(each)]
        heights += [out.height for out in deinterlacer.flush()]
    assert heights == [48] * 3 + [24] * 3


def test_after_a_flush_it_starts_afresh(clip) -> None:
    with open_file(clip) as container:
        deinterlacer = Deinterlacer(container.streams.video[0])
        for _ in range(2):
            shown = list(deinterlacer.push(frame(1)))
            shown += deinterlacer.flush()
            assert len(shown) == 1
