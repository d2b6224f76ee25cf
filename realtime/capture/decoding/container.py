"""Opening of a container by FFmpeg, and the choice of its picture stream."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import av.container
import av.logging

from realtime.core.errors import UsageError

MAX_PIXELS = 40_000_000  # of one picture; 8K has 33 million
ATTACHED_PICTURE = 0x0400  # cover art
TIMED_THUMBNAILS = 0x0800
DEFAULT = 0x0001
QUIET = ("SILENT", "OFF", "DISABLED", "0", "S")  # OpenCV's names for no lines at all


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A picture stream: `number` is its index in the container.

    `cover` art is no video, and `codec` is empty if FFmpeg cannot decode it.
    """

    number: int
    codec: str
    width_px: int
    height_px: int
    default: bool
    cover: bool
    frames: int

    @property
    def too_large(self) -> str:
        """Why its pictures must not be decoded, which allocates their memory; empty if they may."""
        if self.width_px * self.height_px <= MAX_PIXELS:
            return ""
        size = f"{self.width_px}x{self.height_px} pixels"
        return f"declares {size}; the most is {MAX_PIXELS / 1e6:.0f} million"

    def __str__(self) -> str:
        marks = ", default" * self.default + ", cover art" * self.cover
        codec = self.codec or "unknown codec"
        return f"{self.number} ({codec} {self.width_px}x{self.height_px}{marks})"


def silence_ffmpeg(secret: bool = False) -> None:
    """Keep FFmpeg's own lines off the terminal unless OPENCV_LOG_LEVEL asks for some.

    They would break the gauge's picture, and some print addresses with passwords: `secret` silences
    them in any case. What matters is raised as an error of ours. Never PyAV's way through Python's
    logging: a decoder's thread that waits for the interpreter there hangs who closes the decoder.
    """
    av.logging.set_level(None)
    if os.environ.get("OPENCV_LOG_LEVEL", "SILENT").upper() not in QUIET and not secret:
        av.logging.restore_default_callback()
        av.logging.set_libav_level(av.logging.WARNING)


def open_file(path: Path) -> av.container.InputContainer:
    """Open the file at `path`; raises `OSError` and `av.error.FFmpegError`.

    An absolute path behind `file:`, so that no name is read as a protocol; a name that is not
    UTF-8, which FFmpeg cannot take, is opened by Python.
    """
    name = os.path.abspath(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        return _opened(open(name, "rb"))
    return _opened(f"file:{name}")


def _opened(named: str | BufferedReader) -> av.container.InputContainer:
    silence_ffmpeg()
    return av.open(named, mode="r", metadata_errors="replace")


def list_streams(container: av.container.InputContainer) -> tuple[StreamInfo, ...]:
    """Return the picture streams of `container` in its order."""
    return tuple(_info(stream) for stream in container.streams.video)


def _info(stream: av.VideoStream) -> StreamInfo:
    context, flags = stream.codec_context, int(stream.disposition)
    return StreamInfo(
        stream.index,
        context.name if context is not None else "",
        context.width if context is not None else 0,
        context.height if context is not None else 0,
        bool(flags & DEFAULT),
        bool(flags & (ATTACHED_PICTURE | TIMED_THUMBNAILS)),
        stream.frames,
    )


def choose_stream(streams: Sequence[StreamInfo], number: int | None) -> StreamInfo | None:
    """Return stream `number`, else the main one, or None if there is no video.

    The main one is marked as default; of several, the largest, then the longest. Cover art and
    thumbnails are not videos. Raises `UsageError` if `number` names no picture stream.
    """
    if number is not None:
        for stream in streams:
            if stream.number == number and stream.codec:
                return stream
        listed = ", ".join(map(str, streams)) or "none"
        raise UsageError(f"--stream {number} is no picture stream; this source has {listed}")
    videos = [stream for stream in streams if stream.codec and not stream.cover]
    return max(
        videos,
        key=lambda each: (each.default, each.width_px * each.height_px, each.frames),
        default=None,
    )


def no_video_reason(container: av.container.InputContainer, streams: Sequence[StreamInfo]) -> str:
    """Return what a container without a video holds instead, to end an error message."""
    if any(not stream.codec for stream in streams):
        return f"has a video that FFmpeg cannot decode: {', '.join(map(str, streams))}"
    if streams:
        return f"has no video, only a cover picture: {', '.join(map(str, streams))}"
    sounds = len(container.streams.audio)
    return f"has no video{f', only sound ({sounds} streams)' if sounds else ''}"
