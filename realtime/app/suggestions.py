"""Suggestions for near misses on the command line: the call that was probably meant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence

from realtime.core.errors import UsageError

NEAR_WORDS = {
    "anger": ("angry", "rage", "furious", "mad"),
    "contempt": ("contemptuous", "scorn", "disdain"),
    "disgust": ("disgusted", "disgusting"),
    "fear": ("afraid", "fearful", "scared", "frightened", "terror"),
    "happiness": ("happy", "joy", "joyful", "smile", "smiling", "glad"),
    "sadness": ("sad", "sorrow", "unhappy"),
    "surprise": ("surprised", "surprising", "astonished"),
    "any": ("none", "neutral"),
    "auto": ("automatic",),
    "all": ("every",),
}
SOURCES = {"--camera", "--replay", "--url", "--demo"}
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # a scheme; `C:/` is a drive


def check_emotion(asked: str, known: Collection[str]) -> None:
    """Raise `UsageError` with the right word for a near miss of a `known` emotion or of a mode.

    Any other word is refused later, by `choose_emotion`, with the list of emotions.
    """
    if asked in known or asked in NEAR_WORDS:
        return
    word = asked.strip().casefold()
    for emotion, near in NEAR_WORDS.items():
        if word == emotion or word in near:
            raise UsageError(f"no emotion {asked!r}. Use --emotion {emotion}")


def is_address(text: str) -> bool:
    """Return whether `text` begins with a scheme, such as `rtsp://`."""
    return ADDRESS.match(text) is not None


def without_password(address: str) -> str:
    """Return `address` with `...` for its user and password, which belong into no message."""
    return re.sub(r"(?<=//)[^/]*@", "...@", address)


def unknown_arguments(
    command: str, rest: Sequence[str], arguments: Sequence[str], options: Collection[str]
) -> str:
    """Return the error for `rest` of `arguments`, which no option takes, with a likely call.

    `options` are those of `command`.
    """
    unknown = next((argument for argument in rest if argument.startswith("-")), "")
    if unknown:
        name = unknown.split("=")[0]
        return f"there is no option {name}. {_near_option(command, name, options)}"
    option = option_for(rest[0])
    if option not in options:
        return f"{rest[0]} is one argument too many. See {command} --help"
    named = without_password(" ".join(rest))
    if not SOURCES.isdisjoint(arguments):
        return f"{named} needs an option. Choose one source, such as {option} {named}"
    others = list(arguments)
    for argument in rest:
        others.remove(argument)
    call = shlex.join(without_password(each) for each in (command, option, *rest, *others))
    return f"{named} needs an option. Run: {call}"


def option_for(text: str) -> str:
    """Return the option that takes an argument given without one."""
    if re.fullmatch(r"[0-9]{1,4}|/dev/.*", text):
        return "--camera"
    if is_address(text):
        return "--url"
    near = {*NEAR_WORDS, *(word for words in NEAR_WORDS.values() for word in words)}
    return "--emotion" if text.casefold() in near else "--replay"


def _near_option(command: str, name: str, options: Collection[str]) -> str:
    from difflib import get_close_matches  # slow, and needed only here

    near = get_close_matches(name, options, n=1)
    return f"Did you mean {near[0]}?" if near else f"See {command} --help"
