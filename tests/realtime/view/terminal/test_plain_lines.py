from __future__ import annotations

from realtime.core.messages import State
from realtime.core.snapshot import RunSetting
from realtime.view.terminal.plain_lines import PlainLines, describe, heading


def test_one_line_for_each_change(verdict) -> None:
    plain = PlainLines()
    said = [
        plain.line(verdict(State.NO_FACE, at_s=0.0), 100.0),
        plain.line(verdict(State.NO_FACE, at_s=2.0), 102.0),
        plain.line(verdict(State.JUDGING, 0.72, at_s=4.0), 104.0),
        plain.line(verdict(State.JUDGING, 0.721, at_s=6.0), 106.0),
    ]
    assert said == [
        "    0.00 s  no_face        no face in the picture",
        None,
        "    4.00 s  judging        72 % genuine, leans genuine",
        None,
    ]


def test_one_line_a_second_at_most_and_the_newest_then(verdict) -> None:
    plain = PlainLines()
    ticks = [
        plain.line(verdict(State.JUDGING, tick / 100, at_s=tick / 10), tick / 10)
        for tick in range(41)
    ]
    assert [line.split()[0] for line in ticks if line] == ["0.00", "1.00", "2.00", "3.00", "4.00"]


def test_a_change_that_came_too_soon_is_said_when_the_second_is_over(verdict) -> None:
    plain = PlainLines()
    assert plain.line(verdict(State.NO_FACE), 0.0)
    assert plain.line(verdict(State.NEUTRAL), 0.5) is None
    assert "no expression to judge" in (plain.line(verdict(State.NEUTRAL), 1.0) or "")


def test_nothing_to_say_before_the_first_verdict() -> None:
    assert PlainLines().line(None, 0.0) is None


def test_a_silence_gives_its_reason_once(verdict) -> None:
    assert describe(verdict(State.POOR_VIEW, reason="too dark")).endswith(
        "the face cannot be seen well enough: too dark"
    )
    assert describe(verdict(State.NEUTRAL, reason="no expression to judge")).endswith(
        "  no expression to judge"
    )


def test_lines_stay_lines(setting: RunSetting, verdict) -> None:
    assert "\n" not in describe(verdict(State.POOR_VIEW, reason="a\nb"))
    assert heading(setting) == "watching replay smile.avi for happiness (engine native)"
