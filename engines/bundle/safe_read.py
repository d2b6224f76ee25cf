"""Reads files that somebody else may have made: never more than was announced, never what is not a plain file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engines.errors import BundleRefused


def read_bounded(path: Path, limit: int) -> bytes:
    """The file's bytes; raises `BundleRefused` naming it if it is no plain file or holds more than `limit` bytes.

    At most one byte more than `limit` is read, so a bomb is noticed and not swallowed; a pipe does not make us wait.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BundleRefused(f"{path} is no plain file; give a bundle's folder")
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        why = getattr(error, "strerror", None) or error
        raise BundleRefused(f"{path} cannot be read ({why}); give a bundle's folder") from None
    if len(raw) > limit:
        raise BundleRefused(f"{path} is larger than {limit} bytes; get a whole bundle")
    return raw
