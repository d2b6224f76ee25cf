import json
import sys
from pathlib import Path

import pytest

from calibrate.scoring import tables
from calibrate.scoring.tables import check_table, write_table
from realtime.core.errors import RecordError, UsageError

ROWS = [{"file": "a,b.mp4", "p": 0.25, "sure": True, "n": 3}, {"file": "ü", "p": None}]
COLUMNS, KINDS = ("file", "p", "sure", "n"), {"p": float, "sure": bool, "n": int}


def test_csv_has_empty_cells_for_what_is_unknown(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", ROWS, COLUMNS, KINDS)
    text = (tmp_path / "t.csv").read_bytes().decode()
    assert text == 'file,p,sure,n\n"a,b.mp4",0.25,true,3\nü,,,\n'


def test_json_lines_have_every_column(tmp_path: Path) -> None:
    write_table(tmp_path / "t.jsonl", ROWS, COLUMNS, KINDS)
    lines = (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        ROWS[0],
        {"file": "ü", "p": None, "sure": None, "n": None},
    ]


def test_parquet_has_types(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_table(tmp_path / "t.parquet", ROWS, COLUMNS, KINDS)
    found = parquet.read_table(tmp_path / "t.parquet")
    assert list(map(str, found.schema.types)) == ["string", "double", "bool", "int64"]
    assert found.to_pylist()[0] == ROWS[0]


def test_parquet_is_read_by_pandas_and_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    rows = [{**row, "box": [1, 2]} for row in ROWS]
    for name in ("a.parquet", "b.parquet"):
        write_table(tmp_path / name, iter(rows), (*COLUMNS, "box"), KINDS)
    table = pandas.read_parquet(tmp_path / "a.parquet")
    assert table["p"].isna().tolist() == [False, True]
    assert (table["p"][0], table["box"][1]) == (0.25, "[1, 2]")  # lists are JSON, as in CSV
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_an_empty_parquet_table_has_its_columns(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    write_table(tmp_path / "t.parquet", [], COLUMNS, KINDS)
    found = parquet.read_table(tmp_path / "t.parquet")
    assert (found.num_rows, found.column_names) == (0, list(COLUMNS))


def test_more_rows_than_a_row_group_are_kept_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    monkeypatch.setattr(tables, "CHUNK", 3)
    write_table(tmp_path / "t.parquet", ({"n": n} for n in range(7)), ("n",), KINDS)
    assert parquet.read_table(tmp_path / "t.parquet")["n"].to_pylist() == list(range(7))
    assert parquet.ParquetFile(tmp_path / "t.parquet").num_row_groups == 3


def test_a_failure_leaves_the_older_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old")

    def rows() -> object:
        yield ROWS[0]
        raise OSError(28, "No space left on device")

    with pytest.raises(RecordError, match=r"No space left on device\. Free space .* is kept"):
        write_table(path, rows(), COLUMNS, KINDS)  # type: ignore[arg-type]
    assert [each.name for each in tmp_path.iterdir()] == ["t.csv"]
    assert path.read_text() == "old"


def test_what_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=r"t\.xlsx; want a name that ends in \.csv, \.jsonl"):
        check_table("--out", tmp_path / "t.xlsx")
    with pytest.raises(UsageError, match=r"there is no folder .*none"):
        check_table("--out", tmp_path / "none" / "t.csv")
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="Parquet needs pyarrow; install it with pip install"):
        check_table("--out", tmp_path / "t.parquet")
