"""All outputs of a run: terminal gauge, window if there is a display, video, or none."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from realtime.core.clock import Clock, SystemClock
from realtime.core.errors import RecordError
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view.phrases import clean
from realtime.view.signal_lines import SignalLines
from realtime.view.terminal.terminal import TerminalView
from realtime.view.window.display_check import display_available

if TYPE_CHECKING:
    from realtime.core.messages import Image
    from realtime.view.records.video_writer import VideoWriter
    from realtime.view.window.window import GaugeWindow


class RemoteScreen(Protocol):
    """View that is elsewhere, such as in a browser."""

    def show(self, snapshot: Snapshot) -> str | None:
        """Take `snapshot` without waiting; return a key that was pressed there, or None."""


class Views:
    """Opens the available views and closes them on exit, also after errors.

    Owned by the main thread. `notice` is why there is no window although one was requested.
    `drawn_frame` is the frame of the reading shown last, -1 before the first. `video` is an mp4
    written from the start; `video_error` is why a video ended early.
    """

    def __init__(
        self,
        setting: RunSetting,
        *,
        headless: bool,
        window: bool,
        video: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        available, why_not = display_available() if window else (False, "")
        self.notice = f"no window: {why_not}" if why_not else ""
        self.drawn_frame = -1
        self.video_error = ""
        self.clock = SystemClock() if clock is None else clock
        self._screen: RemoteScreen | None = None
        self._address = ""
        self._terminal = None if headless else TerminalView(setting, clock=self.clock)
        self._signal_lines = SignalLines()  # of a run without a terminal
        self._window_available = available
        self._window: GaugeWindow | None = None
        self._video: VideoWriter | None = None
        self._video_path = video
        self._exit_stack = ExitStack()

    def __enter__(self) -> Self:
        if self._video_path is not None:
            self.start_video(self._video_path)
        if self._terminal is not None:
            self._exit_stack.enter_context(self._terminal)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop_video()
        self._exit_stack.close()

    def add_screen(self, screen: RemoteScreen, address: str) -> None:
        """Show every snapshot on `screen`, too; the terminal, and only it, names its address."""
        self._screen, self._address = screen, address

    @property
    def is_watched(self) -> bool:
        """Return whether somebody may be reading: at a terminal's screen, or a window."""
        on_screen = self._terminal is not None and self._terminal.has_screen
        return on_screen or self._window is not None

    @property
    def recording_path(self) -> str:
        """Path of the video being written; empty without one."""
        return str(self._video.path) if self._video is not None else ""

    def show(self, snapshot: Snapshot) -> str | None:
        """Draw `snapshot` in every view; return the key pressed meanwhile, or None."""
        key = None if self._screen is None else self._screen.show(snapshot)
        drew = False
        if self._terminal is not None:
            drew = self._terminal.show(self._with_address(snapshot))
            key = self._terminal.key() or key
        elif line := self._signal_lines.line(snapshot, self.clock.now_s()):
            print(clean(line), file=sys.stderr, flush=True)
        if snapshot.frame is not None and (self._window_available or self._video is not None):
            key = self._draw_picture(snapshot) or key
            drew = True
        if drew and snapshot.verdict is not None:
            self.drawn_frame = snapshot.verdict.frame
        return key

    def start_video(self, path: Path | None = None) -> None:
        """Record the window's picture to `path`, or to a file named after the time."""
        from realtime.view.records.video_writer import VideoWriter

        self._video = VideoWriter(path or _unused_name(), self.clock)

    def stop_video(self) -> None:
        """Finish the video, if one is being written."""
        if self._video is not None:
            self._video.close()
            self.video_error = self.video_error or self._video.failed
            self._video = None

    def finish(self, lines: Iterable[str]) -> None:
        """Finish the video, restore the screen and print the summary."""
        error = self.video_error
        self.stop_video()
        if self.video_error != error:  # a disk that was full at the very end
            lines = [*lines, f"record      {self.video_error}"]
        lines = [clean(line) for line in lines]  # names of files hold any characters
        if self._terminal is not None:
            self._terminal.finish(lines)
        else:
            sys.stdout.writelines(f"{line}\n" for line in lines)

    def _with_address(self, snapshot: Snapshot) -> Snapshot:
        """Return `snapshot` with the screen's address, which may hold a token, in its notice."""
        notice = "; ".join(filter(None, (self._address, snapshot.notice)))
        return replace(snapshot, notice=notice)

    def _draw_picture(self, snapshot: Snapshot) -> str | None:
        from realtime.view.window.overlay import draw_overlay

        picture = draw_overlay(snapshot)
        if self._video is not None:
            self._add_to_video(self._video, picture)
        return self._show_window(picture) if self._window_available else None

    def _add_to_video(self, video: VideoWriter, picture: Image) -> None:
        """Add `picture`; an error ends the video, not the gauge."""
        try:
            video.add(picture)
        except RecordError as error:
            self.video_error = str(error)
            self.stop_video()

    def _show_window(self, picture: Image) -> str | None:
        if self._window is None:
            from realtime.view.window.window import GaugeWindow

            self._window = self._exit_stack.enter_context(GaugeWindow())
        return self._window.show(picture)


def _unused_name() -> Path:
    """Return a file name after the time, which no other video has."""
    stem = time.strftime("gauge-%Y%m%d-%H%M%S")
    names = chain([stem], (f"{stem}-{number}" for number in count(2)))
    paths = (Path(f"{name}.mp4") for name in names)
    return next(path for path in paths if not os.path.lexists(path))
