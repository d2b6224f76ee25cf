from __future__ import annotations

import re

import pytest

from realtime.view.words.english import ENGLISH
from realtime.view.words.german import GERMAN

PLACE = re.compile(r"\{\w+\}")
SAME = {"neutral", "PB", "Details", "Person", "auto", "live", "Version"}  # in both languages


def test_german_has_every_text_and_no_other() -> None:
    assert set(GERMAN) == set(ENGLISH)


def test_each_text_has_the_places_of_the_english_one() -> None:
    for key, english in ENGLISH.items():
        assert set(PLACE.findall(GERMAN[key])) == set(PLACE.findall(english)), key


def test_nothing_is_left_in_english() -> None:
    same = {key: text for key, text in ENGLISH.items() if GERMAN[key] == text}
    words = {PLACE.sub("", text).strip(" %,;:()").lower() for text in same.values()}
    figures = {text for text in words if not re.search(r"[a-z]{3}", text)}
    assert words - figures <= {each.lower() for each in SAME}


def test_no_text_is_empty() -> None:
    assert all(GERMAN.values())


@pytest.mark.parametrize("table", [ENGLISH, GERMAN])
def test_advice_fits_beside_its_label_in_80_columns(table: dict[str, str]) -> None:
    assert max(len(text) for key, text in table.items() if key.startswith("do.")) <= 69
    labels = {key: text for key, text in table.items() if key.startswith("label.")}
    del labels["label.identity"]  # of the summary
    assert max(map(len, labels.values())) <= 8


@pytest.mark.parametrize("table", [ENGLISH, GERMAN])
def test_all_keys_fit_in_80_columns(table: dict[str, str]) -> None:
    meanings = [text for key, text in table.items() if key.startswith("key.")]
    assert sum(len(f" k  {text} ") for text in meanings) - 1 <= 78


@pytest.mark.parametrize("table", [ENGLISH, GERMAN])
def test_what_the_guide_says_fits_in_one_line(table: dict[str, str]) -> None:
    said = {key: text for key, text in table.items() if key.startswith(("guide.", "take."))}
    del said["take.honest"]  # is wrapped
    assert max(map(len, said.values())) <= 78
