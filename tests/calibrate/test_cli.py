"""`calibrate` without a command shows the order of the work."""

from __future__ import annotations

import pytest

from calibrate.cli import COMMANDS, main
from calibrate.commands.support.order_of_work import TRAINING


def test_without_a_command_the_order_of_the_work_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    places = [shown.index(f"calibrate {name} ") for name in TRAINING]
    assert places == sorted(places)
    assert all(name in shown for name in COMMANDS)


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["harvest"]) == 2
    assert "harvest" in capsys.readouterr().err
