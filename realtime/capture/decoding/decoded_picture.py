"""Picture decoded by FFmpeg: gray from the luma plane, colour only when a view asks for it."""

from __future__ import annotations

import threading

import cv2  # before av, or windows hang (display_check)

# isort: split
import av
import av.video.frame
import numpy as np
from av.video.reformatter import VideoReformatter

from realtime.capture.decoding.geometry import Geometry, contiguous_plane
from realtime.core.picture import Image, Picture

# First plane: luma, 8 bits, one byte a pixel.
LUMA_FORMATS = (
    *(f"yuv{sampling}p" for sampling in ("410", "411", "420", "422", "440", "444")),
    *(f"yuvj{sampling}p" for sampling in ("411", "420", "422", "440", "444")),
    *(f"yuva{sampling}p" for sampling in ("420", "422", "444")),
    *("nv12", "nv16", "nv21", "nv24", "nv42", "gray"),
)
PACKED_LUMA = {"yuyv422": 0, "yvyu422": 0, "uyvy422": 1}  # which of two bytes a pixel is the luma
FULL_RANGE = 2  # AVCOL_RANGE_JPEG: black is 0 and white 255; otherwise 16 and 235
_of_thread = threading.local()
MOST_CONVERTERS = 8
BLACK, GAIN = 16.0, 255.0 / 219.0  # of limited range


class DecodedPicture(Picture):
    """Picture of a decoder's frame, shown as `geometry` says; keeps the frame's memory.

    Sources and views ask for its two forms from different threads, hence the lock.
    """

    __slots__ = ("_bgr", "_frame", "_geometry", "_gray", "_lock")

    def __init__(self, frame: av.video.frame.VideoFrame, geometry: Geometry) -> None:
        self._frame, self._geometry = frame, geometry
        self._gray: Image | None = None
        self._bgr: Image | None = None
        self._lock = threading.Lock()

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height as displayed."""
        return self._geometry.size_px(self._frame.width, self._frame.height)

    @property
    def gray(self) -> Image:
        """Luma in full range, uint8 (h, w)."""
        with self._lock:
            if self._gray is None:
                self._gray = self._geometry.apply(_luma(self._frame))
            return self._gray

    @property
    def bgr(self) -> Image:
        """Colours, uint8 (h, w, 3)."""
        with self._lock:
            if self._bgr is None:
                self._bgr = self._geometry.apply(_bgr(self._frame))
            return self._bgr


def _bgr(frame: av.video.frame.VideoFrame) -> Image:
    return np.asarray(_converted(frame, "bgr24").to_ndarray(), dtype=np.uint8)


def _converted(frame: av.video.frame.VideoFrame, pixels: str) -> av.video.frame.VideoFrame:
    """Return `frame` with other pixels.

    Making a converter takes longer than converting, so each thread keeps its own; one per kind of
    frame, because a converter keeps the colour space of what it converted before.
    """
    converters: dict[str, VideoReformatter] = vars(_of_thread)
    kind = (pixels, frame.format.name, frame.width, frame.height)
    key = repr((*kind, frame.colorspace, frame.color_range))
    if key not in converters:
        if len(converters) >= MOST_CONVERTERS:
            converters.clear()
        converters[key] = VideoReformatter()
    converted = converters[key].reformat(frame, format=pixels)
    assert isinstance(converted, av.video.frame.VideoFrame)
    return converted


def _luma(frame: av.video.frame.VideoFrame) -> Image:
    """Return the gray levels of `frame` in full range, in memory of its own."""
    pixels = frame.format
    if pixels.name not in (*LUMA_FORMATS, *PACKED_LUMA):
        if pixels.is_rgb or pixels.has_palette or pixels.is_bayer:
            return np.asarray(cv2.cvtColor(_bgr(frame), cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        # More than 8 bits.
        frame = _converted(frame, "gray" if pixels.name.startswith("gray") else "yuv420p")
    plane = frame.planes[0]
    first = PACKED_LUMA.get(frame.format.name)
    width_px = frame.width if first is None else 2 * frame.width
    luma = contiguous_plane(memoryview(plane), plane.line_size, width_px, frame.height)
    if first is not None:
        luma = np.ascontiguousarray(luma[:, first::2])
    if frame.color_range == FULL_RANGE or frame.format.name.startswith(("yuvj", "gray")):
        return np.ascontiguousarray(luma)
    # The fastest of OpenCV's ways to the same numbers as a table; saturates at both ends.
    return np.asarray(cv2.addWeighted(luma, GAIN, luma, 0.0, -BLACK * GAIN), dtype=np.uint8)
