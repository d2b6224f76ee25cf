"""H.264 video in an MP4 file that stays playable however the writing ends."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import cv2  # before av, or windows hang (display_check)

# isort: split
import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from realtime.core.errors import RecordError
from realtime.core.messages import Image
from realtime.core.output_file import WritableFile, open_output

CODEC = "libx264"
# Live encoding shares the cores with the gauge: the fastest preset, one thread, no picture held
# back, and key pictures only where a fragment begins.
ENCODER_OPTIONS = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "crf": "23",
    "threads": "1",
    "sc_threshold": "0",
}
# Each fragment has its own index and is written whole, so what was written stays playable.
MUXER_OPTIONS = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
FRAGMENT_S = 1.0  # a process that is killed loses at most so much
SMPTE_170M = 6  # matrix of OpenCV's conversion, as numbered by H.273; untagged, players guess it
LIMITED_RANGE = 1


class Mp4File:
    """Writer of pictures at a constant rate; the first picture sets the size.

    An older file keeps its content until the first picture. Used from one thread at a time. After
    a `RecordError` the file is closed, with the whole fragments that it had.
    """

    def __init__(self, path: Path, out: WritableFile, rate_hz: float) -> None:
        self.path = path
        self._out: WritableFile | None = out
        self._rate = Fraction(rate_hz).limit_denominator(1001)
        self._muxed = _MuxedBytes()
        self._encoder: tuple[OutputContainer, VideoStream] | None = None
        self._size_px = (0, 0)
        self._pictures = 0
        self._begun = False  # until then an older file keeps its content
        self._size_bytes = self._header_bytes = 0

    def write(self, picture: Image, times: int = 1) -> None:
        """Append `picture` (h, w, 3), BGR, so many times; raises `RecordError`."""
        assert self._out is not None, "the file is closed"
        try:
            if self._encoder is None:
                self._encoder = self._begin(picture)
            container, stream = self._encoder
            planes = _yuv420p(_fitted(picture, self._size_px))
            for _ in range(times):
                frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
                frame.pts, frame.time_base = self._pictures, 1 / self._rate
                self._pictures += 1
                container.mux(stream.encode(frame))
                self._write_muxed(self._out)
        except (OSError, av.FFmpegError) as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Finish the file, or remove it if it is new and holds no picture; safe to repeat.

        Raises `RecordError` if its end cannot be written.
        """
        if self._out is None:
            return
        try:
            if self._encoder is not None:
                container, stream = self._encoder
                container.mux(stream.encode(None))
                container.close()
                self._write_muxed(self._out)
        except (OSError, av.FFmpegError) as error:
            raise self._failure(error) from error
        self._out.close()
        self._out = self._encoder = None

    def _begin(self, picture: Image) -> tuple[OutputContainer, VideoStream]:
        """Create the encoder. FFmpeg gets no name: it would read `12:30.mp4` as an address."""
        height, width = picture.shape[:2]
        self._size_px = (max(width // 2, 1) * 2, max(height // 2, 1) * 2)  # yuv420p wants them even
        container = av.open(self._muxed, "w", format="mp4", options=MUXER_OPTIONS)
        try:
            stream = container.add_stream(CODEC, rate=self._rate, options=ENCODER_OPTIONS)
        except ValueError as error:
            raise OSError(f"this FFmpeg has no {CODEC}; install PyAV from PyPI") from error
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = self._size_px
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = max(round(self._rate * FRAGMENT_S), 1)
        stream.codec_context.colorspace = SMPTE_170M
        stream.codec_context.color_range = LIMITED_RANGE
        return container, stream

    def _write_muxed(self, out: WritableFile) -> None:
        """Write what FFmpeg has finished: the header, whole fragments, or the end."""
        data = self._muxed.take()
        if not data:
            return
        if out.is_deleted():
            raise OSError("the file was deleted")
        if not self._begun:
            self._begun = True
            self._header_bytes = len(data)
            out.truncate(0)
        out.write(data)
        self._size_bytes += len(data)

    def _failure(self, error: Exception) -> RecordError:
        """Close the file after its last whole fragment and return the error to raise."""
        out, encoder = self._out, self._encoder
        self._out = self._encoder = None
        if encoder is not None:
            with suppress(OSError, av.FFmpegError):
                encoder[0].close()
        if out is not None:
            with suppress(OSError):
                if self._begun:  # a header without pictures is no video
                    has_pictures = self._size_bytes > self._header_bytes
                    out.truncate(self._size_bytes if has_pictures else 0)
            out.close()
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        return RecordError(f"filming to {self.path} stopped: {reason}")


def open_mp4(path: Path, rate_hz: float) -> Mp4File:
    """Open `path` for a video, locked and with mode 0600 if new; raises `RecordError`."""
    return Mp4File(path, open_output(path), rate_hz)


class _MuxedBytes:
    """File object for FFmpeg: it only appends, and cannot fail inside FFmpeg's own code."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, data: bytes) -> int:
        self._data += data
        return len(data)

    def take(self) -> bytes:
        """Return the bytes written since the last call."""
        data = bytes(self._data)
        self._data.clear()
        return data


def _fitted(picture: Image, size_px: tuple[int, int]) -> Image:
    """Return `picture` without an odd last row and column, or resized if it has another size."""
    width, height = size_px
    if picture.shape[0] - height in (0, 1) and picture.shape[1] - width in (0, 1):
        return picture[:height, :width]
    return np.asarray(cv2.resize(picture, size_px), np.uint8)


def _yuv420p(picture: Image) -> NDArray[np.uint8]:
    """Return the planes of `picture` one below the other (3 h / 2, w): limited range, BT.601."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420), np.uint8)
