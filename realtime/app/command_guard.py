"""Guard around a command: whatever ends it becomes an exit code and at most one line on stderr.

Errors of the system (locked folders, long names, a full disk, no home) may come from any call of
any library, so they are turned into lines here, once, for `realtime` and `calibrate`. A bug of ours
is one line too, with its place; --debug shows the traceback of every error.
"""

from __future__ import annotations

import errno
import io
import os
import select
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass
from typing import TextIO

from engines.errors import GaugeError

DEBUG = "--debug"
PACKAGES = ("engines", "realtime", "calibrate")
MAX_NAME = 120  # characters of a file's name in an error
GONE = (errno.EPIPE, errno.EIO)  # of a stream whose reader or terminal has gone
REMEDIES = {
    errno.EACCES: "Check its permissions and those of its folder, or name another",
    errno.EPERM: "Check its owner and permissions, or name another",
    errno.EROFS: "Name one on a disk that may be written",
    errno.ENOENT: "Check the path",
    errno.ENOTDIR: "Check the path: a part of it is a file",
    errno.EISDIR: "Name a file in it",
    errno.EEXIST: "Name another, or remove it",
    errno.ELOOP: "A link points to itself; repair it",
    errno.ENAMETOOLONG: "Use a shorter name",
    errno.ENOSPC: "Free space on this disk, or name a file on another",
    errno.EDQUOT: "Your quota is used up; free space, or name a file on another disk",
    errno.EFBIG: "The file may not grow further; see `ulimit -f`",
    errno.EMFILE: "Too many files are open; raise `ulimit -n`",
    errno.ENFILE: "Too many files are open on this machine; close other programs",
    errno.ENOMEM: "Close other programs to free memory",
    errno.EIO: "The disk or device fails; try another",
}
NO_HOME = "Set HOME to a folder of yours"
OTHERWISE = f"Run again with {DEBUG} for the traceback"


@dataclass(frozen=True, slots=True)
class Command:
    """A command line: what runs it, and the line and exit code after Ctrl-C."""

    name: str
    run: Callable[[list[str]], int]
    interrupted: str
    interrupted_code: int


def run_guarded(command: Command, argv: Sequence[str] | None = None) -> int:
    """Run `command` with `argv`, by default that of the process; return its exit code.

    0 on success, and when the reader of the output has gone; 2 for a usage error, 1 for any other.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    # Matrix products are small here, or run in parallel already: more BLAS threads only spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    _prepare_streams()
    return _finish_output(command.name, _exit_code(command, arguments))


def say(name: str, text: str) -> None:
    """Print one line to stderr; a closed or full stderr is no error."""
    try:
        print(f"{name}: {GaugeError(text)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _discard(sys.stderr)


@contextmanager
def quiet_imports() -> Iterator[None]:
    """Hold back what libraries print while imported; after an error the error alone is shown.

    NumPy prints a page of its own when a library was compiled for another version of it.
    """
    printed = io.StringIO()
    with redirect_stderr(printed):
        yield
    if printed.getvalue():
        with suppress(OSError, ValueError):
            sys.stderr.write(printed.getvalue())


def describe(error: BaseException) -> str:
    """Return one line: what happened, the value seen, what to do."""
    kind = type(error).__name__
    if isinstance(error, GaugeError):
        return f"{kind}: {error}"
    if isinstance(error, OSError):
        return f"{kind}: {_system_error(error)}"
    if isinstance(error, MemoryError):
        return f"{kind}: not enough memory ({error}). {REMEDIES[errno.ENOMEM]}"
    if isinstance(error, ImportError) and (error.name or "").split(".")[0] not in PACKAGES:
        return (
            f"{kind}: {failed_library(error)}{error}. `realtime --doctor` names what does not fit"
        )
    if _is_no_home(error):
        return f"{kind}: the system knows no home folder of this user. {NO_HOME}"
    return f"{kind}: {error} (in {_place(error)}). This is a bug of the gauge. {OTHERWISE}"


def failed_library(error: BaseException) -> str:
    """Return the library whose import failed, as the start of a line; empty if it is unknown."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        parts = frame.filename.replace("\\", "/").split("/site-packages/")
        if len(parts) > 1:
            return f"{parts[-1].split('/')[0].removesuffix('.py')} cannot be loaded: "
    return ""


def _exit_code(command: Command, arguments: list[str]) -> int:
    try:
        os.getcwd()  # fails in a removed folder, where MKL ends the process instead
        return command.run(arguments)
    except SystemExit as ended:  # of --help
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        say(command.name, command.interrupted)
        return command.interrupted_code
    except Exception as error:
        if isinstance(error, BrokenPipeError) and _readers_gone():
            return 0  # such as head, which has read enough
        if DEBUG in arguments:
            with suppress(OSError, ValueError):
                traceback.print_exc()
        say(command.name, describe(error))
        return error.exit_code if isinstance(error, GaugeError) else 1


def _prepare_streams() -> None:
    """Open closed standard streams on the null device, and make every text printable.

    Otherwise the first file to be opened gets the number of the closed stream, and with it what
    libraries print.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            with suppress(OSError):
                setattr(sys, name, _null_stream(number))
        stream = getattr(sys, name)
        if number and isinstance(stream, io.TextIOWrapper):
            # A C locale shows "?" for what it cannot encode, instead of failing.
            stream.reconfigure(errors="replace")


def _null_stream(number: int) -> TextIO:
    null = os.open(os.devnull, os.O_RDWR)
    try:
        os.fstat(number)
    except OSError:  # still free
        os.dup2(null, number)
        os.close(null)
        null = number
    return open(null, "w" if number else "r", encoding="utf-8", closefd=False)


def _finish_output(name: str, code: int) -> int:
    """Write what is left for stdout, as Python would at the exit, and report a failure."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError) as error:
        _discard(sys.stdout)
        if not isinstance(error, OSError) or error.errno in GONE:
            return code
        say(name, f"{type(error).__name__}: standard output: {_system_error(error)}")
        return code or 1
    return code


def _readers_gone() -> bool:
    """Return whether nothing reads stdout or stderr any more."""
    stdout, stderr = _reader_gone(sys.stdout), _reader_gone(sys.stderr)
    return stdout or stderr


def _reader_gone(stream: TextIO) -> bool:
    """Return whether nothing reads `stream` any more; what is left for it is then discarded."""
    try:
        stream.flush()
        gone = _hung_up(stream)
    except OSError:
        gone = True
    if gone:
        _discard(stream)
    return gone


def _hung_up(stream: TextIO) -> bool:
    """Return whether the other end of a pipe or terminal is closed; False if there is none."""
    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return False
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(number, 0)  # with no event requested, errors and hang-ups are reported
    return bool(poll.poll(0))


def _discard(stream: TextIO) -> None:
    """Send what `stream` still holds to the null device: Python writes it at the exit."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def _system_error(error: OSError) -> str:
    names = [_short(name) for name in (error.filename, error.filename2) if name is not None]
    if not names and error.errno == errno.ENOENT and not _has_current_folder():
        return "the current folder was removed. Change to another, such as with `cd`"
    what = error.strerror or str(error) or "the system gave no reason"
    return f"{' and '.join([*names])}{': ' if names else ''}{what}. {_remedy(error)}"


def _remedy(error: OSError) -> str:
    return REMEDIES.get(error.errno or 0, OTHERWISE)


def _short(name: str | bytes | int) -> str:
    text = name if isinstance(name, str) else os.fsdecode(name) if isinstance(name, bytes) else ""
    text = text or f"file {name!r}"
    half = MAX_NAME // 2
    return text if len(text) <= MAX_NAME else f"{text[:half]}...{text[-half:]}"


def _has_current_folder() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _is_no_home(error: BaseException) -> bool:
    """Return whether Python, or a library, found neither HOME nor an entry of this user."""
    text = str(error).lower()
    by_path = isinstance(error, RuntimeError) and "home directory" in text
    return by_path or (isinstance(error, KeyError) and "getpwuid" in text)


def _place(error: BaseException) -> str:
    """Return file and line of the innermost call in our packages, or of the innermost of all."""
    frames = traceback.extract_tb(error.__traceback__)
    parts = [(frame, frame.filename.replace("\\", "/").split("/")) for frame in frames]
    ours = [(f, p) for f, p in parts if len(p) > 1 and not set(PACKAGES).isdisjoint(p[:-1])]
    if not (ours or parts):
        return "an unknown place"
    frame, path = (ours or parts)[-1]
    return f"{'/'.join(path[-3:])}:{frame.lineno}"
