"""Files that show or hold somebody's face: their owner's alone."""

from __future__ import annotations

import os


def private_opener(path: str, flags: int) -> int:
    """An `opener` of `open`: the file is readable by the user alone, also where it was there before."""
    file = os.open(path, flags, 0o600)
    os.fchmod(file, 0o600)
    return file
