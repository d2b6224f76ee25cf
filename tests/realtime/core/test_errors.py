"""The error tree as its docstring draws it, which is what callers rely on."""

from __future__ import annotations

import re

import pytest

from engines.errors import GaugeError
from realtime.core import errors

# A line of the drawing: depth, class name, and the exit code where it stands there.
LINE = re.compile(r"^(?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+) (?:\(\S+\) )? *(?P<code>\d)?")


def drawn() -> list[tuple[int, str, str | None]]:
    assert errors.__doc__ is not None
    found = (LINE.match(line) for line in errors.__doc__.splitlines()[2:])
    return [(len(m["indent"]) // 4, m["name"], m["code"]) for m in found if m]


def defined() -> dict[str, type[GaugeError]]:
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, GaugeError)
    }


def test_every_error_is_drawn_once() -> None:
    names = [name for _, name, _ in drawn()]
    assert sorted(names) == sorted(defined())


def test_each_error_has_the_parent_that_is_drawn_above_it() -> None:
    parents: dict[int, str] = {}
    for depth, name, _ in drawn():
        parents[depth] = name
        if depth:
            assert defined()[name].__bases__ == (defined()[parents[depth - 1]],)


def test_each_error_has_the_exit_code_that_is_drawn() -> None:
    codes: dict[int, str] = {}
    for depth, name, code in drawn():
        codes[depth] = code or codes[depth - 1]
        assert defined()[name].exit_code == int(codes[depth]), name


@pytest.mark.parametrize("kind", sorted(defined()))
def test_its_text_is_the_message(kind: str) -> None:
    message = "no camera 0; found /dev/video2. Try --camera 2"
    assert str(defined()[kind](message)) == message
