"""The table of guarantees names existing tests, and every guarantee has one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "RELIABILITY.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if re.match(r"\| \d+ \|", line)]


def test_there_are_twenty_six_guarantees_in_order() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 27))


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip() for row in ROWS])
def test_each_guarantee_has_tests_that_exist_and_a_figure(row: list[str]) -> None:
    _, guarantee, tests, figure = row
    assert guarantee.strip()
    assert figure.strip()
    named = re.findall(r"`(tests/[\w/]+\.py)::(?:(\w+)::)?(\w+)`", tests)
    assert named
    for path, _, test in named:
        assert re.search(
            rf"^\s*def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE
        ), test


@pytest.mark.parametrize("name", ["docs/RELIABILITY.md", "SECURITY.md", "PRIVACY.md"])
def test_every_link_leads_to_a_file(name: str) -> None:
    document = ROOT / name
    links = [
        link
        for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8"))
        if "://" not in link
    ]
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("name", ["SECURITY.md", "PRIVACY.md", "docs/RELIABILITY.md"])
def test_every_named_file_and_command_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    for path in re.findall(r"python (tests/[\w/]+\.py)", text):
        assert (ROOT / path).is_file()
    rules = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make (\w+)", text)) <= rules


def test_the_readme_leads_to_all_three() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("SECURITY.md", "PRIVACY.md", "docs/RELIABILITY.md"):
        assert f"({name})" in readme
