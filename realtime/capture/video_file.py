"""Source that replays a video file with its own timestamps, paced or unpaced."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2  # noqa: F401  # before av, or windows hang (display_check)

# isort: split
import av.error

from realtime.capture.decoding.container import (
    choose_stream,
    list_streams,
    no_video_reason,
    open_file,
)
from realtime.capture.decoding.decoder import VideoDecoder
from realtime.capture.frame_counter import CORRUPT
from realtime.capture.playback import BETWEEN_ROUNDS_S, WHOLE_FILE, PlaybackRange
from realtime.capture.rates import file_rate_error, implausible_rate_note
from realtime.capture.source import Source
from realtime.capture.timestamps import TimestampFixer
from realtime.core.clock import Clock
from realtime.core.errors import FileUnreadable
from realtime.core.messages import Frame
from realtime.core.picture import Picture

LONGEST_WAIT_S = 2.0  # a paced replay does not wait longer for a jump of the timestamps


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How to read a file: picture stream `stream` (None: the main one), at `hz` (None: its own)."""

    stream: int | None = None
    hz: float | None = None


AS_DECLARED = FileFormat()


class VideoFile(Source):
    """Upright frames of the file at `path` with container timestamps (seconds from its start).

    Paced, `read` returns each frame when due; the first is due at once. Undecodable and damaged
    pictures count as corrupt. `playback` restricts the frames; in a loop, time continues from round
    to round. Owned by the capture thread.
    """

    kind = "replay"
    recorded = True

    def __init__(
        self,
        path: str | Path,
        paced: bool,
        clock: Clock,
        playback: PlaybackRange = WHOLE_FILE,
        file_format: FileFormat = AS_DECLARED,
    ) -> None:
        super().__init__()
        self._playback, self._format = playback, file_format
        self.name = os.fsencode(Path(path).name).decode("utf-8", errors="replace")
        self._path = Path(path)
        self._paced = paced
        self._clock = clock
        self._decoder: VideoDecoder | None = None
        self._pictures: Iterator[tuple[float, Picture]] = iter(())
        self._delivered = 0
        self._corrupt = 0  # of this pass, already counted
        self._zero_s: float | None = None  # clock time at which the first frame was due
        self._last_s = 0.0  # media time of the last frame

    def open(self) -> None:
        """Decode the first picture; raises `FileUnreadable` if there is none."""
        pictures = self._rounds()
        first = next(pictures, None)
        if first is None:
            self.close()
            if self._stop.is_set():
                return
            raise FileUnreadable(self._no_frames_message())
        self.size_px = first[1].size_px
        self.signal_error = file_rate_error(self.hz)
        self._pictures = chain([first], pictures)

    def read(self) -> Frame | None:
        """Return the next frame, when it is due if the file is paced."""
        timed = None if self._stop.is_set() else next(self._pictures, None)
        if timed is None:
            if self._delivered == 1 and not self._stop.is_set():
                self.notes["still"] = f"{self.name} is one still picture; the gauge needs movement"
            return None
        at_s, picture = timed
        if self._paced:
            self._wait_for(at_s)
        if self._stop.is_set():
            return None
        frame = Frame(self._delivered, at_s, self._clock.now_s(), picture)
        self._delivered += 1
        return frame

    def close(self) -> None:
        """Release the decoder; idempotent."""
        self._pictures = iter(())
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _wait_for(self, at_s: float) -> None:
        """Wait until `at_s` is due; a jump of the timestamps is waited for briefly only."""
        if self._zero_s is None:
            self._zero_s = self._clock.now_s() - at_s / self._playback.speed
        else:
            self._zero_s -= max((at_s - self._last_s) / self._playback.speed - LONGEST_WAIT_S, 0.0)
            self._note_jump(at_s)
        self._last_s = at_s
        self._clock.wait_until(self._zero_s + at_s / self._playback.speed, self._stop)

    def _note_jump(self, at_s: float) -> None:
        jump_s = at_s - self._last_s
        if jump_s / self._playback.speed > LONGEST_WAIT_S:
            self.notes["jump"] = (
                f"the timestamps jump by {jump_s:.1f} s at {self._last_s:.1f} s; "
                f"replay went on after {LONGEST_WAIT_S:g} s"
            )

    def _opened(self) -> VideoDecoder:
        _check_file(self._path)
        try:
            container = open_file(self._path)
        except (av.error.FFmpegError, OSError) as error:
            raise FileUnreadable(f"{self._path} {_open_error(error)}") from error
        streams = list_streams(container)
        chosen = choose_stream(streams, self._format.stream)
        if chosen is None:
            reason = no_video_reason(container, streams)
            container.close()
            raise FileUnreadable(f"{self._path} {reason}; use another file")
        if chosen.too_large:
            container.close()
            raise FileUnreadable(f"{self._path} {chosen.too_large}")
        if len(streams) > 1 and self._format.stream is None:
            others = ", ".join(str(each) for each in streams if each != chosen)
            self.notes["stream"] = f"plays picture stream {chosen}; not {others} (--stream N)"
        return VideoDecoder(container, chosen)

    def _rounds(self) -> Iterator[tuple[float, Picture]]:
        """Yield the frames of the range, repeatedly in a loop, with continuing times."""
        later_s, last_s, rounds = 0.0, -BETWEEN_ROUNDS_S, 0
        while not self._stop.is_set():
            before = rounds
            for at_s, picture in self._round():
                if rounds == before:
                    rounds += 1
                    later_s = last_s + BETWEEN_ROUNDS_S - at_s if rounds > 1 else 0.0
                last_s = at_s + later_s
                yield last_s, picture
            if not self._playback.loop or rounds == before:
                return

    def _round(self) -> Iterator[tuple[float, Picture]]:
        """Yield the frames of one pass from the range's start to its end."""
        if self._decoder is not None:
            self._decoder.close()
        decoder = self._decoder = self._opened()
        self._corrupt = 0
        declared_hz = decoder.hz
        self.hz = self._format.hz or declared_hz
        if self._format.hz is None and (note := implausible_rate_note(declared_hz)):
            self.notes["rate"] = note
        if self._playback.from_s > 0 and self._format.hz is None:
            decoder.seek(self._playback.from_s)
        for at_s, picture in self._in_time(decoder):
            if at_s > self._playback.to_s:
                return
            if at_s >= self._playback.from_s:
                yield at_s, picture

    def _no_frames_message(self) -> str:
        if self._playback.from_s > 0 or self._playback.to_s < math.inf:
            range_s = f"{self._playback.from_s:g} to {self._playback.to_s:g} s"
            return f"{self._path} shows nothing from {range_s}. Is it that long?"
        return f"{self._path} has no frame that can be decoded. Is it complete? Try to play it"

    def _in_time(self, decoder: VideoDecoder) -> Iterator[tuple[float, Picture]]:
        """Yield the pictures that advance in time; count the others."""
        timestamps, numbered = TimestampFixer(self.hz), 0
        for timed in decoder.pictures():
            self._count_corrupt(decoder)
            if self._stop.is_set():
                return
            at_s, reason = timed.at_s, ""
            if self._format.hz is not None:
                at_s, numbered = numbered / self._format.hz, numbered + 1
            else:
                at_s, reason = timestamps.fix(at_s)
            if reason:
                self.skipped[reason] += 1
            else:
                yield at_s, timed.picture
        self._count_corrupt(decoder)

    def _count_corrupt(self, decoder: VideoDecoder) -> None:
        if new := decoder.corrupt - self._corrupt:
            self.skipped[CORRUPT] += new
            self._corrupt = decoder.corrupt


def _open_error(error: Exception) -> str:
    if isinstance(error, av.error.InvalidDataError):
        return "is not a readable video, or was truncated before its index was written; " + (
            "use another file"
        )
    return f"cannot be opened: {getattr(error, 'strerror', None) or error}"


def _check_file(path: Path) -> None:
    try:
        exists, is_file = path.exists(), path.is_file()
        if exists and is_file:
            with path.open("rb") as file:
                if not file.read(1):
                    raise FileUnreadable(f"{path} is empty (0 bytes); want a video file")
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}") from error
    if not exists:
        raise FileUnreadable(f"there is no file {path}. Check the path")
    if not is_file:
        raise FileUnreadable(
            f"{path} is a {'directory' if path.is_dir() else 'device'}; want a video file"
        )
