"""Shell completion of the commands, written by shtab (extra `completion`)."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from realtime.app.suggestions import NEAR_WORDS
from realtime.core.errors import UsageError

SHELLS = ("bash", "zsh")
VALUES = {"emotion": tuple(sorted(NEAR_WORDS))}  # words that the parser leaves to the bundle


class PrintCompletion(argparse.Action):
    """Option that prints the completion script of its whole command and exits."""

    def __call__(self, parser: argparse.ArgumentParser, *given: Any, **_: Any) -> None:
        """Print the script for the shell asked for, and end the program."""
        print(completion_script(parser, given[1]))
        parser.exit()


def add_completion(options: argparse._ActionsContainer) -> None:
    """Add --completion to the options of a command."""
    options.add_argument(
        "--completion",
        action=PrintCompletion,
        choices=SHELLS,
        help="print the script that completes this command in a shell, then exit",
    )


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the completion script of `parser` for one of `SHELLS`.

    Paths are completed as files, and emotions by name, which changes `parser`: use it no further.
    Raises `UsageError` without shtab.
    """
    try:
        import shtab
    except ModuleNotFoundError as missing:
        raise UsageError(
            "--completion needs shtab; install it with pip install '.[completion]' in the project"
            " folder"
        ) from missing
    for action in _actions(parser):
        action.choices = action.choices or VALUES.get(action.dest)
        if _is_path(action):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    return str(shtab.complete(parser, shell))


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the actions of `parser` and of its commands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)


def _is_path(action: argparse.Action) -> bool:
    return action.type is Path or getattr(action.type, "__name__", "") == "_file"
