"""Refuse an output that is also an input, or another output, of the same run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.app.options import Options
from realtime.capture.demo import CLIP
from realtime.core.errors import UsageError
from realtime.view.records.line_file import earlier


def check_outputs(config: Options) -> None:
    """Raise `UsageError` where writing an output of this run would destroy one of its inputs or another output.

    Files are compared by device and inode, so hard links, symbolic links and other spellings of a path are noticed.
    """
    outputs = _outputs(config)
    for option, path in outputs:
        for source in _inputs(config):
            if _same_file(path, source):
                raise UsageError(
                    f"{option} {path} would overwrite {source}, which this run reads. Choose another name"
                )
    for (option, path), (other_option, other) in combinations(outputs, 2):
        if _same_file(path, other):
            raise UsageError(
                f"{option} {path} and {other_option} {other} are the same file. Choose another name"
            )


def _outputs(config: Options) -> list[tuple[str, Path]]:
    """Every file this run may write, with the option that asks for it."""
    record = config.record
    earlier_part = (
        earlier(record) if record is not None and config.record_limit_mb is not None else None
    )
    recorded = (("--record", path) for path in (record, earlier_part, config.video))
    profiled = (("--profile", path) for path in (config.trace, config.report))
    return [(option, path) for option, path in (*recorded, *profiled) if path is not None]


def _inputs(config: Options) -> Iterable[Path]:
    """Every file this run reads: the videos and the bundle."""
    yield from config.files
    if config.source.demo:
        yield CLIP
    bundle = config.bundle or DEFAULT_BUNDLE
    if bundle.is_dir():
        yield from bundle.iterdir()


def _same_file(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:  # one of them does not exist yet: its name decides
        return os.path.realpath(one) == os.path.realpath(other)
