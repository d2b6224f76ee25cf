"""Output file of one run: private, locked against other runs, and never written through a name."""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import closing
from pathlib import Path
from typing import Protocol

from realtime.core.errors import OutputInUse, RecordError

try:
    import fcntl
except ImportError:  # Windows has no flock: outputs are not locked there
    fcntl = None  # type: ignore[assignment]

TRIES = 20  # of opening a file that other runs create and remove meanwhile
# A FIFO without a reader must not block the run; it is refused once it is open.
_FLAGS = os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


class WritableFile(Protocol):
    """Methods of `OutputFile` that recorders use; a test double can be full."""

    def write(self, data: bytes, /) -> int:
        """Write all of `data` and return its length; raises `OSError`."""
        ...

    def truncate(self, size: int, /) -> int:
        """Keep the first `size` bytes; return their number."""
        ...

    def rename(self, to: Path, /) -> None:
        """Give the file another name; it stays open and locked."""
        ...

    def is_deleted(self) -> bool:
        """Return whether no name leads to the file any more."""
        ...

    def close(self) -> None:
        """Close the file and end its lock."""
        ...


class OutputFile:
    """Unbuffered output file, locked against other runs while it is open.

    The lock is on the file itself: all names of a file share it, through links too, and it ends
    with the process, however that dies. A new file has mode 0600; an older one keeps its content
    until it is truncated. Used from one thread at a time.
    """

    def __init__(self, path: Path, raw: io.FileIO, created: bool) -> None:
        self.path = path
        self._raw, self._created = raw, created

    @classmethod
    def open(cls, path: Path, *, temporary: bool = False) -> OutputFile:
        """Open `path`, creating it if missing; if `temporary`, closing it removes it if empty.

        Raises `OutputInUse` while another run writes it, and `OSError` if it cannot be written or
        is not a regular file.
        """
        for _ in range(TRIES):
            descriptor, created = _open(path)
            file = cls(path, io.FileIO(descriptor, "w"), created or temporary)
            try:
                _check_regular(descriptor)
                lock(descriptor, path)
            except BaseException:
                file._raw.close()
                raise
            if file.is_at_path():
                return file
            file._raw.close()  # another run removed or replaced it before it was locked
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    def write(self, data: bytes) -> int:
        """Write all of `data` and return its length; raises `OSError`, as on a full disk."""
        remaining = memoryview(data)
        while remaining:
            remaining = remaining[self._raw.write(remaining) or 0 :]
        return len(data)

    def truncate(self, size: int) -> int:
        """Keep the first `size` bytes and continue writing after them."""
        self._raw.truncate(size)
        return self._raw.seek(size)

    def is_deleted(self) -> bool:
        """Return whether the open file has no name any more: what is written to it is lost."""
        return os.fstat(self._raw.fileno()).st_nlink == 0

    def is_at_path(self) -> bool:
        """Return whether `path` still names the open file."""
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(self._raw.fileno()))
        except OSError:
            return False

    def rename(self, to: Path) -> None:
        """Move the file to `to`, over an older file; it stays open and locked.

        Raises `OutputInUse` if another run writes the older file, and `OSError`.
        """
        if not self.is_at_path():
            raise FileNotFoundError(errno.ENOENT, "the file was moved or deleted")
        with closing(OutputFile.open(to)):
            os.replace(self.path, to)
        self.path = to

    def close(self) -> None:
        """Close and unlock the file; remove it if this object created it and it is empty.

        Safe to repeat.
        """
        if self._raw.closed:
            return
        try:
            # Removed before it is unlocked, so that no other run can have begun to write it.
            if self._created and self.is_at_path() and not os.fstat(self._raw.fileno()).st_size:
                os.unlink(os.path.realpath(self.path))
        except OSError:
            pass  # its folder may have become read-only
        finally:
            self._raw.close()


def open_output(path: Path) -> OutputFile:
    """Open `path` as an output. Raises `OutputInUse`, and `RecordError` with the reason."""
    try:
        return OutputFile.open(path)
    except OSError as error:
        raise RecordError(f"cannot write {path}: {_reason(path, error)}") from error


def lock(descriptor: int, path: Path) -> None:
    """Lock an open file or folder until it is closed; raises `OutputInUse` if that is taken.

    Does nothing where the system or the file system knows no locks.
    """
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputInUse.of(path, "read" if share(descriptor) else "written") from None
    except OSError:
        pass  # such as a network file system without locks


def share(descriptor: int) -> bool:
    """Lock an open file against being written, not against other readers, until it is closed.

    Return whether that worked: no other run is writing it.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _open(path: Path) -> tuple[int, bool]:
    """Return a descriptor of `path` and whether it was created."""
    try:
        return os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600), True
    except FileExistsError:
        pass
    try:
        return os.open(path, _FLAGS), False
    except FileNotFoundError:  # a link to a file that does not exist yet
        return os.open(path, _FLAGS | os.O_CREAT, 0o600), True
    except OSError as error:
        if error.errno == errno.ENXIO:  # a FIFO without a reader, a socket
            raise _not_regular() from None
        raise


def _check_regular(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise _not_regular()


def _not_regular() -> OSError:
    return OSError(errno.EINVAL, "it is not a regular file")


def _reason(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no folder {path.parent}; make it first"
    if isinstance(error, IsADirectoryError):
        return "it is not a regular file but a folder; choose another name"
    text = error.strerror or str(error)
    return f"{text[:1].lower()}{text[1:]}; choose another place"
