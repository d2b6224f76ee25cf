"""The page's files: size, what they load, and the texts that they share with the terminal."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

from staged_page import WEB

from realtime.app import consent_notice
from realtime.outputs.web.content.page_files import words_module
from realtime.view import phrases
from realtime.view.words.english import ENGLISH

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
        self.words: dict[str, list[str]] = {}  # texts by the key of the table
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        named = dict(attrs)
        self._open.append((named.get("id") or "", named.get("data-word") or ""))

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        name, key = self._open[-1] if self._open else ("", "")
        self.texts[name] = self.texts.get(name, "") + data
        self.words.setdefault(key, []).append(data)


def elements() -> Elements:
    parser = Elements()
    parser.feed(re.sub(r"<(meta|link|img|input)([^>]*)>", r"<\1\2></\1>", HTML))
    return parser


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


def test_every_text_of_the_page_is_in_the_table_of_words() -> None:
    page, shown = elements(), set()
    for tag, attributes in page.found:
        if key := attributes.get("data-word"):
            shown.add(key)
            assert {" ".join(each.split()) for each in page.words[key]} == {ENGLISH[key]}, key
        if key := attributes.get("data-label"):
            shown.add(key)
            assert attributes["alt" if tag == "img" else "aria-label"] == ENGLISH[key], key
    assert {"notice", "title", "page.details"} <= shown


def test_every_text_that_a_script_asks_for_is_in_the_table_of_words() -> None:
    for file in WEB.glob("*.js"):
        asked = re.findall(r'\btext\(\s*"([^"]+)"', file.read_text())
        assert [key for key in asked if key not in ENGLISH] == [], file.name


def test_no_script_has_a_sentence_of_its_own() -> None:
    for file in WEB.glob("*.js"):
        code = re.sub(r"//.*", "", file.read_text())
        quoted = re.findall(r'"([^"\n]*)"', code)
        assert [each for each in quoted if re.search(r"[a-z]{2} [a-z]{2,} [a-z]", each)] == [], file


def test_sides_are_named_as_in_the_terminal() -> None:
    code = words_module()
    table = json.loads(re.findall(r"TENDENCIES = (.*);", code)[0])
    for percent in range(101):
        words, side = next((words, side) for highest, words, side in table if percent <= highest)
        assert words == phrases.tendency(percent / 100)
        assert side == SIDES[phrases.colour(percent / 100)]


def test_the_notice_of_responsible_use_is_on_the_page() -> None:
    assert elements().texts["notice-text"].split() == consent_notice.notice_text().split()
