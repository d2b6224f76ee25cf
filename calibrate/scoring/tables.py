"""Tables of rows: CSV, JSON lines or Parquet, by the ending of the name."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from calibrate.parallel import atomic_write
from realtime.core.errors import RecordError, UsageError

CSV, JSON_LINES, PARQUET = ".csv", ".jsonl", ".parquet"
ENDINGS = (CSV, JSON_LINES, PARQUET)
CHUNK = 10_000  # rows of a Parquet row group


def check_table(option: str, path: Path) -> None:
    """Raise `UsageError` if no table can be written to `path`, before any work."""
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(f"{option} is {path}; want a name that ends in {', '.join(ENDINGS)}")
    if path.suffix.lower() == PARQUET:
        load_parquet()
    if not path.parent.is_dir():
        raise UsageError(f"{option} is {path}, and there is no folder {path.parent}; make it first")


def load_parquet() -> Any:
    """Return the module of PyArrow; raises `UsageError` where it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet needs pyarrow; install it with pip install pyarrow, or use .csv"
        ) from None
    return pyarrow


def write_table(
    path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], kinds: Mapping[str, type]
) -> None:
    """Write `rows` to `path`, complete or not at all; columns without a kind hold text."""
    kind = path.suffix.lower()
    try:
        with atomic_write(path) as unfinished:
            if kind == PARQUET:
                _write_parquet(unfinished, rows, columns, kinds)
            elif kind == JSON_LINES:
                _write_json_lines(unfinished, rows, columns)
            else:
                _write_csv(unfinished, rows, columns)
    except OSError as error:
        raise RecordError(
            f"{path} cannot be written: {error.strerror or error}. Free space or name another file,"
            " and run again: all other work is kept"
        ) from error


def _write_csv(path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_text(row.get(name)) for name in columns])


def _write_json_lines(
    path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str]
) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            values = {name: row.get(name) for name in columns}
            file.write(json.dumps(values, ensure_ascii=False) + "\n")


def _write_parquet(
    path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str], kinds: Mapping[str, type]
) -> None:
    arrow = load_parquet()
    types = {float: arrow.float64(), int: arrow.int64(), bool: arrow.bool_()}
    pairs = [(name, types.get(kinds.get(name, str), arrow.string())) for name in columns]
    schema = arrow.schema(pairs)
    with arrow.parquet.ParquetWriter(path, schema) as writer:
        for chunk in _chunks(rows):
            values = [[row.get(name) for row in chunk] for name in columns]
            arrays = [
                arrow.array([_typed(v, kinds.get(name)) for v in column], kind)
                for column, (name, kind) in zip(values, pairs, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _chunks(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def _typed(value: Any, kind: type | None) -> Any:
    if value is None or kind is not None:
        return value
    return value if isinstance(value, str) else json.dumps(value)


def _text(value: Any) -> Any:
    """Return a cell as CSV has it: empty for None, true and false in small letters."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else value
