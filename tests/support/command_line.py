"""The command line, called as a user would, and the records it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from realtime.app.cli import main

DEMO = Path(__file__).parents[2] / "realtime" / "capture" / "demo.mp4"
LOSSLESS = ("--lossless", "--fast", "--headless")


def run(*options: str | Path) -> int:
    """Return the exit code of `realtime` with these options."""
    return main([str(option) for option in options])


def record(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a record."""
    return [json.loads(line) for line in path.read_text().splitlines()]
