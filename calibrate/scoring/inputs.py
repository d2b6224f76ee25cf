"""What is scored: files, folders of videos, and manifests that name clips and whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from calibrate.data.clips import CLIPS, DataError, clips_beside, labels_of, locate_clip
from calibrate.data.label_file import Columns, LabelRow, nearest, read_label_rows
from calibrate.scoring.tables import PARQUET, load_parquet
from realtime.capture.file_types import list_videos
from realtime.core.errors import UsageError
from realtime.core.labels import ALL, AUTO, FAKE, GENUINE, LABELS

CHOICES = (ALL, AUTO)  # no emotion, but a way to choose
MANIFESTS = (".csv", ".tsv", ".txt", PARQUET)
FIELDS = ("clip", "person", "emotion", "label")
# Names of columns that mean the same, as corpora use them.
SYNONYMS = {"file": "clip", "filename": "clip", "path": "clip", "video": "clip"}
SYNONYMS |= {"subject": "person", "participant": "person"}


@dataclass(frozen=True, slots=True)
class ClipEntry:
    """One clip to score, and what is known of it; empty where it is not."""

    file: Path
    person: str = ""
    emotion: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ManifestWords:
    """Names of columns (`theirs` to ours) and words for labels (`theirs` to genuine or fake)."""

    columns: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def of(columns: str | None, labels: str | None) -> ManifestWords:
        """Read `clip=filename,person=participant` and `genuine=real|felt,fake=posed`.

        Raises `UsageError` for anything else.
        """
        names = {
            _column(theirs): ours for ours, theirs in _pairs("--columns", columns, FIELDS) if theirs
        }
        words = {
            word.strip().casefold(): label
            for label, some in _pairs("--labels", labels, LABELS)
            for word in some.split("|")
        }
        return ManifestWords(names, words)

    @property
    def wanted(self) -> Columns:
        """Columns of a manifest; a name that was given excludes its synonyms."""
        given = set(self.columns.values())
        synonyms = {theirs: ours for theirs, ours in SYNONYMS.items() if ours not in given}
        return Columns(("clip",), FIELDS, {**synonyms, **self.columns})

    def label(self, word: str) -> str:
        """Return the label that `word` means, empty for none; raises `DataError` for a riddle."""
        said = word.casefold()
        label = self.labels.get(said, said)
        if label and label not in LABELS:
            meant = nearest(label, [*LABELS, *self.labels])
            raise DataError(
                f"the label is {word!r}; want {GENUINE}, {FAKE} or nothing, or name the words:"
                f" --labels {GENUINE}=WORD|WORD,{FAKE}=WORD"
                + (f" (did you mean {meant}?)" if meant else "")
            )
        return label


def find_entries(inputs: Sequence[Path], words: ManifestWords) -> list[ClipEntry]:
    """Return the clips of all `inputs` in order; folders are read with all folders in them.

    Raises `UsageError` for an input that does not exist, and `DataError` for a manifest that cannot
    be read and for inputs without any clip.
    """
    entries = [entry for path in inputs for entry in _entries(path, words)]
    if not entries:
        named = ", ".join(map(str, inputs))
        raise DataError(f"no clip in {named}; want videos, folders of them, or a manifest")
    _check_spelling(entries)
    return entries


def check_emotions(entries: Iterable[ClipEntry], default: str) -> None:
    """Raise `UsageError` for a choice between emotions: a clip is judged as one that is named.

    `default` is the emotion of entries that name none.
    """
    best = "or any; the column best_emotion then says which one the movement fits best"
    if default in CHOICES:
        raise UsageError(f"--emotion is {default}; name one emotion, {best}")
    for entry in entries:
        if entry.emotion in CHOICES:
            raise UsageError(
                f"{entry.file} has the emotion {entry.emotion!r}; name one emotion in its row, "
                f"leave it empty (--emotion is judged then), {best}"
            )


def _entries(path: Path, words: ManifestWords) -> Iterator[ClipEntry]:
    if path.is_dir():
        labels = labels_of(path)
        if labels is not None:
            return _manifest(labels, words)
        return (ClipEntry(video) for video in list_videos(path, recursive=True).videos)
    if not path.exists():
        raise UsageError(f"there is no file or folder {path}. Check the path")
    return _manifest(path, words) if path.suffix.lower() in MANIFESTS else iter([ClipEntry(path)])


def _manifest(path: Path, words: ManifestWords) -> Iterator[ClipEntry]:
    files = clips_beside(path)
    rows = _parquet_rows(path, words) if path.suffix.lower() == PARQUET else _text_rows(path, words)
    for row in rows:
        cells = row.cells
        try:
            if not cells["clip"]:
                raise DataError("no clip is named")
            file = _file_of(cells["clip"], path.parent, files)
            label = words.label(cells.get("label", ""))
        except DataError as error:
            raise DataError(f"{path}, row {row.number}: {error}") from None
        emotion = cells.get("emotion", "").casefold()
        yield ClipEntry(file, cells.get("person", ""), emotion, label)


def _file_of(cell: str, folder: Path, files: Mapping[str, Path]) -> Path:
    """Return the video that `cell` names; a missing one is looked for in clips/ if that exists."""
    _, file = locate_clip(cell, folder, files)
    if not files and file.parent == folder / CLIPS and not file.is_file():
        return folder / file.name
    return file


def _text_rows(path: Path, words: ManifestWords) -> list[LabelRow]:
    try:
        return read_label_rows(path, words.wanted)
    except ValueError as error:
        raise DataError(f"{error}; or name the columns: --columns clip=NAME") from None


def _parquet_rows(path: Path, words: ManifestWords) -> Iterator[LabelRow]:
    arrow, wanted = load_parquet(), words.wanted
    try:
        table = arrow.parquet.read_table(path).to_pylist()
    except (OSError, arrow.ArrowException) as error:
        raise DataError(f"{path} is no Parquet file ({error})") from None
    for number, row in enumerate(table, start=1):
        cells = {wanted.name(name): _cell(value) for name, value in row.items()}
        if "clip" not in cells:
            raise DataError(f"{path} has no column clip; name it: --columns clip=NAME")
        yield LabelRow(number, cells)


def _cell(value: object) -> str:
    """Return a value as text; pandas makes floats of whole numbers where some are missing."""
    if value is None or value != value:  # NaN
        return ""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()


def _check_spelling(entries: Iterable[ClipEntry]) -> None:
    """Raise `DataError` for a person in other capitals: as two, each would be known less."""
    first: dict[str, str] = {}
    for entry in entries:
        spelled = first.setdefault(entry.person.casefold(), entry.person)
        if spelled != entry.person:
            raise DataError(f"person {entry.person!r} is also {spelled!r}; want one spelling")


def _pairs(option: str, text: str | None, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for part in (text or "").split(",") if text else ():
        name, found, value = part.partition("=")
        if found and name.strip() not in names and value.strip() in names:
            raise UsageError(
                f"{option} is {text!r}; want it the other way round: {value.strip()}={name.strip()}"
            )
        if not found or name.strip() not in names or not value.strip():
            raise UsageError(f"{option} is {text!r}; want NAME=VALUE with {', '.join(names)}")
        yield name.strip(), value.strip()


def _column(name: str) -> str:
    return "_".join(name.casefold().split())
