"""What the documents name exists, and what exists is explained."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import cli_reference
import pytest

import calibrate.cli
import realtime.app.cli
from engines.registry import ENGINES
from realtime.core.messages import State, Verdict
from realtime.view.records.records import COLUMNS, OPTIONAL_COLUMNS
from realtime.view.records.rows import RunInfo, verdict_row

ROOT = Path(__file__).parents[2]
MAX_README_LINES = 150
MAX_PICTURE_BYTES = 150_000
MAX_ANIMATION_BYTES = 500_000
DOCUMENTS = sorted(
    str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
SITE_ONLY = {"docs/index.md"}  # where the site starts, in place of the README
CURRENT = [name for name in DOCUMENTS if name not in ("CHANGELOG.md", "docs/GLOSSARY.md")]
LONG_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FOREIGN_OPTIONS = {"--help"}  # of every command
FOREIGN_OPTIONS |= {"--kiosk", "--noerrdialogs", "--disable-session-crashed-bubble"}  # of Chromium
FOREIGN_OPTIONS |= {"--window-position"}  # likewise
FOREIGN_OPTIONS |= {"--rm", "--device", "--now", "--variant", "--offline"}  # of Docker and systemd
FOREIGN_OPTIONS |= {"--repeats", "--minutes"}  # of the project's experiments and measures
FOREIGN_OPTIONS |= {"--nworkers", "--nthreads"}  # of Dask's worker


@cache
def document(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def section(name: str, heading: str) -> str:
    """Return the text of document `name` under `heading`, up to the next heading of its level."""
    level = heading.split(" ", 1)[0]
    match = re.search(
        rf"^{re.escape(heading)}$(.*?)(?=^#{{1,{len(level)}}} |\Z)",
        document(name),
        re.MULTILINE | re.DOTALL,
    )
    assert match, f"{name} has no heading {heading!r}"
    return match[1]


def options(parser: argparse.ArgumentParser) -> set[str]:
    strings = (name for action in parser._actions for name in action.option_strings)
    return {name for name in strings if name.startswith("--")}


def commands() -> dict[str, argparse.ArgumentParser]:
    actions = calibrate.cli.parser()._actions
    (subparsers,) = (a for a in actions if isinstance(a, argparse._SubParsersAction))
    return dict(subparsers.choices)


def first_column(text: str) -> set[str]:
    """Return every `name` in the first column of the tables in `text`."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def links(name: str) -> Iterator[Path]:
    """Yield the targets of the links of document `name` into the repository."""
    for link in LINK.findall(document(name)):
        target = link.split("#")[0]
        if target and "://" not in link:
            yield (ROOT / name).parent / target


def anchors(name: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of document `name`."""
    headings = re.findall(r"^#+ (.+)$", document(name), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


class TestReadme:
    def test_it_fits_on_a_few_screens(self) -> None:
        assert len(document("README.md").splitlines()) <= MAX_README_LINES

    def test_it_begins_with_the_animation(self) -> None:
        before = document("README.md").split("\n## ")[0]
        assert "(docs/pictures/gauge.svg)" in before

    def test_it_gives_the_two_commands_and_the_installation(self) -> None:
        start = section("README.md", "## Start")
        assert re.search(r"^make demo\b", start, re.MULTILINE)
        assert re.search(r"^make test\b", start, re.MULTILINE)
        assert "`pip install .`" in start

    def test_consent_comes_before_the_first_command(self) -> None:
        assert "consent" in document("README.md").split("## Start")[0]

    def test_it_states_what_use_is_responsible_and_what_is_illegal(self) -> None:
        notice = section("README.md", "## Responsible use")
        for words in ("consent", "decision", "Article 5(1)(f)", "does not detect"):
            assert words in notice

    def test_its_recipes_parse(self) -> None:
        recipes = re.findall(r"^realtime (.+)$", section("README.md", "## Recipes"), re.M)
        assert len(recipes) == 3
        for recipe in recipes:
            realtime.app.cli.parser().parse_args(recipe.split())

    def test_its_accuracy_is_that_of_the_results(self) -> None:
        accuracy = section("README.md", "## How accurate is it?")
        results = document("docs/RESULTS.md")
        figures = re.findall(r"\d\.\d{3}", accuracy)
        assert figures
        assert all(figure in results for figure in figures)
        assert "calibrate report" in accuracy

    def test_it_leads_to_every_document(self) -> None:
        reached = {path.resolve() for path in links("README.md")}
        top = {name for name in DOCUMENTS if name.count("/") < 2} - SITE_ONLY - {"README.md"}
        assert {ROOT / name for name in top} <= reached


class TestReference:
    def test_it_is_what_the_generator_gives(self) -> None:
        assert document("docs/CLI.md") == cli_reference.reference(), (
            "docs/CLI.md is out of date: python tests/support/cli_reference.py -o docs/CLI.md"
        )

    def test_it_has_every_option_of_realtime(self) -> None:
        table = first_column(section("docs/CLI.md", "## realtime"))
        named = {term.split()[0] for term in table}
        assert options(realtime.app.cli.parser()) <= named

    @pytest.mark.parametrize("command", list(commands()))
    def test_it_has_every_option_of_each_calibrate_command(self, command: str) -> None:
        table = first_column(section("docs/CLI.md", f"### calibrate {command}"))
        assert options(commands()[command]) <= {term.split()[0] for term in table}


@pytest.mark.parametrize("name", CURRENT)
def test_no_option_is_named_that_does_not_exist(name: str) -> None:
    ours = [realtime.app.cli.parser(), calibrate.cli.parser(), *commands().values()]
    known = FOREIGN_OPTIONS.union(*map(options, ours))
    assert set(LONG_OPTION.findall(document(name))) <= known


@pytest.mark.parametrize("name", CURRENT)
def test_no_calibrate_command_is_named_that_does_not_exist(name: str) -> None:
    assert set(re.findall(r"[`|] ?calibrate ([a-z]+)", document(name))) <= set(commands())


@pytest.mark.parametrize("name", CURRENT)
def test_every_make_target_that_is_named_has_a_rule(name: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", document(name), re.MULTILINE))
    assert named <= set(re.findall(r"^(\w+):", document("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_link_leads_to_a_file(name: str) -> None:
    assert [path for path in links(name) if not path.exists()] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_anchor_is_a_heading(name: str) -> None:
    for link in LINK.findall(document(name)):
        target, _, anchor = link.partition("#")
        if anchor and "://" not in link:
            path = ((ROOT / name).parent / target).resolve() if target else ROOT / name
            assert anchor in anchors(str(path.relative_to(ROOT))), link


@pytest.mark.parametrize("name", CURRENT)
def test_every_module_and_file_that_is_named_exists(name: str) -> None:
    text = document(name)
    modules = re.findall(r"python -m ((?:engines|realtime|calibrate)[\w.]*)", text)
    stems = [ROOT / module.rstrip(".").replace(".", "/") for module in modules]
    assert [stem for stem in stems if not (stem.is_dir() or stem.with_suffix(".py").exists())] == []
    paths = re.findall(r"(?:engines|realtime|calibrate|tests)/[\w/]+\.(?:py|md|txt)\b", text)
    assert [path for path in paths if not (ROOT / path).is_file()] == []


def test_every_engine_is_explained_and_no_other() -> None:
    table = document("docs/ENGINES.md").split("## Agreement")[0]
    assert first_column(table) == set(ENGINES)


def test_every_state_is_explained_with_or_without_a_number() -> None:
    states = section("docs/GAUGE.md", "## States")
    with_number, without = states.split("In all others there is no number")
    assert first_column(with_number) == {state.value for state in State if state.has_number}
    assert first_column(without) == {state.value for state in State if not state.has_number}


def test_every_field_of_the_record_is_explained_and_no_other() -> None:
    verdict = Verdict(0.0, 0, "any", State.NEUTRAL, None, "for a reason", 1.0)
    run = {"schema", *(field.name for field in fields(RunInfo))} - {"live"}  # it decides on `at`
    summary = {"frames", "emotions", "age_ms", "fps"}
    summary |= {"faces_not_described", "face_searches_unused"}
    explained = first_column(section("docs/RECORDS.md", "## JSONL").split("Frames are dropped")[0])
    assert explained == (run | set(verdict_row(verdict)) | {"at", "face"} | summary) - {"type"}


def test_every_column_of_the_table_is_named_in_order() -> None:
    columns = section("docs/RECORDS.md", "## CSV").split("Its columns are")[1]
    assert tuple(re.findall(r"`(\w+)`", columns)) == (*COLUMNS, *OPTIONAL_COLUMNS)


def glossary_places() -> list[tuple[str, str]]:
    """Return every (file, symbol) in the glossary's third column; the symbol may be empty."""
    rows = [line.split("|") for line in document("docs/GLOSSARY.md").splitlines()]
    places = [row[3].strip() for row in rows if len(row) == 5 and "/" in row[3]]
    matches = [re.fullmatch(r"`([\w/]+\.py)`(?: `(\w+)`)?", place) for place in places]
    assert all(matches)
    return [(match[1], match[2] or "") for match in matches if match]


@pytest.mark.parametrize(("path", "symbol"), glossary_places())
def test_every_term_of_the_glossary_is_in_the_code(path: str, symbol: str) -> None:
    code = (ROOT / path).read_text(encoding="utf-8")
    definition = rf"^\s*(?:class|def) {symbol}\b|^\s*{symbol}\b.*[:=]|^{symbol}, "
    assert not symbol or re.search(definition, code, re.MULTILINE)


def test_a_term_is_defined_once() -> None:
    lines = document("docs/GLOSSARY.md").split("## Formerly")[0].splitlines()
    terms = [line.split("|")[1].strip() for line in lines if line.count("|") == 4]
    names = [name for term in terms for name in term.split(", ") if name not in ("term", "---")]
    assert len(names) == len(set(names))


def test_every_picture_is_shown_and_small() -> None:
    shown = {
        path.name for name in DOCUMENTS for path in links(name) if path.parent.name == "pictures"
    }
    sizes = {path.name: path.stat().st_size for path in (ROOT / "docs/pictures").iterdir()}
    assert shown == set(sizes)
    assert sizes.pop("gauge.svg") < MAX_ANIMATION_BYTES
    assert max(sizes.values()) < MAX_PICTURE_BYTES


@pytest.mark.parametrize("module", ["realtime.app.cli", "calibrate.cli"])
def test_help_answers_before_anything_heavy_is_loaded(module: str) -> None:
    heavy = {"cv2", "numpy", "dlib", "torch", "xgboost", "numba", "rich"}
    code = f"import sys, {module} as cli; cli.parser().format_help(); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert heavy.isdisjoint(done.stdout.split())
