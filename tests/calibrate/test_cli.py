"""`calibrate` without a command shows the order of the work."""

from __future__ import annotations

import shlex

import pytest

from calibrate.cli import COMMANDS, TRAINING, main, parser


def test_without_a_command_the_order_of_the_work_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    places = [shown.index(f"calibrate {name} ") for name in TRAINING]
    assert places == sorted(places)
    assert all(name in shown for name in COMMANDS)


@pytest.mark.parametrize("name", list(TRAINING))
def test_each_step_is_a_call_that_parses(name: str) -> None:
    command, *arguments = shlex.split(TRAINING[name])
    assert command == "calibrate"
    assert parser().parse_args(arguments).command == name


def test_each_step_reads_what_an_earlier_one_wrote() -> None:
    written = {"CLIPS"}
    for call in TRAINING.values():
        before, _, out = call.rpartition(" -o ")
        values = [word for word in before.split()[2:] if not word.startswith("--")]
        assert {word for word in values if not word.isdigit()} <= written
        written.add(out)


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harvest"]) == 2
    assert "harvest" in capsys.readouterr().err
