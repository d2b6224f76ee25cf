"""Catalogue of the texts that all views show: one table for each language, the same keys in all.

A new language is a module with one table here, listed in `TABLES`; a test asks for every key.
"""

from __future__ import annotations

from collections.abc import Mapping

from realtime.core.errors import UsageError
from realtime.view.words.english import ENGLISH
from realtime.view.words.german import GERMAN

TABLES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN}
DEFAULT = "en"
LOCALE = "auto"  # in place of a language: that of the environment
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides, as in POSIX


class _Choice:
    language = DEFAULT


def choose_language(name: str, environment: Mapping[str, str]) -> None:
    """Show all texts in the language `name` from now on; `auto` is that of the environment.

    Called once, before any view opens. Raises `UsageError` for a language without a table.
    """
    language = locale_language(environment) if name == LOCALE else name
    if language not in TABLES:
        known = ", ".join((*TABLES, LOCALE))
        raise UsageError(f"--language {name}: there is no such table of words. Known: {known}")
    _Choice.language = language


def locale_language(environment: Mapping[str, str]) -> str:
    """Return the language of the locale, such as "de" for de_AT.UTF-8; English if it has none."""
    named = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    language = named.partition("_")[0].partition(".")[0]
    return language if language in TABLES else DEFAULT


def chosen_language() -> str:
    """Return the language of the texts, such as "en"."""
    return _Choice.language


def text(key: str, **values: object) -> str:
    """Return the text of `key` in the chosen language, with `values` in their places."""
    return TABLES[_Choice.language][key].format(**values)


def has_text(key: str) -> bool:
    """Return whether there is a text of `key`."""
    return key in ENGLISH


def longest(prefix: str) -> int:
    """Return the length of the longest text whose key begins with `prefix`: a column's width."""
    return max(len(words) for key, words in table().items() if key.startswith(prefix))


def table() -> Mapping[str, str]:
    """Return all texts in the chosen language, their places unfilled."""
    return TABLES[_Choice.language]
