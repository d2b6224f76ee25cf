"""The texts of the views, against the glossary: one term has one meaning, on the screen, too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from calibrate.data.expression_samples import ACTIONS
from realtime.core.messages import Cause, State
from realtime.view.words.english import ENGLISH

GLOSSARY = (Path(__file__).parents[4] / "docs" / "GLOSSARY.md").read_text()
TERMS = (  # terms of the field that a view may use, and must then explain
    "neutral", "expression", "prototype", "PB", "PSR", "prediction error", "genuine", "fake",
    "landmark", "engine", "frame", "saved profile", "action", "window", "yaw",
)  # fmt: skip


def column(heading: str) -> list[str]:
    """Return the first column of the glossary's table under `heading`, each term by itself."""
    part = GLOSSARY.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1].strip() for line in part.splitlines() if line.startswith("| ")]
    return [term.strip(" `") for row in rows[1:] for term in row.split(",")]


def defined() -> str:
    return GLOSSARY.split("## Formerly")[0].lower()


@pytest.mark.parametrize("term", TERMS)
def test_a_term_on_the_screen_is_in_the_glossary(term: str) -> None:
    shown = any(re.search(rf"\b{term}", text) for text in ENGLISH.values())
    first_columns = [line.split("|")[1] for line in defined().splitlines() if line.startswith("|")]
    assert not shown or any(term.lower() in first for first in first_columns)


def test_no_text_uses_a_former_term() -> None:
    former = [each for each in column("Formerly") if re.fullmatch(r"[a-z_ ]{4,}", each)]
    assert former
    for key, text in ENGLISH.items():
        used = [term for term in former if re.search(rf"\b{term}\b(?! them)", text)]
        assert key in ("map.none", "page.map_none") or used == [], key


def test_the_glossary_lists_the_words_of_a_reading() -> None:
    tendencies = {text for key, text in ENGLISH.items() if key.startswith("tendency.")}
    assert {*column("On the screen")} == tendencies


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_name_and_a_phrase(state: State) -> None:
    assert ENGLISH[f"name.{state}"] == state.value.replace("_", " ")
    assert ENGLISH[f"state.{state}"]


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_explained_and_has_advice(cause: Cause) -> None:
    assert ENGLISH[f"why.{cause}"]
    assert ENGLISH[f"do.{cause}"]


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_words(action: str) -> None:
    name = action.removesuffix("_left").removesuffix("_right")
    assert ENGLISH[f"action.{name}"] == name.replace("_", " ")


def test_answers_have_no_figures() -> None:
    parts = ("why.", "do.", "shows.", "tendency.", "state.")
    for key, text in ENGLISH.items():
        assert not (key.startswith(parts) and re.search(r"\d", text)), key
