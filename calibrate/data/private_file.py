"""Files with faces or personal data, readable by their owner alone."""

from __future__ import annotations

import os


def private_opener(path: str, flags: int) -> int:
    """Open a file with mode 0600, even if it exists; an `opener` for `open`."""
    file = os.open(path, flags, 0o600)
    os.fchmod(file, 0o600)
    return file
