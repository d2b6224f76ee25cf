"""Generate the reference of all options, docs/CLI.md, from the argument parsers.

python tests/support/cli_reference.py -o docs/CLI.md
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path

import calibrate.cli
import realtime.app.cli

INTRODUCTION = """# Command-line reference

Generated from the argument parsers; do not edit. To renew it:
`python tests/support/cli_reference.py -o docs/CLI.md`

Both commands exit with 0 when they ran (also when you ended the run), 2 for a wrong option or
value, and 1 for any other error, including one failed file of several. Every error is one line
that says what happened and what to do. `calibrate` without a command shows the order of the work.

**At the tab key**, options, commands, emotions and files are completed in bash and zsh. Once, with
the environment active:

```
pip install '.[completion]'
mkdir -p ~/.local/share/bash-completion/completions
for command in realtime calibrate; do
  $command --completion bash > ~/.local/share/bash-completion/completions/$command
done
```

For zsh, write `--completion zsh` into files `_realtime` and `_calibrate` in a folder of `$fpath`.
"""

ARGPARSE_GROUPS = ("positional arguments", "options")  # its own titles


def reference() -> str:
    """Return the whole document in Markdown."""
    parser = calibrate.cli.parser()
    parts = [
        INTRODUCTION,
        _section("## realtime", "realtime", realtime.app.cli.parser()),
        _section("## calibrate", "calibrate", parser),
    ]
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    helps = {choice.dest: choice.help for choice in commands._choices_actions}
    for name, command in commands.choices.items():
        heading = f"### calibrate {name}\n\n{_sentence(str(helps[name]))}"
        parts.append(_section(heading, f"calibrate {name}", command))
    return "\n".join(parts)


def _section(heading: str, name: str, parser: argparse.ArgumentParser) -> str:
    about = [_sentence(parser.description), ""] if parser.description else []
    usage = ["```", _usage(name, parser), "```", ""]
    groups = [group for group in parser._action_groups if group.title not in ARGPARSE_GROUPS]
    named = [action for group in groups for action in group._group_actions]
    tables = _table([action for action in parser._actions if action not in named])
    for group in groups:
        if table := _table(group._group_actions):
            tables += [f"**{_capital(str(group.title))}**", "", *table]
    return "\n".join([heading, "", *about, *usage, *tables])


def _table(actions: Iterable[argparse.Action]) -> list[str]:
    rows = [f"| {term} | {meaning} |" for term, meaning in _rows(actions)]
    return ["| option | meaning |", "|---|---|", *rows, ""] if rows else []


def _usage(name: str, parser: argparse.ArgumentParser) -> str:
    """Return the command with what it cannot do without."""
    parts = [name]
    for action in parser._actions:
        value = _value(action)
        if not action.option_strings and not isinstance(action, argparse._SubParsersAction):
            parts.append(f"[{value}]" if action.nargs == "?" else value)
        elif action.option_strings and action.required:
            parts.append(f"{action.option_strings[0]} {value}")
        elif isinstance(action, argparse._SubParsersAction):
            parts.append("COMMAND")
    return " ".join([*parts, "[options]"])


def _rows(actions: Iterable[argparse.Action]) -> Iterator[tuple[str, str]]:
    for action in actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        names = action.option_strings or [_value(action)]
        value = f" {_value(action)}" if action.option_strings and action.nargs != 0 else ""
        if value and action.nargs == "?":
            value = f" [{value.strip()}]"
        if value and action.nargs == "+":
            value += " ..."
        escaped = _sentence(str(action.help)).replace("|", "\\|")
        yield ", ".join(f"`{name}{value}`" for name in names), escaped


def _value(action: argparse.Action) -> str:
    if action.choices and not isinstance(action, argparse._SubParsersAction):
        return "{" + ",".join(map(str, action.choices)) + "}"
    return str(action.metavar or action.dest.upper())


def _sentence(text: str) -> str:
    """Return `text` as one sentence with a capital and a full stop."""
    text = " ".join(text.split())
    return _capital(text) + ("" if text.endswith((".", "?", "...")) else ".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Generate docs/CLI.md.")
    options.add_argument("-o", "--out", type=Path, required=True)
    options.parse_args().out.write_text(reference(), encoding="utf-8")
