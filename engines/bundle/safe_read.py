"""Bounded read of untrusted files: regular files only, never more bytes than declared."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from engines.errors import BundleRefused


def read_bounded(path: Path, limit: int) -> bytes:
    """Return the file's bytes.

    Raises BundleRefused naming it if it is no regular file or holds more than `limit` bytes. Reads
    at most `limit` + 1 bytes; a named pipe does not block.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise BundleRefused(f"{path} is no regular file; give a bundle's folder")
            raw = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL in it
        why = getattr(error, "strerror", None) or error
        raise BundleRefused(f"{path} cannot be read ({why}); give a bundle's folder") from None
    if len(raw) > limit:
        raise BundleRefused(f"{path} is larger than {limit} bytes; get a complete bundle")
    return raw
