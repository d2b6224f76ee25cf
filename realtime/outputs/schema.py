"""JSON Schema of every event, as packaged data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PATH = Path(__file__).with_name("schema.json")


def load_schema() -> dict[str, Any]:
    """Return the schema (draft 2020-12) of run, verdict and summary; its version is `SCHEMA`."""
    schema: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return schema
