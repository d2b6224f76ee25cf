"""The order of the work that `calibrate` shows."""

from __future__ import annotations

import shlex

import pytest

from calibrate.cli import parser
from calibrate.commands.support.order_of_work import TRAINING


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
