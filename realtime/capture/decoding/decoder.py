"""Decoder of one picture stream: upright pictures in order, with the container's own times."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av
import av.container
import av.error
import av.packet
import av.video.frame
from av.sidedata.sidedata import SideDataContainer

from realtime.capture.decoding.container import MAX_PIXELS, StreamInfo
from realtime.capture.decoding.damage import DamageTracker
from realtime.capture.decoding.decoded_picture import DecodedPicture
from realtime.capture.decoding.deinterlacer import Deinterlacer
from realtime.capture.decoding.geometry import Geometry, parse_display_matrix
from realtime.capture.rates import plausible_rate_hz
from realtime.core.picture import Picture

FAILURES_IN_A_ROW = 250  # x264 writes a keyframe at least this often, so damage has healed by then
MOST_THREADS = 8
INDEXED = ("mov", "matroska", "avi")  # formats in which a seek finds the keyframe before a time
KEYFRAME_WITHIN_S = 10.0
UNTIMED = ("mpjpeg", "mjpeg")
NO_TIMESTAMPS = 0x0080  # AVFMT_NOTIMESTAMPS

Orientation = tuple[bool, bool, bool]
UPRIGHT: Orientation = (False, False, False)


@dataclass(frozen=True, slots=True, eq=False)
class TimedPicture:
    """A picture and its time in seconds since the container's start; nan if it has none."""

    at_s: float
    picture: Picture


class VideoDecoder:
    """Reads and decodes one stream of an open container, which it then owns.

    `corrupt` counts pictures that could not be decoded or are damaged; they are left out. One
    thread uses a decoder. With `low_delay`, no picture waits for others to be decoded beside it.
    """

    def __init__(
        self, container: av.container.InputContainer, chosen: StreamInfo, *, low_delay: bool = False
    ) -> None:
        self.corrupt = 0
        self._from_s = -math.inf
        self._container = container
        self._stream = next(each for each in container.streams.video if each.index == chosen.number)
        self._stream.thread_type = "SLICE" if low_delay else "AUTO"
        threads = min((os.cpu_count() or 1) + 1, MOST_THREADS)
        self._stream.codec_context.thread_count = threads
        self._stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
        self._start_s = float(_start_s(container, self._stream))
        self._damage = DamageTracker()
        self._deinterlacer: Deinterlacer | None = None
        self._orientation: Orientation = UPRIGHT
        self._shown_as = ((1.0, UPRIGHT), Geometry())
        # An error may concern a packet that another thread of the decoder still held.
        self._held_packets = 0 if low_delay else threads - 1

    @property
    def hz(self) -> float:
        """The frame rate that the container declares, or 0 if none is plausible."""
        rate = self._stream.average_rate or self._stream.guessed_rate
        return plausible_rate_hz(float(rate) if rate else 0.0)

    @property
    def timed(self) -> bool:
        """Whether the container has timestamps; otherwise FFmpeg makes them up."""
        container_format = self._container.format
        return container_format.name not in UNTIMED and not container_format.flags & NO_TIMESTAMPS

    @property
    def duration_s(self) -> float:
        """The duration that the container declares, or 0."""
        duration = self._container.duration
        return duration / av.time_base if duration and duration > 0 else 0.0

    def seek(self, at_s: float) -> None:
        """Continue with the first picture at or after `at_s`; without an index, read up to it."""
        self._from_s = at_s
        indexed = self._container.format.name.split(",")[0] in INDEXED
        # Elsewhere a seek ends anywhere, and a keyframe must come before the first picture.
        start_s = at_s if indexed else at_s - KEYFRAME_WITHIN_S
        if start_s <= 0:
            return
        try:
            self._container.seek(int((start_s + self._start_s) * av.time_base))
        except (av.error.FFmpegError, OSError):
            return
        self._damage, self._deinterlacer = DamageTracker(), None

    def pictures(self) -> Iterator[TimedPicture]:
        """Yield the whole pictures until the end, or until `FAILURES_IN_A_ROW` failed reads.

        Raises `av.error.FFmpegError` or `OSError` if a network fails; damage is passed over.
        """
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                self.corrupt += 1
                self._damage.note_damage(self._held_packets)
                continue
            for frame in frames:
                yield from self._wanted(self._finished(frame))
        if self._deinterlacer is not None:
            yield from self._wanted(self._deinterlacer.flush())

    def close(self) -> None:
        """Close the container; safe to repeat. Pictures stay valid."""
        self._container.close()

    def _packets(self) -> Iterator[av.packet.Packet[av.VideoStream]]:
        """Yield the stream's packets; the last ones are empty and flush the decoder."""
        failures = 0
        while True:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    self._note(packet)
                    yield packet
                return
            except av.error.InvalidDataError:  # unreadable here, perhaps not further on
                failures += 1
                if failures >= FAILURES_IN_A_ROW:
                    return

    def _note(self, packet: av.packet.Packet[av.VideoStream]) -> None:
        """Note where damage begins and ends in the order of decoding."""
        if packet.size:
            self._damage.note_packet(packet.pts, packet.is_keyframe)
            if packet.is_corrupt:
                self._damage.note_damage()

    def _wanted(self, frames: Iterable[av.video.frame.VideoFrame]) -> Iterator[TimedPicture]:
        for frame in frames:
            timed = self._timed(frame)
            if not timed.at_s < self._from_s:
                yield timed

    def _finished(self, frame: av.video.frame.VideoFrame) -> Iterable[av.video.frame.VideoFrame]:
        """Return the pictures that `frame` completes: itself, or earlier ones if interlaced."""
        if self._is_damaged(frame) or frame.width * frame.height > MAX_PIXELS:
            self.corrupt += 1
            return ()
        self._orientation = _orientation(frame) or self._orientation
        if self._deinterlacer is None and frame.interlaced_frame:
            self._deinterlacer = Deinterlacer(self._stream)
        if self._deinterlacer is None:
            return (frame,)
        return self._deinterlacer.push(frame)

    def _is_damaged(self, frame: av.video.frame.VideoFrame) -> bool:
        if frame.pts is None:
            return frame.is_corrupt
        if frame.is_corrupt:
            self._damage.note_damaged_picture(frame.pts)
        return self._damage.damaged(frame.pts)

    def _timed(self, frame: av.video.frame.VideoFrame) -> TimedPicture:
        at_s = math.nan if frame.time is None else frame.time - self._start_s
        return TimedPicture(at_s, DecodedPicture(frame, self._geometry()))

    def _geometry(self) -> Geometry:
        """Return how to show the next picture; the pixels' aspect may change inside a stream."""
        aspect = float(self._stream.sample_aspect_ratio or 1)
        if (aspect, self._orientation) != self._shown_as[0]:
            self._shown_as = (aspect, self._orientation), Geometry(aspect, *self._orientation)
        return self._shown_as[1]


def _start_s(container: av.container.InputContainer, stream: av.VideoStream) -> Fraction:
    """Return the time at which the container starts, of whatever stream comes first."""
    starts = [
        each.start_time * each.time_base
        for each in (*container.streams.audio, stream)
        if each.start_time is not None and each.time_base is not None
    ]
    return min(starts, default=Fraction(0))


def _orientation(frame: av.video.frame.VideoFrame) -> Orientation | None:
    """Return how the frame's display matrix turns it; None without one."""
    # `frame.side_data` would be kept by the frame that it keeps: a cycle, which holds the picture's
    # memory until Python looks for cycles (2.4 GB of 4K pictures).
    container = SideDataContainer(frame)  # type: ignore[call-arg]  # PyAV declares no arguments
    matrix = container.get("DISPLAYMATRIX")
    return None if matrix is None else parse_display_matrix(bytes(cast(bytes, matrix)))
