"""A video file as a source, at its own pace and with its own timestamps."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import cv2

from realtime.capture.frame_counter import CORRUPT
from realtime.capture.opencv import (
    MAX_PIXELS,
    declared_rate_hz,
    read_image,
    silence_opencv,
    too_large,
)
from realtime.capture.playback import BETWEEN_ROUNDS_S, WHOLE_FILE, PlaybackRange
from realtime.capture.source import Source
from realtime.capture.timestamps import TimestampFixer
from realtime.core.clock import Clock
from realtime.core.errors import FileUnreadable
from realtime.core.messages import Frame, Image

FAILURES_IN_A_ROW = 250  # x264 writes a keyframe at least this often, so damage has healed by then
SEEK_S = 10.0  # a seek goes this far before the start, for OpenCV's lands beside it where frame rates vary


class VideoFile(Source):
    """Frames of the file at `path`, with the container's times (seconds from its start), turned upright.

    Paced, `read` returns a frame when it is due; the first is due at once. OpenCV does not tell the end of a file from
    a frame that cannot be decoded, so failed frames count as corrupt only when a good one follows, and after
    `FAILURES_IN_A_ROW` of them the file is over. Of a `cut` only its frames come; in a loop time goes on from round to
    round. Belongs to the capture thread.
    """

    kind = "replay"

    def __init__(
        self, path: str | Path, paced: bool, clock: Clock, playback: PlaybackRange = WHOLE_FILE
    ) -> None:
        super().__init__()
        self._cut = playback
        self.name = os.fsencode(Path(path).name).decode("utf-8", errors="replace")
        self._path = Path(path)
        self._paced = paced
        self._clock = clock
        self._device: cv2.VideoCapture | None = None
        self._pictures: Iterator[tuple[float, Image]] = iter(())
        self._delivered = 0
        self._zero_s: float | None = None  # on the clock: when the first frame was due
        self._first_s = 0.0  # in the media

    def open(self) -> None:
        pictures = self._rounds()
        first = next(pictures, None)
        if first is None:
            self.close()
            if self._stop.is_set():
                return
            raise FileUnreadable(self._nothing())
        self.size_px = (first[1].shape[1], first[1].shape[0])
        self._pictures = chain([first], pictures)

    def read(self) -> Frame | None:
        picture = None if self._stop.is_set() else next(self._pictures, None)
        if picture is None:
            return None
        at_s, image = picture
        if self._paced:
            self._wait_for(at_s)
        if self._stop.is_set():
            return None
        frame = Frame(self._delivered, at_s, self._clock.now_s(), image)
        self._delivered += 1
        return frame

    def close(self) -> None:
        self._pictures = iter(())
        if self._device is not None:
            self._device.release()
            self._device = None

    def _wait_for(self, at_s: float) -> None:
        if self._zero_s is None:
            self._zero_s, self._first_s = self._clock.now_s(), at_s
        self._clock.wait_until(self._zero_s + (at_s - self._first_s) / self._cut.speed, self._stop)

    def _opened(self) -> cv2.VideoCapture:
        _check_file(self._path)
        silence_opencv()
        # An absolute path, so that no name can be taken for one of FFmpeg's protocols.
        device = cv2.VideoCapture(_utf8(self._path.resolve()), cv2.CAP_FFMPEG)
        if not device.isOpened():
            why = "is no readable video, or was cut off before its index was written; take another file"
            raise FileUnreadable(f"{self._path} {why}")
        return device

    def _check_size(self, device: cv2.VideoCapture) -> None:
        """Before a picture is decoded, for that takes the memory."""
        if declared := too_large(device):
            self.close()
            raise FileUnreadable(
                f"{self._path} declares {declared}; the most is {MAX_PIXELS / 1e6:.0f} million"
            )

    def _rounds(self) -> Iterator[tuple[float, Image]]:
        """The cut's frames, over and over in a loop; each round's times go on from the last one's."""
        later_s, last_s, rounds = 0.0, -BETWEEN_ROUNDS_S, 0
        while not self._stop.is_set():
            before = rounds
            for at_s, image in self._round():
                if rounds == before:
                    rounds += 1
                    later_s = last_s + BETWEEN_ROUNDS_S - at_s if rounds > 1 else 0.0
                last_s = at_s + later_s
                yield last_s, image
            if not self._cut.loop or rounds == before:
                return

    def _round(self) -> Iterator[tuple[float, Image]]:
        """The file once, from the cut's start to its end."""
        if self._device is not None:
            self._device.release()
        device = self._device = self._opened()
        self._check_size(device)
        self.hz = declared_rate_hz(device)
        self._seek(device)
        for at_s, image in self._decoded(device):
            if at_s > self._cut.to_s:
                return
            if at_s >= self._cut.from_s:
                yield at_s, image

    def _seek(self, device: cv2.VideoCapture) -> None:
        """Spare decoding what lies well before the start; the rest is decoded and left out."""
        if self._cut.from_s > SEEK_S:
            device.set(cv2.CAP_PROP_POS_MSEC, 1000 * (self._cut.from_s - SEEK_S))

    def _nothing(self) -> str:
        if self._cut.from_s > 0 or self._cut.to_s < math.inf:
            return f"{self._path} shows nothing from {self._cut.from_s:g} to {self._cut.to_s:g} s. Is it that long?"
        return f"{self._path} holds no frame that can be decoded. Is it complete? Try to play it"

    def _decoded(self, device: cv2.VideoCapture) -> Iterator[tuple[float, Image]]:
        timeline, failures = TimestampFixer(self.hz), 0
        while failures < FAILURES_IN_A_ROW and not self._stop.is_set():
            image = read_image(device)
            if image is None:
                failures += 1
                continue
            if failures:
                self.skipped[CORRUPT] += failures
                failures = 0
            # After grab() this is the time of the frame just grabbed, from the stream's start; before, of the last one.
            at_s, reason = timeline.fix(device.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            if reason:
                self.skipped[reason] += 1
            else:
                yield at_s, image


def _utf8(path: Path) -> str:
    """The path as OpenCV wants it; where the locale is not UTF-8, Python's own text of it makes OpenCV crash."""
    try:
        return os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError:
        raise FileUnreadable(
            f"{str(path)!a}: the name is no UTF-8, which OpenCV needs. Rename the file"
        ) from None


def _check_file(path: Path) -> None:
    if not path.exists():
        raise FileUnreadable(f"there is no file {path}. Check the path")
    if not path.is_file():
        raise FileUnreadable(
            f"{path} is a {'directory' if path.is_dir() else 'device'}; want a video file"
        )
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise FileUnreadable(f"{path} is empty (0 bytes); want a video file")
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}") from error
