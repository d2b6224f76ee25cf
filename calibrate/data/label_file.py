"""Read `labels.csv` as spreadsheets write it: any common encoding, delimiter and line end."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

LABELS_FILE = "labels.csv"
REQUIRED = ("clip", "subject", "emotion", "label")
DELIMITERS = (",", ";", "\t", "|")
BYTE_ORDER_MARKS = (  # UTF-16 has one by its standard, UTF-8 by Excel's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # first bytes of .xlsx and .ods, and of .xls
AS_CSV = "save it as CSV (UTF-8)"
ZERO_WIDTH = "\ufeff\u200b"


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One clip's row: its number in the spreadsheet, where the header is row 1, and its cells."""

    number: int
    cells: Mapping[str, str]  # by column in lower case, without spaces around them


def find_labels_file(folder: Path) -> Path | None:
    """Return the labels file in `folder`, its name in any capitals; None without one.

    Raises `ValueError` for labels in another format, which would be ignored otherwise.
    """
    named = [path for path in sorted(folder.iterdir()) if path.name.lower().startswith("labels.")]
    files = [path for path in named if path.is_file()]
    found = [path for path in files if path.name.lower() == LABELS_FILE]
    if len(found) > 1:
        raise ValueError(f"{folder} holds {' and '.join(p.name for p in found)}; want one of them")
    if files and not found:
        raise ValueError(f"{files[0]} is not named {LABELS_FILE}; {AS_CSV} under that name")
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns that a file must have, those that are understood, and other names of them.

    `renamed` maps a name in the file, in lower case with underscores, to ours.
    """

    required: tuple[str, ...] = REQUIRED
    known: tuple[str, ...] = REQUIRED
    renamed: Mapping[str, str] = field(default_factory=dict)

    def name(self, cell: str) -> str:
        """Return our name of a column whose header is `cell`."""
        column = "_".join(cell.casefold().split())
        return self.renamed.get(column, column)


LABEL_COLUMNS = Columns()


def read_label_rows(path: Path, wanted: Columns = LABEL_COLUMNS) -> list[LabelRow]:
    """Return the rows of a labels file without the empty ones.

    Raises `ValueError` that names the file, and the row where there is one.
    """
    text = _decoded(path)
    delimiter = _delimiter(path, text, wanted)
    rows = ((number, row) for number, row in _rows(path, text, delimiter) if any(row))
    columns = _columns(path, next(rows, (1, []))[1], wanted)
    return [LabelRow(number, _cells(path, number, columns, row)) for number, row in rows]


def nearest(word: str, others: Sequence[str]) -> str:
    """Return the one of `others` that `word` is probably a typo of; empty without one."""
    close = get_close_matches(word, [other for other in others if other != word], 1, 0.7)
    return close[0] if close else ""


def _decoded(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None
    if raw.startswith(WORKBOOKS):
        raise ValueError(f"{path} is a spreadsheet's own format, not CSV; {AS_CSV}")
    encoding = next((name for mark, name in BYTE_ORDER_MARKS if raw.startswith(mark)), None)
    for name in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            text = raw.decode(name)
        except UnicodeDecodeError as error:
            row = raw.count(b"\n", 0, error.start) + 1
            continue
        if "\0" in text:
            raise ValueError(f"{path} is no text, or UTF-16 without its mark; {AS_CSV}")
        return text
    raise ValueError(f"{path}, row {row}: not text in {encoding or 'UTF-8'}; {AS_CSV}")


def _delimiter(path: Path, text: str, wanted: Columns) -> str:
    """Return the delimiter that separates most of the known columns in the header."""
    first = text[: text.find("\n")] if "\n" in text else text
    if first.lower().startswith("sep=") and len(first.rstrip("\r")) == 5:  # Excel's own line
        return first[4]

    def known_columns(delimiter: str) -> int:
        try:
            header = next((row for _, row in _rows(path, text, delimiter) if any(row)), [])
        except ValueError:
            return 0  # quotes that make no sense with this delimiter
        return len({*map(wanted.name, header)} & {*wanted.known})

    return max(DELIMITERS, key=known_columns)


def _rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of every row but Excel's line `sep=`."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True
    )
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise ValueError(
                f'{path}, row {number}: {error}; quote a cell as "...", a quote in it as ""'
            ) from None
        if number > 1 or not "".join(row).lower().startswith("sep="):
            yield number, [_trimmed(cell) for cell in row]


def _columns(path: Path, header: Sequence[str], wanted: Columns) -> list[str]:
    columns = [wanted.name(cell) for cell in header]
    missing = sorted({*wanted.required} - {*columns})
    if missing:
        has = f"; it has {', '.join(filter(None, columns))}" if any(columns) else ""
        raise ValueError(
            f"{path} has no column {', '.join(missing)}; want {', '.join(wanted.required)}{has}"
        )
    twice = [name for name in dict.fromkeys(columns) if name and columns.count(name) > 1]
    if twice:
        raise ValueError(f"{path} has the column {twice[0]} twice; remove one")
    return columns


def _cells(path: Path, number: int, columns: Sequence[str], row: Sequence[str]) -> dict[str, str]:
    if any(row[len(columns) :]):
        raise ValueError(
            f"{path}, row {number}: {len(row)} cells under {len(columns)} columns;"
            ' quote a cell that holds a delimiter as "..."'
        )
    filled = [*row, *[""] * (len(columns) - len(row))]
    return {name: cell for name, cell in zip(columns, filled, strict=False) if name}


def _trimmed(cell: str) -> str:
    """Return `cell` without spaces around it, in composed characters (macOS decomposes them)."""
    return unicodedata.normalize("NFC", cell.strip().strip(ZERO_WIDTH).strip())
