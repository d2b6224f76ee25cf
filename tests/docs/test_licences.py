"""docs/LICENSES.md lists every run-time dependency with its licence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from licences import ELSEWHERE, identifiers, installed, licence, normalised, tables

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "LICENSES.md").read_text(encoding="utf-8")
PACKAGES, ALLOWED = TEXT.split("## Packages")[1].split("## What the licences allow")
ROWS = {row[0]: row[1:] for row in re.findall(r"^\| `(.+)` \| (.+?) \| (.+?) \|", PACKAGES, re.M)}
ALLOWS = dict(re.findall(r"^\| (.+?) \| (.+) \|$", ALLOWED, re.MULTILINE))


def test_the_dependencies_of_dependencies_are_found() -> None:
    found = installed()
    assert found["numpy"] == "all"
    assert found["mdurl"] == "all"  # rich -> markdown-it-py -> mdurl
    assert found["h11"] == "web"


@pytest.mark.parametrize("name", sorted(installed()))
def test_every_installed_dependency_is_listed(name: str) -> None:
    assert name in ROWS, "python tests/support/licences.py -o docs/LICENSES.md"


def test_every_dependency_of_any_system_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    run_time = [
        *project["dependencies"],
        *(each for e in extras if e != "dev" for each in extras[e]),
    ]
    names = {normalised(re.split(r"[<>=;\s]", line)[0]) for line in run_time}
    assert set(ELSEWHERE) < names
    assert names <= set(ROWS)


def test_every_licence_is_explained() -> None:
    used = set().union(*(identifiers(expression) for _, expression in ROWS.values()))
    assert used == set(ALLOWS) - {"licence", "---"}


def test_the_generated_tables_name_the_licence_of_a_package() -> None:
    assert f"| `rich` | all | {licence('rich')} | |" in tables()


def test_what_restricts_users_is_said_first() -> None:
    before = TEXT.split("## Data and models")[0]
    for words in ("No commercial use", "GPL", "LGPL"):
        assert words in before
    restricted = {name for name, (_, expression) in ROWS.items() if "GPL" in expression}
    assert not restricted  # of a whole package; `av` and others have parts under it
