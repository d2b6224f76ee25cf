"""The changelog's newest version is the package's, and dates go back from there."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

ROOT = Path(__file__).parents[2]
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def releases() -> list[tuple[str, date]]:
    """Versions with their days, as the changelog lists them."""
    return [(version, date.fromisoformat(day)) for version, day in RELEASE.findall(text())]


def text() -> str:
    return (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_newest_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert releases()[0][0] == project["version"]


def test_versions_go_back_in_time_and_none_is_listed_twice() -> None:
    listed = releases()
    order = [(tuple(map(int, version.split("."))), day) for version, day in listed]
    assert order == sorted(order, reverse=True)
    assert len({version for version, _ in listed}) == len(listed)


def test_every_heading_is_one_that_readers_and_tools_know() -> None:
    headings = re.findall(r"^(##+) (.+)$", text(), re.MULTILINE)
    assert {name for level, name in headings if level == "###"} <= KINDS
    sections = [name for level, name in headings if level == "##" and name != "[Unreleased]"]
    assert len(sections) == len(releases())
