from __future__ import annotations

import gauge_moments

from realtime.core.messages import State, Verdict
from realtime.view.signal_lines import SignalLines


def lines_of(states: str) -> list[str]:
    """Return the lines of two readings a second: "j" judging, "-" no signal, " " none yet."""
    chosen, lines = SignalLines(), []
    for tick, letter in enumerate(states):
        verdict = None
        if letter == "j":
            verdict = Verdict(tick / 2, tick, "fear", State.JUDGING, 0.7, "", 12.0)
        elif letter == "-":
            verdict = Verdict(tick / 2, tick, "fear", State.NO_SIGNAL, None, "it is gone", 12.0)
        lines.append(chosen.line(gauge_moments.snapshot(verdict=verdict), tick / 2))
    return [line for line in lines if line]


def test_a_loss_and_the_return_are_a_line_each() -> None:
    assert lines_of("jj---------jj--j") == [
        "signal      lost: it is gone",
        "signal      back after 4 s",
    ]


def test_a_short_interruption_and_the_start_are_not_named() -> None:
    assert lines_of("  jj-jj--jj") == []


def test_a_source_that_never_had_a_signal_is_named_once() -> None:
    assert lines_of("  ------") == ["signal      lost: it is gone"]


def test_every_loss_is_named() -> None:
    assert len(lines_of("j---j---j")) == 4
