"""The page's files: size, what they load, and the texts that they share with the terminal."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from staged_page import WEB

from realtime.app import consent_notice
from realtime.core.messages import State
from realtime.view import phrases

ROOT = Path(__file__).parents[3]
MOST_BYTES = 100_000
HTML = (WEB / "index.html").read_text()
SIDES = {phrases.FAKE_HEX: "fake", phrases.EITHER_HEX: "either", phrases.GENUINE_HEX: "genuine"}


class Elements(HTMLParser):
    """Every element of the page with its attributes, and the text by the element's id."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open.append(dict(attrs).get("id") or "")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        name = self._open[-1] if self._open else ""
        self.texts[name] = self.texts.get(name, "") + data


def elements() -> Elements:
    parser = Elements()
    parser.feed(re.sub(r"<(meta|link|img|input)([^>]*)>", r"<\1\2></\1>", HTML))
    return parser


def constant(name: str) -> object:
    """Return a constant of words.js, which is written as JSON."""
    text = (WEB / "words.js").read_text()
    found = re.search(rf"^export const {name} = (.*?);$", text, re.M | re.S)
    assert found, name
    return json.loads(found[1])


def test_the_page_is_small() -> None:
    assert sum(file.stat().st_size for file in WEB.iterdir()) < MOST_BYTES


def test_nothing_is_loaded_from_elsewhere() -> None:
    for file in WEB.iterdir():
        addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"']*", file.read_text()))
        assert addresses <= {"http://www.w3.org/2000/svg"}, file.name


def test_all_scripts_and_styles_are_files() -> None:
    page = elements()
    for tag, attributes in page.found:
        assert tag != "style"
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        assert tag != "script" or attributes["src"]
        for name in ("src", "href"):
            address = attributes.get(name) or ""
            if address.startswith("/"):
                assert (WEB / address.removeprefix("/static/")).is_file(), address


def test_states_are_named_as_in_the_terminal() -> None:
    named = {state.value: phrases.state_phrase(state, "{emotion}") for state in State}
    assert constant("STATES") == named


def test_sides_are_named_as_in_the_terminal() -> None:
    table = constant("TENDENCIES")
    assert isinstance(table, list)
    for percent in range(101):
        words, side = next((words, side) for highest, words, side in table if percent <= highest)
        assert words == phrases.tendency(percent / 100)
        assert side == SIDES[phrases.colour(percent / 100)]


def test_short_phrases_are_those_of_the_terminal() -> None:
    assert constant("WAITING") == phrases.WAITING
    assert constant("NOTHING_JUDGED") == phrases.NOTHING_JUDGED


def test_the_notice_of_responsible_use_is_on_the_page() -> None:
    assert elements().texts["notice-text"].split() == consent_notice.TEXT.split()
