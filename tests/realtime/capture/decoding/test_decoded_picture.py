from __future__ import annotations

import cv2  # before av, or windows hang (display_check)

# isort: split
import av
import numpy as np
import pytest

from realtime.capture.decoding.decoded_picture import DecodedPicture
from realtime.capture.decoding.geometry import Geometry

PLAIN = Geometry()


def colours(width_px: int = 70, height_px: int = 36) -> np.ndarray:
    across = np.linspace(0, 255, width_px, dtype=np.float32)
    down = np.linspace(0, 255, height_px, dtype=np.float32)[:, None]
    planes = (across + 0 * down, 255 - across + 0 * down, 0 * across + down)
    return np.dstack(planes).astype(np.uint8)


def decoded(pixels: str, geometry: Geometry = PLAIN) -> DecodedPicture:
    frame = av.VideoFrame.from_ndarray(colours(), format="bgr24")
    return DecodedPicture(frame if pixels == "bgr24" else frame.reformat(format=pixels), geometry)


@pytest.mark.parametrize(
    "pixels",
    [
        *(
            "yuv420p",
            "yuv422p",
            "yuv444p",
            "yuv410p",
            "yuv411p",
            "yuvj420p",
            "yuvj444p",
            "yuva420p",
        ),
        *("nv12", "nv21", "yuyv422", "uyvy422", "yuv420p10le", "yuv422p10le", "yuv444p12le"),
        *("p010le", "rgb24", "bgr24", "bgra", "gbrp", "rgb565le", "gray", "gray10le"),
    ],
)
def test_gray_is_that_of_the_colours_whatever_the_pixels_are(pixels: str) -> None:
    picture = decoded(pixels)
    wanted = cv2.cvtColor(colours(), cv2.COLOR_BGR2GRAY).astype(int)
    assert picture.gray.dtype == np.uint8
    assert picture.gray.shape == (36, 70)
    assert np.abs(picture.gray - wanted).mean() < 2
    assert picture.gray.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("level", [0, 7, 128, 255])
def test_limited_range_is_expanded_to_black_and_white(level: int) -> None:
    flat = np.full((20, 20, 3), level, np.uint8)
    frame = av.VideoFrame.from_ndarray(flat, format="bgr24").reformat(format="yuv420p")
    assert np.abs(DecodedPicture(frame, PLAIN).gray.astype(int) - level).max() <= 1


def test_gray_and_colours_are_shown_the_same_way() -> None:
    picture = decoded("yuv444p", Geometry(2.0, transpose=True, flip_x=True))
    assert picture.size_px == (36, 140)
    assert picture.gray.shape == (140, 36)
    assert picture.bgr.shape == (140, 36, 3)
    again = cv2.cvtColor(picture.bgr, cv2.COLOR_BGR2GRAY).astype(int)
    assert np.abs(picture.gray - again).mean() < 3


def test_each_form_is_made_once() -> None:
    picture = decoded("yuv420p")
    assert picture.gray is picture.gray
    assert picture.bgr is picture.bgr


@pytest.mark.parametrize("pixels", ["uyvy422", "yuyv422", "yvyu422", "yuv422p", "nv12", "nv16"])
def test_the_luma_is_not_converted_to_colours_and_back(pixels: str) -> None:
    planar = av.VideoFrame.from_ndarray(colours(), format="bgr24").reformat(format="yuv422p")
    # FFmpeg's threads each write past the end of a packed row, over the start of the next one.
    packed = planar.reformat(format=pixels, threads=1)
    expected = DecodedPicture(planar, PLAIN).gray
    for other in ("bgr24", "yuv444p12le", "yuvj420p", "uyvy422"):  # what was read before
        assert decoded(other).gray.size == decoded(other).bgr[..., 0].size
    np.testing.assert_array_equal(DecodedPicture(packed, PLAIN).gray, expected)
