"""Terminal view in a pseudo-terminal, in this process and in an interrupted child."""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import io
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from realtime.core.messages import State
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view.terminal.screen import Screen, terminal_size
from realtime.view.terminal.terminal import TerminalView, can_draw

ROOT = Path(__file__).parents[4]
LEAVE = "\x1b[?1049l"
END = "\x1b[?2026l"  # of a picture


class Terminal:
    """Pseudo-terminal: programs write to `out`; a thread drains it, or a full one would block."""

    def __init__(self, columns: int, rows: int) -> None:
        self.ours, self.theirs = pty.openpty()
        self.resize(columns, rows)
        self.out = os.fdopen(os.dup(self.theirs), "w", encoding="utf-8")
        self._new = ""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def until(self, text: str) -> str:
        """Return the output since the last call, up to and including `text`."""
        with self._news:
            assert self._news.wait_for(lambda: text in self._new, 20), (
                f"{text!r} is missing from {self._new!r}"
            )
            output, self._new = (self._new.split(text, 1)[0] + text, self._new.split(text, 1)[1])
        return output

    def press(self, keys: str) -> None:
        os.write(self.ours, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def close(self) -> None:
        self.out.close()
        os.close(self.theirs)
        self._reader.join(20)
        os.close(self.ours)

    def _read(self) -> None:
        decode = codecs.getincrementaldecoder("utf-8")().decode
        with contextlib.suppress(OSError):  # the other side was closed
            while data := os.read(self.ours, 65536):
                with self._news:
                    self._new += decode(data)
                    self._news.notify_all()


class CountedOut(io.StringIO):
    """Double of a terminal that records every write."""

    encoding = "utf-8"  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


@pytest.fixture(autouse=True)
def _colours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture(params=[(80, 24), (120, 40)])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    terminal = Terminal(*request.param)
    yield terminal
    terminal.close()


def _rows(picture: str) -> dict[int, str]:
    bare = re.sub(r"\x1b\[[0-9;?]*[mhlJ]", "", picture)
    return {int(row): text for row, text in re.findall(r"\x1b\[(\d+)H([^\x1b]*)", bare)}


def test_a_snapshot_fills_the_terminal(
    terminal: Terminal, setting: RunSetting, snapshot, clock
) -> None:
    with TerminalView(setting, terminal.out, clock=clock) as view:
        assert "waiting for the first picture" in terminal.until(END)
        view.show(snapshot(State.JUDGING, 0.72))
        rows = _rows(terminal.until(END))
    columns, lines = terminal_size(terminal.out)
    assert list(rows) == list(range(1, lines + 1))
    assert {len(row) for row in rows.values()} == {columns}
    assert "72 % genuine" in "".join(rows.values())


def test_the_terminal_is_restored(terminal: Terminal, setting: RunSetting, snapshot) -> None:
    before = termios.tcgetattr(terminal.theirs)
    with TerminalView(setting, terminal.out) as view:
        view.show(snapshot())
        view.finish(["frames 3"])
    restored = terminal.until(LEAVE)
    assert "\x1b[?25h" in restored
    assert "\x1b[?7h" in restored
    assert terminal.until("\n") == "frames 3\r\n"
    assert termios.tcgetattr(terminal.theirs) == before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_the_terminal_is_restored_after_an_error(
    terminal: Terminal, setting: RunSetting, snapshot, error
) -> None:
    with pytest.raises(error):
        _crash(TerminalView(setting, terminal.out), snapshot(), error())
    assert terminal.until(LEAVE)


def _crash(view: TerminalView, snapshot: Snapshot, error: BaseException) -> None:
    with view:
        view.show(snapshot)
        raise error


def test_the_terminal_is_restored_after_an_error_on_entry(
    terminal: Terminal, setting: RunSetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Screen, "draw", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), TerminalView(setting, terminal.out):
        pass
    assert terminal.until(LEAVE)


def test_a_refresh_is_one_write_without_clearing_the_screen(
    setting: RunSetting, snapshot, clock
) -> None:
    out = CountedOut()
    with TerminalView(setting, out, clock=clock) as view:
        for state, p in ((State.JUDGING, 0.3), (State.NEUTRAL, None), (State.SETTLED, 0.9)):
            out.writes.clear()
            clock.time_s += 0.1
            view.show(snapshot(state, p))
            (picture,) = out.writes
            assert "\x1b[2J" not in picture
            assert picture.startswith("\x1b[?2026h")
            assert picture.endswith("\x1b[?2026l")
            assert len(_rows(picture)) == 24


def test_at_most_ten_refreshes_a_second(setting: RunSetting, snapshot, clock) -> None:
    out = CountedOut()
    with TerminalView(setting, out, clock=clock) as view:
        out.writes.clear()
        for _ in range(128):
            view.show(snapshot())
            clock.time_s += 1 / 64
    assert 15 <= len(out.writes) - 1 <= 21  # without the write that leaves


def test_a_resize_clears_the_screen(setting: RunSetting, snapshot, clock) -> None:
    terminal = Terminal(80, 24)
    with TerminalView(setting, terminal.out, clock=clock) as view:
        terminal.until(END)
        terminal.resize(100, 30)
        view.show(snapshot())
        picture = terminal.until(END)
    assert "\x1b[2J" in picture
    assert len(_rows(picture)) == 30
    terminal.close()


def test_no_color_turns_colours_off(setting: RunSetting, snapshot, monkeypatch) -> None:
    coloured, plain = CountedOut(), CountedOut()
    with TerminalView(setting, coloured) as view:
        view.show(snapshot(State.JUDGING, 0.9))
    monkeypatch.setenv("NO_COLOR", "1")
    with TerminalView(setting, plain) as view:
        view.show(snapshot(State.JUDGING, 0.9))
    # The number of colours depends on the terminal.
    colour = r"\x1b\[([0-9]+;)*([349][0-9]|10[0-7])[;m]"
    assert re.search(colour, coloured.getvalue())
    assert not re.search(colour, plain.getvalue())
    assert "90 % genuine" in plain.getvalue()


def test_keys_are_read_one_by_one_without_blocking(
    setting: RunSetting, snapshot, monkeypatch
) -> None:
    terminal = Terminal(80, 24)
    monkeypatch.setattr(
        os, "tcgetpgrp", lambda _: os.getpgrp()
    )  # not the controlling terminal of the tests
    keys = os.fdopen(os.dup(terminal.theirs))
    before = termios.tcgetattr(terminal.theirs)
    with TerminalView(setting, terminal.out, keys) as view:
        assert view.key() is None
        assert not termios.tcgetattr(terminal.theirs)[3] & (termios.ICANON | termios.ECHO)
        assert termios.tcgetattr(terminal.theirs)[3] & termios.ISIG
        terminal.press("Nq\x1b[A")
        assert [view.key() for _ in range(4)] == ["n", "q", None, None]
    assert termios.tcgetattr(terminal.theirs) == before
    keys.close()
    terminal.close()


def test_a_background_job_reads_no_keys(setting: RunSetting) -> None:
    terminal = Terminal(80, 24)
    keys = os.fdopen(os.dup(terminal.theirs))
    terminal.press("q")
    with TerminalView(setting, terminal.out, keys) as view:
        assert view.key() is None
    keys.close()
    terminal.close()


def test_plain_lines_without_a_terminal(setting: RunSetting, snapshot, clock) -> None:
    out = io.StringIO()
    with TerminalView(setting, out, io.StringIO("q"), clock) as view:
        for state, p in ((State.NEUTRAL, None), (State.NEUTRAL, None), (State.JUDGING, 0.9)):
            view.show(snapshot(state, p))
            clock.time_s += 1
        assert view.key() is None
        view.finish(["the end"])
    assert out.getvalue().splitlines() == [
        "watching replay smile.avi for happiness (engine native)",
        "    8.00 s  neutral        no expression to judge: for a reason",
        "    8.00 s  judging        90 % genuine, looks genuine",
        "the end",
    ]


def test_drawing_needs_utf_8_and_cursor_movement(monkeypatch: pytest.MonkeyPatch) -> None:
    out = CountedOut()
    assert can_draw(out)
    out.encoding = "latin-1"  # type: ignore[misc]
    assert not can_draw(out)
    out.encoding = "utf-8"  # type: ignore[misc]
    monkeypatch.setenv("TERM", "dumb")
    assert not can_draw(out)


def test_a_closed_terminal_does_not_hide_an_error(
    setting: RunSetting, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = CountedOut()
    view = TerminalView(setting, out)
    monkeypatch.setattr(
        view, "show", lambda _: monkeypatch.setattr(out, "write", lambda _: os.read(-1, 1))
    )  # OSError
    with pytest.raises(RuntimeError, match="the original error"):
        _crash(view, Snapshot(setting), RuntimeError("the original error"))


CONTROLLING_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
CHILD = """
import signal, sys, time
from realtime.core.snapshot import RunSetting, Snapshot
from realtime.view.terminal.terminal import TerminalView
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a background job
setting = RunSetting("demo", "any", "native", 1.0, 0.1)
with TerminalView(setting) as view:
    view.show(Snapshot(setting))
    while True:
        if view.key() == "x":
            raise RuntimeError("crash")
        time.sleep(0.01)
"""


@pytest.mark.parametrize("how", ["ctrl-c", "sigterm", "crash"])
def test_an_interrupted_program_restores_the_terminal(how: str) -> None:
    terminal = Terminal(80, 24)
    before = termios.tcgetattr(terminal.theirs)
    child = _start(terminal)
    terminal.until("waiting for the first picture")
    if how == "sigterm":
        child.send_signal(signal.SIGTERM)
    else:
        terminal.press("\x03" if how == "ctrl-c" else "x")
    terminal.until(LEAVE)
    child.wait(timeout=20)
    assert termios.tcgetattr(terminal.theirs) == before
    terminal.close()


def _start(terminal: Terminal) -> subprocess.Popen[bytes]:
    """Start the child in its own session, with the terminal as its controlling terminal."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{CONTROLLING_TERMINAL}\n{CHILD}"],
        stdin=terminal.theirs, stdout=terminal.theirs, stderr=subprocess.DEVNULL, cwd=ROOT,
        start_new_session=True,
    )  # fmt: skip
