"""The newest version of the changelog is that of the package, and older ones follow in order."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def releases() -> list[tuple[str, date]]:
    """Return versions and their dates in the order of the changelog."""
    return [(version, date.fromisoformat(day)) for version, day in RELEASE.findall(text())]


def text() -> str:
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_newest_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert releases()[0][0] == project["version"]


def test_versions_and_dates_descend_without_repetition() -> None:
    listed = releases()
    order = [(tuple(map(int, version.split("."))), day) for version, day in listed]
    assert order == sorted(order, reverse=True)
    assert len({version for version, _ in listed}) == len(listed)


def test_headings_are_those_of_keep_a_changelog() -> None:
    headings = re.findall(r"^(##+) (.+)$", text(), re.MULTILINE)
    assert {name for level, name in headings if level == "###"} <= KINDS
    sections = [name for level, name in headings if level == "##" and name != "[Unreleased]"]
    assert len(sections) == len(releases())


def test_what_is_not_released_comes_first() -> None:
    assert re.findall(r"^## (.+)$", text(), re.MULTILINE)[0] == "[Unreleased]"


def test_a_release_names_each_kind_of_change_once_with_its_changes() -> None:
    for release in text().split("\n## ")[1:]:
        kinds = re.findall(r"^### (.+)$", release, re.MULTILINE)
        assert kinds
        assert len(kinds) == len(set(kinds))
        assert all(
            part.split("\n", 1)[1].startswith("\n- ") for part in release.split("\n### ")[1:]
        )
