"""Video of the window's pictures at a constant rate, with or without a window."""

from __future__ import annotations

from pathlib import Path

from realtime.core.clock import Clock
from realtime.core.errors import RecordError
from realtime.core.messages import Image
from realtime.view.records.mp4_file import Mp4File, open_mp4

RATE_HZ = 25.0
LATE_S = 1.0  # longest repetition of a picture, so that a hung gauge adds no hour of still video


class VideoWriter:
    """Writer of pictures to an mp4, each repeated while it is the newest.

    Owned by the main thread. The first picture sets the size; others are resized to it. Raises
    `RecordError` if the file cannot be written, or writing fails later; `failed` is why its end
    could not be written.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self.failed = ""
        self._clock = clock
        self._file: Mp4File = open_mp4(path, RATE_HZ)
        self._written_until_s: float | None = None

    def add(self, picture: Image) -> None:
        """Make `picture` (h, w, 3) the newest; raises `RecordError`."""
        now_s = self._clock.now_s()
        until_s = now_s if self._written_until_s is None else self._written_until_s
        until_s = max(until_s, now_s - LATE_S)
        times = 0
        while until_s <= now_s:
            until_s += 1 / RATE_HZ
            times += 1
        self._written_until_s = until_s
        if times:
            self._file.write(picture, times)

    def close(self) -> None:
        """Finish the file, or remove it without a picture; safe to repeat and never raises."""
        try:
            self._file.close()
        except RecordError as error:
            self.failed = str(error)
