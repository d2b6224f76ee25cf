from __future__ import annotations

import pytest

from realtime.core.errors import UsageError
from realtime.view import phrases
from realtime.view.words.catalogue import choose_language, chosen_language, text


def test_texts_are_english_until_a_language_is_chosen() -> None:
    assert (chosen_language(), text("name.neutral")) == ("en", "neutral")
    assert text("tendency.leans_fake") == "leans fake"


def test_a_chosen_language_is_that_of_every_phrase() -> None:
    choose_language("de", {"LANG": "en_GB.UTF-8"})
    assert phrases.reading(0.72) == "72 % echt, eher echt"
    assert phrases.emotion_label("auto", None) == "auto"
    assert phrases.emotion_name("fear") == "Angst"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LC_ALL": "de"}, "de"),
        ({"LC_ALL": "", "LC_MESSAGES": "en_US.UTF-8", "LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_locale_counts_only_if_it_is_asked_for(
    environment: dict[str, str], language: str
) -> None:
    choose_language("en", environment)
    assert chosen_language() == "en"
    choose_language("auto", environment)
    assert chosen_language() == language


def test_an_unknown_language_is_refused_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match=r"--language fr: .*Known: en, de, auto"):
        choose_language("fr", {})
