"""Tasks that end the process of their worker."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def end_worker_once(mark: Path) -> str:
    """End the process with the first task of this mark."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return mark.name


def end_worker(name: str) -> str:
    """End the process if the task is "deadly"; otherwise return its name."""
    if name == "deadly":
        os.kill(os.getpid(), signal.SIGKILL)
    return name
