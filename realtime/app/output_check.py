"""Outputs of a run: refused where they are inputs, other outputs, or those of another run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engines.bundle.bundle import ALLOWED_SUFFIXES, DEFAULT_BUNDLE, MANIFEST
from engines.bundle.checksums import CHECKSUM_FILE, CHECKSUMMED_FILES
from realtime.app.options import Options
from realtime.capture.demo import CLIP
from realtime.core.errors import SavedPersonError, UsageError
from realtime.core.output_guard import Output, check_outputs_apart, hold_inputs, lock_outputs
from realtime.core.output_pipe import STDOUT, STDOUT_NUMBER
from realtime.person import saved_profile
from realtime.view.records.line_file import earlier


def check_outputs(options: Options) -> None:
    """Raise `UsageError` where an output would overwrite an input or another output.

    The packaged bundle and clip and the saved people count as inputs of every run.
    """
    outputs = _outputs(options)
    if options.record is not None and _is_stdout(options.record):
        raise UsageError(f"--record {options.record} is standard output. Use --record -")
    if outputs:
        check_outputs_apart(outputs, _inputs(options))


@contextmanager
def lock_late_outputs(options: Options) -> Iterator[None]:
    """Lock the outputs that are written at the end of the run; the others lock themselves.

    The files that are replayed are held, so that no other run records over them meanwhile. Raises
    `OutputInUse`.
    """
    profiles = [path for path in (options.trace, options.report) if path is not None]
    people = [saved_profile.path_of(options.person)] if options.person and options.learn else []
    with hold_inputs(options.files), lock_outputs([*profiles, *people]):
        yield


def _outputs(options: Options) -> list[Output]:
    """Return every file this run may write, with the option that requests it."""
    record = None if options.record == STDOUT else options.record
    earlier_part = (
        earlier(record) if record is not None and options.record_limit_mb is not None else None
    )
    recorded = (("--record", path) for path in (earlier_part, options.video))
    profiled = (("--profile", path) for path in (options.trace, options.report))
    files = [Output(option, path) for option, path in (*recorded, *profiled) if path is not None]
    return files if record is None else [Output("--record", record, fifo=True), *files]


def _is_stdout(path: Path) -> bool:
    """Return whether `path` is a pipe that this process prints to, such as /dev/stdout."""
    try:
        return path.is_fifo() and os.path.samestat(os.stat(path), os.fstat(STDOUT_NUMBER))
    except OSError:
        return False


def _inputs(options: Options) -> Iterable[Path]:
    """Yield every file that must stay: what this run reads, and what no run may overwrite."""
    yield from options.files
    yield CLIP
    for bundle in {options.bundle or DEFAULT_BUNDLE, DEFAULT_BUNDLE}:
        yield from bundle_files(bundle)
    with suppress(SavedPersonError):  # a user without a home folder saves no one
        yield from _files_in(saved_profile.people_folder())


def bundle_files(folder: Path) -> list[Path]:
    """Return the files of a bundle, or of learned networks, without others in its folder."""
    named = {MANIFEST, CHECKSUM_FILE, *CHECKSUMMED_FILES}
    files = _files_in(folder)
    return [path for path in files if path.name in named or path.suffix in ALLOWED_SUFFIXES]


def _files_in(folder: Path) -> list[Path]:
    try:
        return [folder / name for name in os.listdir(folder)]
    except OSError:  # if it is needed, the run says so when it reads it
        return []
