"""Outputs of a command, checked against its inputs and each other, and locked while it runs."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path

from realtime.core.errors import OutputInUse, RecordError, UsageError
from realtime.core.output_file import TRIES, OutputFile, lock, share

MAX_HELD = 256  # files that are held open; systems allow a process about a thousand
FileId = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """File that a command writes, or a `folder` whose content it may replace or remove.

    `option` is what the user named it with. With `fifo`, a FIFO may take the file's place.
    """

    option: str
    path: Path
    folder: bool = False
    fifo: bool = False


def file_id(path: Path) -> FileId:
    """Return what all names of a file share: its device and inode.

    A file that does not exist yet has those of its folder, and its name.
    """
    try:
        info = os.stat(path)
        return (info.st_dev, info.st_ino)
    except OSError:
        real = Path(os.path.realpath(path))
    try:
        folder = os.stat(real.parent)
        return (folder.st_dev, folder.st_ino, real.name)
    except OSError:
        return (str(real),)


def check_outputs_apart(outputs: Sequence[Output], inputs: Iterable[Path]) -> None:
    """Raise `UsageError` where an output would overwrite an input or another output.

    Files are compared by device and inode, so links and other spellings of a path are noticed.
    Opens nothing.
    """
    read = {file_id(path): path for path in inputs}
    folders = _folders(read.values()) if any(output.folder for output in outputs) else {}
    written: dict[FileId, Output] = {}
    for output in outputs:
        _check_kind(output)
        identity = file_id(output.path)
        overwritten = read.get(identity) or (folders.get(identity) if output.folder else None)
        if overwritten is not None:
            raise UsageError(
                f"{output.option} {output.path} would overwrite {overwritten}, "
                "which this run reads or must keep. Choose another name"
            )
        other = written.setdefault(identity, output)
        if other is not output:
            raise UsageError(
                f"{other.option} {other.path} and {output.option} {output.path} are the same file. "
                "Choose another name"
            )


def lock_path_of(path: Path) -> Path:
    """Return the lock beside a file; its name is short, and that of no person."""
    return path.with_name(f".{sha256(os.fsencode(path.name)).hexdigest()[:16]}.lock")


@contextmanager
def lock_outputs(files: Iterable[Path] = (), folders: Iterable[Path] = ()) -> Iterator[None]:
    """Lock outputs that this run writes later, until the end; a missing folder is made.

    No output file is created, so that a killed run leaves none that is empty. What it leaves beside
    it blocks no other run. Raises `OutputInUse` for an output that another run is writing, and
    `RecordError` for a folder that cannot be made.
    """
    with ExitStack() as stack:
        for folder in folders:
            stack.enter_context(_locked_folder(folder))
        for file in files:
            for lock_file in _lock_files(file):
                stack.callback(lock_file.close)
        yield


@contextmanager
def hold_inputs(paths: Iterable[Path]) -> Iterator[None]:
    """Keep other runs from writing the first `MAX_HELD` of these files, until the end.

    A file that cannot be opened, or that another run is writing, is read without that.
    """
    with ExitStack() as stack:
        for path in islice(paths, MAX_HELD):
            with suppress(OSError):
                descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
                stack.callback(os.close, descriptor)
                share(descriptor)
        yield


def _lock_files(path: Path) -> Iterator[OutputFile]:
    """Yield the locks of a file: one beside it, and its own if it exists, which links share.

    Where neither can be opened the file cannot be written, and writing it gives the reason.
    """
    real = Path(os.path.realpath(path))
    for lock_path in (lock_path_of(real), real):
        if lock_path == real and not real.exists():
            continue
        try:
            # A run that was killed may have left its lock file, which is no output.
            yield OutputFile.open(lock_path, temporary=lock_path != real)
        except OutputInUse as error:
            raise OutputInUse.of(path, error.used) from None
        except OSError:
            continue


@contextmanager
def _locked_folder(folder: Path) -> Iterator[None]:
    missing = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    try:
        descriptor = _open_folder(folder)
    except OSError as error:
        text = (error.strerror or str(error)).lower()
        raise RecordError(f"cannot write {folder}: {text}; choose another place") from error
    try:
        yield
    finally:
        for path in missing:
            with suppress(OSError):  # it holds something now
                path.rmdir()
        if descriptor is not None:
            os.close(descriptor)


def _open_folder(folder: Path) -> int | None:
    """Return a locked descriptor of `folder`, which is made if missing."""
    for _ in range(TRIES):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except PermissionError:  # Windows opens no folders
            return None
        try:
            lock(descriptor, folder)
            if os.path.samestat(os.stat(folder), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass  # another run removed it before it was locked
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    return None


def _folders(paths: Collection[Path]) -> dict[FileId, Path]:
    """Return every folder that holds one of `paths` or its target, at any depth, with one each."""
    real = ((Path(os.path.realpath(path)), path) for path in paths)
    links = ((Path(os.path.realpath(path.parent)) / path.name, path) for path in paths)
    inside = {named.parent: path for named, path in (*real, *links)}
    return {
        file_id(folder): path
        for parent, path in inside.items()
        for folder in (parent, *parent.parents)
    }


def _check_kind(output: Output) -> None:
    """Raise `UsageError` for a device or socket, and for a folder where a file is written.

    A FIFO is refused, too, unless the output may be one.
    """
    try:
        mode = os.stat(output.path).st_mode
    except OSError:
        return  # it does not exist, or opening it will give the reason
    if output.fifo and stat.S_ISFIFO(mode):
        return
    if not (stat.S_ISDIR(mode) if output.folder else stat.S_ISREG(mode)):
        wanted = "folder" if output.folder else "regular file"
        raise UsageError(
            f"{output.option} {output.path} is not a {wanted}. Name one that can be overwritten"
        )
