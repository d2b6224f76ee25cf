"""What the README and CONTRIBUTING say is there is there, and what is there is said."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest

import calibrate.cli
import realtime.app.cli
from engines.registry import ENGINES
from realtime.core.messages import State, Verdict
from realtime.view.records.records import _COLUMNS
from realtime.view.records.rows import RunInfo, verdict_row

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md")
LONG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def document(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(heading: str, within: str | None = None) -> str:
    """The README's text under `heading`, up to the next one of its level or above."""
    level = heading.split(" ", 1)[0]
    found = re.search(
        rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)",
        document("README.md") if within is None else within,
        re.MULTILINE | re.DOTALL,
    )
    assert found, f"the README has no heading {heading!r}"
    return found[1]


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {
        name
        for action in parser._actions
        for name in action.option_strings
        if name.startswith("--")
    }


def commands() -> dict[str, argparse.ArgumentParser]:
    (found,) = (
        a for a in calibrate.cli.parser()._actions if isinstance(a, argparse._SubParsersAction)
    )
    return dict(found.choices)


def rows(text: str) -> set[str]:
    """Every `name` in the first column of the text's tables."""
    first = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in first for name in re.findall(r"`([^`]+)`", cell)}


def test_every_option_of_realtime_is_explained_and_no_other() -> None:
    explained = {name.split()[0] for name in rows(section("## Every option of `realtime`"))}
    assert explained == options(realtime.app.cli.parser())


@pytest.mark.parametrize("command", list(commands()))
def test_every_option_of_a_calibrate_command_is_explained_and_no_other(command: str) -> None:
    explained = {
        name for name in rows(section(f"### `calibrate {command}`")) if name.startswith("--")
    }
    assert explained == options(commands()[command]) - {"--help"}


def test_every_calibrate_command_is_explained_and_no_other() -> None:
    assert set(re.findall(r"^### `calibrate (\w+)`$", document("README.md"), re.MULTILINE)) == set(
        commands()
    )


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_option_is_named_that_does_not_exist(name: str) -> None:
    parsers = [realtime.app.cli.parser(), calibrate.cli.parser(), *commands().values()]
    known = set().union(*map(options, parsers))
    assert set(LONG.findall(document(name))) <= known


def test_every_engine_is_explained_and_no_other() -> None:
    assert rows(section("## Engines").split("One test suite")[0]) == set(ENGINES)


def test_every_state_is_explained_and_no_other() -> None:
    named = rows(section("## How to read the gauge"))
    assert named == {state.value for state in State}


def test_the_states_with_a_number_are_told_from_those_without() -> None:
    with_number, without = section("## How to read the gauge").split(
        "All others say why there is none:"
    )
    assert rows(with_number) == {state.value for state in State if state.has_number}
    assert rows(without) == {state.value for state in State if not state.has_number}


def test_every_field_of_the_record_is_explained_and_no_other() -> None:
    verdict = Verdict(0.0, 0, "any", State.NEUTRAL, None, "for a reason", 1.0)
    run = {field.name for field in fields(RunInfo)}
    summary = {"frames", "emotions", "age_ms", "fps"}
    assert rows(section("## The record")) == (run | set(verdict_row(verdict)) | summary) - {"type"}


def test_every_column_of_the_table_is_named_in_order() -> None:
    told = section("## The record").split("Its columns are")[1]
    assert tuple(re.findall(r"`(\w+)`", told)) == _COLUMNS


def test_the_two_commands_and_the_installation_are_there() -> None:
    start = section("## Start")
    assert re.search(r"^make demo\b", start, re.MULTILINE)
    assert re.search(r"^make test\b", start, re.MULTILINE)
    assert "`pip install .`" in start


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_make_target_that_is_named_has_a_rule(name: str) -> None:
    named = set(re.findall(r"(?:^|`)make (\w+)", document(name), re.MULTILINE))
    rules = set(re.findall(r"^(\w+):", document("Makefile"), re.MULTILINE))
    assert named
    assert named <= rules


@pytest.mark.parametrize("name", [*DOCUMENTS, "CHANGELOG.md"])
def test_every_link_into_the_repository_leads_somewhere(name: str) -> None:
    inside = [link for link in LINK.findall(document(name)) if "://" not in link]
    assert [link for link in inside if not (ROOT / link).exists()] == []


def test_every_picture_is_shown_and_small() -> None:
    shown = {
        Path(link).name
        for link in LINK.findall(document("README.md"))
        if link.startswith("docs/pictures/")
    }
    kept = {
        picture.name: picture.stat().st_size for picture in (ROOT / "docs" / "pictures").iterdir()
    }
    assert shown == set(kept)
    assert max(kept.values()) < 150_000


def test_limits_and_law_come_before_the_first_command() -> None:
    before = document("README.md").split("## Start")[0]
    for words in ("What it can tell", "What it cannot tell", "agreed", "Article 5(1)(f)"):
        assert words in before


@pytest.mark.parametrize("command", ["realtime", "calibrate"])
def test_help_answers_before_anything_heavy_is_loaded(command: str) -> None:
    heavy = {"cv2", "numpy", "dlib", "torch", "xgboost", "numba", "rich"}
    code = f"import sys, {command}.cli as cli; cli.parser().format_help(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert heavy.isdisjoint(done.stdout.split())
