"""All that a run shows: the terminal gauge, the window where there is a display, a film of it, or nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from realtime.core.clock import Clock, SystemClock
from realtime.core.errors import RecordError
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view.terminal.terminal import TerminalView
from realtime.view.window.display_check import display_available

if TYPE_CHECKING:
    from realtime.core.messages import Image
    from realtime.view.records.video_writer import VideoWriter
    from realtime.view.window.window import GaugeWindow


class Views:
    """Opens what can be shown and gives it back on exit, whatever happens. Belongs to the main thread.

    `notice` says why there is no window where one was wanted. `drawn` is the frame whose reading the newest picture
    shows, -1 before the first. `film` writes what is seen to an mp4 from the start; why a video ended before it should
    have is in `film_failed`.
    """

    def __init__(
        self,
        setting: RunSetting,
        *,
        headless: bool,
        window: bool,
        film: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        available, why_not = display_available() if window else (False, "")
        self.notice = f"no window: {why_not}" if why_not else ""
        self.drawn_frame = -1
        self.video_error = ""
        self.clock = SystemClock() if clock is None else clock
        self._terminal = None if headless else TerminalView(setting, clock=self.clock)
        self._with_window = available
        self._window: GaugeWindow | None = None
        self._film: VideoWriter | None = None
        self._film_to = film
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if self._film_to is not None:
            self.start_video(self._film_to)
        if self._terminal is not None:
            self._open.enter_context(self._terminal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop_video()
        self._open.close()

    @property
    def recording_path(self) -> str:
        """The video that is written now; empty if none is."""
        return str(self._film.path) if self._film is not None else ""

    def show(self, snapshot: Snapshot) -> str | None:
        """Draw `snapshot` everywhere; the key that was pressed meanwhile, or None."""
        key, drew = None, False
        if self._terminal is not None:
            drew = self._terminal.show(snapshot)
            key = self._terminal.key()
        if snapshot.frame is not None and (self._with_window or self._film is not None):
            key = self._picture(snapshot) or key
            drew = True
        if drew and snapshot.verdict is not None:
            self.drawn_frame = snapshot.verdict.frame
        return key

    def start_video(self, path: Path | None = None) -> None:
        """Film what is seen from now on, to `path` or to a file here that is named after the time."""
        from realtime.view.records.video_writer import VideoWriter

        self._film = VideoWriter(path or Path(time.strftime("gauge-%Y%m%d-%H%M%S.mp4")), self.clock)

    def stop_video(self) -> None:
        """Finish the video, if one is written."""
        if self._film is not None:
            self._film.close()
            self._film = None

    def finish(self, lines: Iterable[str]) -> None:
        """Give the screen back and print the summary."""
        if self._terminal is not None:
            self._terminal.finish(lines)
        else:
            sys.stdout.writelines(f"{line}\n" for line in lines)

    def _picture(self, snapshot: Snapshot) -> str | None:
        from realtime.view.window.overlay import draw_overlay

        picture = draw_overlay(snapshot)
        if self._film is not None:
            self._filmed(self._film, picture)
        return self._show_window(picture) if self._with_window else None

    def _filmed(self, film: VideoWriter, picture: Image) -> None:
        """A video that cannot go on ends; the gauge goes on."""
        try:
            film.add(picture)
        except RecordError as error:
            self.video_error = str(error)
            self.stop_video()

    def _show_window(self, picture: Image) -> str | None:
        if self._window is None:
            from realtime.view.window.window import GaugeWindow

            self._window = self._open.enter_context(GaugeWindow())
        return self._window.show(picture)
