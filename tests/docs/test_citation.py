"""CITATION.cff has what its format demands, and the version and date of the newest release."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
FIELDS = dict(re.findall(r"^([a-z-]+): ?(.*)$", TEXT, re.MULTILINE))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_it_has_the_fields_that_the_format_demands() -> None:
    assert FIELDS["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(FIELDS)


def test_version_and_licence_are_those_of_the_project() -> None:
    assert FIELDS["version"] == PROJECT["version"]
    assert FIELDS["license"] == PROJECT["license"]


def test_the_date_is_that_of_the_release() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = dict(re.findall(r"^## \[([\d.]+)\] - (\S+)$", changelog, re.MULTILINE))
    assert FIELDS["date-released"].strip('"') == released[PROJECT["version"]]


def test_the_paper_and_the_data_are_cited() -> None:
    assert "parametric\n      bias and facial landmarks" in TEXT
    assert "Padova Emotional Dataset of Facial Expressions" in TEXT
