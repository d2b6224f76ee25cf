from __future__ import annotations

from pathlib import Path

from realtime.outputs.web.content.page_files import INDEX, WORDS, load_page


def test_files_of_known_types_are_read_and_no_others(tmp_path: Path) -> None:
    for name in (INDEX, "gauge.js", "notes.txt", ".hidden"):
        (tmp_path / name).write_text(name)
    (tmp_path / "folder.js").mkdir()
    page = load_page(tmp_path)
    assert sorted(page) == sorted(["gauge.js", INDEX, WORDS])
    assert page["gauge.js"].content == b"gauge.js"
    assert page["gauge.js"].media_type == "text/javascript; charset=utf-8"


def test_without_a_folder_there_is_no_page(tmp_path: Path) -> None:
    assert load_page(tmp_path / "missing") == {}
