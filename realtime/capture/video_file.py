"""Source that replays a video file with its own timestamps, paced or unpaced."""

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
SEEK_S = 10.0  # seek this far before the start: OpenCV's seek is inexact at variable frame rates


class VideoFile(Source):
    """Upright frames of the file at `path` with container timestamps (seconds from its start).

    Paced, `read` returns each frame when due; the first is due at once. OpenCV does not distinguish
    the end of a file from an undecodable frame, so failed frames count as corrupt only if a good
    one follows; `FAILURES_IN_A_ROW` of them end the file. `playback` restricts the frames; in a
    loop, time continues from round to round. Owned by the capture thread.
    """

    kind = "replay"

    def __init__(
        self, path: str | Path, paced: bool, clock: Clock, playback: PlaybackRange = WHOLE_FILE
    ) -> None:
        super().__init__()
        self._playback = playback
        self.name = os.fsencode(Path(path).name).decode("utf-8", errors="replace")
        self._path = Path(path)
        self._paced = paced
        self._clock = clock
        self._device: cv2.VideoCapture | None = None
        self._pictures: Iterator[tuple[float, Image]] = iter(())
        self._delivered = 0
        self._zero_s: float | None = None  # clock time at which the first frame was due
        self._first_s = 0.0  # media time of the first frame

    def open(self) -> None:
        pictures = self._rounds()
        first = next(pictures, None)
        if first is None:
            self.close()
            if self._stop.is_set():
                return
            raise FileUnreadable(self._no_frames_message())
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
        due_s = self._zero_s + (at_s - self._first_s) / self._playback.speed
        self._clock.wait_until(due_s, self._stop)

    def _opened(self) -> cv2.VideoCapture:
        _check_file(self._path)
        silence_opencv()
        # An absolute path, so that FFmpeg cannot parse the name as a protocol.
        device = cv2.VideoCapture(_utf8(self._path.resolve()), cv2.CAP_FFMPEG)
        if not device.isOpened():
            why = "is not a readable video, or was truncated before its index was written; "
            why += "use another file"
            raise FileUnreadable(f"{self._path} {why}")
        return device

    def _check_size(self, device: cv2.VideoCapture) -> None:
        """Check the declared size before decoding, which allocates the memory."""
        if declared := too_large(device):
            self.close()
            raise FileUnreadable(
                f"{self._path} declares {declared}; the most is {MAX_PIXELS / 1e6:.0f} million"
            )

    def _rounds(self) -> Iterator[tuple[float, Image]]:
        """Yield the frames of the range, repeatedly in a loop, with continuing times."""
        later_s, last_s, rounds = 0.0, -BETWEEN_ROUNDS_S, 0
        while not self._stop.is_set():
            before = rounds
            for at_s, image in self._round():
                if rounds == before:
                    rounds += 1
                    later_s = last_s + BETWEEN_ROUNDS_S - at_s if rounds > 1 else 0.0
                last_s = at_s + later_s
                yield last_s, image
            if not self._playback.loop or rounds == before:
                return

    def _round(self) -> Iterator[tuple[float, Image]]:
        """Yield the frames of one pass from the range's start to its end."""
        if self._device is not None:
            self._device.release()
        device = self._device = self._opened()
        self._check_size(device)
        self.hz = declared_rate_hz(device)
        self._seek(device)
        for at_s, image in self._decoded(device):
            if at_s > self._playback.to_s:
                return
            if at_s >= self._playback.from_s:
                yield at_s, image

    def _seek(self, device: cv2.VideoCapture) -> None:
        """Seek close to the start; frames before it are decoded and discarded."""
        if self._playback.from_s > SEEK_S:
            device.set(cv2.CAP_PROP_POS_MSEC, 1000 * (self._playback.from_s - SEEK_S))

    def _no_frames_message(self) -> str:
        if self._playback.from_s > 0 or self._playback.to_s < math.inf:
            range_s = f"{self._playback.from_s:g} to {self._playback.to_s:g} s"
            return f"{self._path} shows nothing from {range_s}. Is it that long?"
        return f"{self._path} has no frame that can be decoded. Is it complete? Try to play it"

    def _decoded(self, device: cv2.VideoCapture) -> Iterator[tuple[float, Image]]:
        timestamps, failures = TimestampFixer(self.hz), 0
        while failures < FAILURES_IN_A_ROW and not self._stop.is_set():
            image = read_image(device)
            if image is None:
                failures += 1
                continue
            if failures:
                self.skipped[CORRUPT] += failures
                failures = 0
            # After grab() this is the time of the grabbed frame from the stream's start.
            at_s, reason = timestamps.fix(device.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            if reason:
                self.skipped[reason] += 1
            else:
                yield at_s, image


def _utf8(path: Path) -> str:
    """Return the path as UTF-8; in other locales Python's text of it crashes OpenCV."""
    try:
        return os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError:
        raise FileUnreadable(
            f"{str(path)!a}: the name is not UTF-8, which OpenCV needs. Rename the file"
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
