"""Counts with their nouns, for messages."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun, such as "1 clip" or "2 people"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def counted_people(count: int) -> str:
    """Return a count of people, such as "1 person"."""
    return counted(count, "person", "people")
