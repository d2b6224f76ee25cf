"""Every end of a command is an exit code and at most one line; a bug keeps its traceback."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from realtime.app.command_guard import Command, describe, quiet_imports, run_guarded
from realtime.core.errors import RecordError, UsageError

LONG = "n" * 300


def guarded(error: BaseException | None, *arguments: str, code: int = 0) -> int:
    """Run a command that raises `error`, or returns `code`."""

    def run(given: list[str]) -> int:
        if error is not None:
            raise error
        return code

    return run_guarded(Command("gauge", run, "stopped early", 5), arguments)


def system_error(number: int, *names: str) -> OSError:
    return OSError(number, os.strerror(number), *names)


SYSTEM_ERRORS = [
    (system_error(errno.EACCES, "/locked"), "PermissionError: /locked: Permission denied. Check"),
    (system_error(errno.EROFS, "/cd/a.jsonl"), "/cd/a.jsonl: Read-only file system. Name one on"),
    (system_error(errno.ENOSPC, "a.npz"), "a.npz: No space left on device. Free space"),
    (system_error(errno.ELOOP, "loop.mp4"), "loop.mp4: Too many levels of symbolic links. A link"),
    (system_error(errno.ENOTDIR, "a/b"), "NotADirectoryError: a/b: Not a directory. Check"),
    (system_error(errno.EISDIR, "folder"), "IsADirectoryError: folder: Is a directory. Name a"),
    (system_error(errno.EMFILE, "a"), "a: Too many open files. Too many files are open; raise"),
    (system_error(errno.EIO, "a"), "a: Input/output error. The disk or device fails"),
    (system_error(errno.ENOENT, "a"), "FileNotFoundError: a: No such file or directory. Check"),
    (system_error(errno.EBUSY, "a"), "a: Device or resource busy. Run again with --debug"),
    (OSError("libGL.so.1: no such file"), "OSError: libGL.so.1: no such file. Run again with"),
    (OSError(), "the system gave no reason"),
    (MemoryError("array of 9 GB"), "not enough memory (array of 9 GB). Close other programs"),
    (RuntimeError("Could not determine home directory."), "no home folder of this user. Set HOME"),
    (KeyError("getpwuid(): uid not found: 54321"), "no home folder of this user. Set HOME"),
    (ImportError("no ABI", name="cv2"), "ImportError: no ABI. `realtime --doctor` names"),
]


@pytest.mark.parametrize(("error", "said"), SYSTEM_ERRORS)
def test_an_error_of_the_system_is_one_line(
    error: BaseException, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(error) == 1
    out, line = capsys.readouterr()
    assert out == ""
    assert line.startswith("gauge: ")
    assert said in line
    assert line.count("\n") == 1
    assert "This is a bug" not in line


@pytest.mark.parametrize(("error", "said"), [*SYSTEM_ERRORS, (ZeroDivisionError("ours"), "ours")])
def test_debug_adds_the_traceback_of_every_error(
    error: BaseException, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(error, "--debug") == 1
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback")
    assert said in shown.splitlines()[-1]


def test_a_bug_is_one_line_that_says_so_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(ZeroDivisionError("division\nby zero")) == 1
    line = capsys.readouterr().err
    assert line.startswith("gauge: ZeroDivisionError: division by zero (in ")
    assert "command_guard.py:" in line
    assert "This is a bug" in line
    assert "--debug" in line
    assert line.count("\n") == 1


def test_an_import_that_our_own_packages_fail_is_a_bug() -> None:
    assert "This is a bug" in describe(ImportError("no name", name="realtime.motion.motion"))


@pytest.mark.parametrize(
    ("error", "code"), [(UsageError("wrong"), 2), (RecordError("full"), 1), (SystemExit(3), 3)]
)
def test_an_error_of_the_gauge_has_its_own_code(error: BaseException, code: int) -> None:
    assert guarded(error) == code


def test_help_is_no_error() -> None:
    assert guarded(SystemExit()) == guarded(SystemExit(0)) == 0
    assert guarded(SystemExit("said")) == 1


def test_ctrl_c_says_what_the_command_says(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(KeyboardInterrupt()) == 5
    assert capsys.readouterr().err == "gauge: stopped early\n"


def test_a_long_name_is_cut_in_the_middle() -> None:
    line = describe(system_error(errno.ENAMETOOLONG, f"/start{LONG}end.mp4"))
    assert "/start" in line
    assert "end.mp4: File name too long. Use a shorter name" in line
    assert len(line) < 250


@pytest.mark.parametrize("name", [b"caf\xe9.mp4", "\x1b[2Jclip.mp4", "two\nlines", 7])
def test_a_name_of_any_kind_is_printable(
    name: str | bytes | int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(OSError(errno.EACCES, "Permission denied", name)) == 1
    assert capsys.readouterr().err.rstrip("\n").isprintable()


def test_both_names_of_a_failed_move_are_shown() -> None:
    error = OSError(errno.EXDEV, "Invalid cross-device link", "a.tmp", None, "b.mp4")
    assert "a.tmp and b.mp4: Invalid cross-device link" in describe(error)


def test_a_library_that_cannot_be_loaded_is_named(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "site-packages" / "old_library.py").write_text("raise ImportError('wrong ABI')")
    monkeypatch.syspath_prepend(tmp_path / "site-packages")
    with pytest.raises(ImportError) as caught:
        __import__("old_library")
    assert "old_library cannot be loaded: wrong ABI" in describe(caught.value)


def test_what_a_failed_import_prints_is_held_back(capsys: pytest.CaptureFixture[str]) -> None:
    def load(error: Exception | None) -> None:
        with quiet_imports():
            print("a page about versions", file=sys.stderr)
            if error is not None:
                raise error

    with pytest.raises(ImportError):
        load(ImportError("wrong ABI"))
    assert capsys.readouterr().err == ""
    load(None)
    assert "a page about versions" in capsys.readouterr().err


def test_what_an_import_prints_to_a_full_stderr_is_dropped(monkeypatch) -> None:
    monkeypatch.setattr("sys.stderr", FullStream(errno.ENOSPC))
    with quiet_imports():
        print("a page about versions", file=sys.stderr)


class FullStream(io.StringIO):
    """Stream whose flush fails, without a file below it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def flush(self) -> None:
        raise system_error(self.number)

    def write(self, text: str) -> int:
        raise system_error(self.number)


def test_a_full_disk_behind_stdout_is_an_error(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdout", FullStream(errno.ENOSPC))
    assert guarded(None) == 1
    assert "standard output: No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO])
def test_a_reader_who_has_gone_is_none(number: int, monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdout", FullStream(number))
    assert guarded(None) == 0
    assert guarded(BrokenPipeError(errno.EPIPE, "Broken pipe")) == 0
    assert capsys.readouterr().err == ""


def test_a_broken_pipe_to_anything_else_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(BrokenPipeError(errno.EPIPE, "Broken pipe")) == 1
    assert "Broken pipe" in capsys.readouterr().err


def test_an_error_that_cannot_be_printed_still_has_its_code(monkeypatch) -> None:
    monkeypatch.setattr("sys.stderr", FullStream(errno.ENOSPC))
    assert guarded(UsageError("wrong"), "--debug") == 2


def child(code: str, shell: str) -> subprocess.CompletedProcess[str]:
    """Run `code` in a new Python, started by the shell with the redirections `shell`."""
    start = "from realtime.app.command_guard import *; import sys, os\n"
    command = ["bash", "-c", f'exec "$0" -c "$1" {shell}', sys.executable, start + code]
    buffered = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(command, env=buffered, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_not_taken_by_the_next_file(closed: str, tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    code = f"""
def run(arguments):
    with open({str(path)!r}, "w") as file:
        assert file.fileno() > 2
        os.write(1, b"noise of a library")
        os.write(2, b"noise of a library")
        print("summary")
        assert not sys.stdin.isatty()
    return 0
sys.exit(run_guarded(Command("gauge", run, "", 0), []))
"""
    assert child(code, closed).returncode == 0
    assert path.read_text() == ""


def test_python_adds_nothing_about_a_full_stdout_at_its_exit() -> None:
    code = "sys.exit(run_guarded(Command('gauge', lambda a: print('x') or 0, '', 0), []))"
    done = child(code, ">/dev/full")
    assert done.returncode == 1
    assert done.stderr.startswith("gauge: OSError: standard output: No space left on device")
    assert done.stderr.count("\n") == 1


def test_a_removed_folder_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = f"""
def run(arguments):
    raise AssertionError("MKL would end the process")
os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})
sys.exit(run_guarded(Command("gauge", run, "", 0), []))
"""
    done = child(code, "")
    assert done.returncode == 1
    assert "the current folder was removed. Change to another" in done.stderr


Main = Callable[[list[str]], int]


def test_both_commands_are_guarded(monkeypatch, capsys, tmp_path: Path) -> None:
    import calibrate.cli
    import realtime.app.cli

    def refuse(*given: object) -> None:
        raise system_error(errno.ENOSPC, "a.jsonl")

    mains: dict[str, Main] = {"realtime": realtime.app.cli.main, "calibrate": calibrate.cli.main}
    for name, main in mains.items():
        monkeypatch.setattr(f"{main.__module__}._run", refuse)
        assert main([]) == 1
        assert capsys.readouterr().err.startswith(f"{name}: OSError: a.jsonl: No space left")
