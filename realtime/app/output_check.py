"""Refuse an output that is also an input, or another output, of the same run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import combinations
from pathlib import Path

from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.app.options import Options
from realtime.capture.demo import CLIP
from realtime.core.errors import UsageError
from realtime.view.records.line_file import earlier


def check_outputs(options: Options) -> None:
    """Raise `UsageError` where an output would overwrite an input or another output.

    Files are compared by device and inode, so links and other spellings of a path are noticed.
    """
    outputs = _outputs(options)
    for option, path in outputs:
        for source in _inputs(options):
            if _same_file(path, source):
                overwritten = f"{source}, which this run reads"
                raise UsageError(
                    f"{option} {path} would overwrite {overwritten}. Choose another name"
                )
    for (option, path), (other_option, other) in combinations(outputs, 2):
        if _same_file(path, other):
            raise UsageError(
                f"{option} {path} and {other_option} {other} are the same file. Choose another name"
            )


def _outputs(options: Options) -> list[tuple[str, Path]]:
    """Return every file this run may write, with the option that requests it."""
    record = options.record
    earlier_part = (
        earlier(record) if record is not None and options.record_limit_mb is not None else None
    )
    recorded = (("--record", path) for path in (record, earlier_part, options.video))
    profiled = (("--profile", path) for path in (options.trace, options.report))
    return [(option, path) for option, path in (*recorded, *profiled) if path is not None]


def _inputs(options: Options) -> Iterable[Path]:
    """Yield every file this run reads: the videos and the bundle."""
    yield from options.files
    if options.source.demo:
        yield CLIP
    with suppress(OSError):  # a bundle that cannot be read is refused when it is loaded
        yield from (options.bundle or DEFAULT_BUNDLE).iterdir()


def _same_file(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them does not exist yet: its name decides
        return os.path.realpath(one) == os.path.realpath(other)
