"""The site's navigation is complete, and what its own pages tell readers to type is right."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

import calibrate.cli
import realtime.app.cli

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CONFIG = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
HOOKS = (DOCS / "site" / "hooks.py").read_text(encoding="utf-8")
FOLDERS = ("tutorials", "explanation", "reference")
OWN_PAGES = sorted(path for folder in FOLDERS for path in (DOCS / folder).iterdir())
EMOTIONS = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
KNOWN = (0, 1, 2, 5, 10, 20)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[tuple[str, str]]:
    """Return (page, text) of the code blocks of a kind on the site's own pages."""
    pages = [DOCS / "index.md", *OWN_PAGES]
    found = ((page.stem, BLOCK.findall(page.read_text(encoding="utf-8"))) for page in pages)
    return [(name, text) for name, listed in found for language, text in listed if language == kind]


def calls() -> list[tuple[str, str]]:
    """Return (page, call) of every call of our commands, without pipes."""
    lines = ((name, line) for name, text in blocks("") for line in text.splitlines())
    return [
        (name, line.split(" | ")[0])
        for name, line in lines
        if line.startswith(("realtime ", "calibrate "))
    ]


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r": ([\w/-]+\.md)$", CONFIG.split("\nnav:")[1], re.MULTILINE))
    written = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}
    made = set(re.findall(r'": "([\w-]+\.md)"', HOOKS))
    assert named == written | made


def test_documents_that_become_pages_exist() -> None:
    sources = re.findall(r'"([\w/.]+\.md)": "', HOOKS)
    assert len(sources) == 6
    assert all((ROOT / source).is_file() for source in sources)


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "font: false" in CONFIG
    assert "://" not in CONFIG
    assert "://" not in (DOCS / "site" / "extra.css").read_text(encoding="utf-8")


def test_there_is_a_tutorial_for_each_of_five_readers() -> None:
    tutorials = {page.stem for page in OWN_PAGES if page.parent.name == "tutorials"} - {"index"}
    assert len(tutorials) == 5
    assert tutorials <= {name for name, _ in calls()}


@pytest.mark.parametrize(("page", "call"), calls())
def test_every_call_parses(page: str, call: str) -> None:
    command, *arguments = shlex.split(call)
    parser = realtime.app.cli.parser() if command == "realtime" else calibrate.cli.parser()
    parser.parse_args(arguments)


@pytest.mark.parametrize(("page", "program"), blocks("python"))
def test_every_program_is_python(page: str, program: str) -> None:
    ast.parse(program)


@pytest.mark.parametrize("page", OWN_PAGES, ids=lambda page: page.stem)
def test_every_figure_is_one_of_the_results(page: Path) -> None:
    results = (DOCS / "RESULTS.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\b0\.\d{3}\b", page.read_text(encoding="utf-8"))) <= set(
        re.findall(r"0\.\d{3}", results)
    )


@pytest.mark.parametrize("row", ["all six", *EMOTIONS, *(f"{n} clips known" for n in KNOWN)])
def test_a_row_on_accuracy_is_that_of_the_results(row: str) -> None:
    results = (DOCS / "RESULTS.md").read_text(encoding="utf-8")
    page = (DOCS / "explanation" / "accuracy.md").read_text(encoding="utf-8")
    (measured,) = re.findall(rf"^{row} .*$", results.split("| goal")[0], re.MULTILINE)
    (shown,) = re.findall(rf"^\| {row.removesuffix(' clips known')} \|.*$", page, re.MULTILINE)
    figures = re.findall(r"\b0\.\d{3}\b", shown)
    assert len(figures) >= 4
    *before, _pairs, ece, by_chance = re.findall(r"0\.\d{3}", measured)
    assert figures == [*before, ece, by_chance][: len(figures)]
