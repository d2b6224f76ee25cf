from __future__ import annotations

from dataclasses import replace

from guided_moments import pair

from realtime.core.messages import State
from realtime.core.snapshot import RunSetting
from realtime.view.terminal.plain_lines import PlainLines, describe, heading


def test_a_line_is_printed_only_on_change(verdict) -> None:
    plain = PlainLines()
    lines = [
        plain.line(verdict(State.NO_FACE, at_s=0.0), 100.0),
        plain.line(verdict(State.NO_FACE, at_s=2.0), 102.0),
        plain.line(verdict(State.JUDGING, 0.72, at_s=4.0), 104.0),
        plain.line(verdict(State.JUDGING, 0.721, at_s=6.0), 106.0),
    ]
    assert lines == [
        "    0.00 s  no_face        no face in the picture: no face was found, or it is too small",
        None,
        "    4.00 s  judging        72 % genuine, leans genuine",
        None,
    ]


def test_at_most_one_line_a_second_with_the_newest_reading(verdict) -> None:
    plain = PlainLines()
    ticks = [
        plain.line(verdict(State.JUDGING, tick / 100, at_s=tick / 10), tick / 10)
        for tick in range(41)
    ]
    assert [line.split()[0] for line in ticks if line] == ["0.00", "1.00", "2.00", "3.00", "4.00"]


def test_an_early_change_is_printed_once_the_second_is_over(verdict) -> None:
    plain = PlainLines()
    assert plain.line(verdict(State.NO_FACE), 0.0)
    assert plain.line(verdict(State.NEUTRAL), 0.5) is None
    assert "no expression to judge" in (plain.line(verdict(State.NEUTRAL), 1.0) or "")


def test_auto_names_the_emotion_followed(snapshot, setting: RunSetting, verdict) -> None:
    plain, auto = PlainLines(), replace(setting, emotion="auto")
    verdicts = [
        replace(verdict(State.NEUTRAL, at_s=0.0), emotion="auto"),
        replace(verdict(State.JUDGING, 0.72, at_s=1.0), emotion="fear"),
        replace(verdict(State.JUDGING, 0.72, at_s=2.0), emotion="surprise"),
    ]
    lines = [
        line
        for now_s, each in enumerate(verdicts)
        for line in plain.lines(snapshot(verdict=each, setting=auto), now_s)
    ]
    assert lines == [
        "    0.00 s  auto       neutral        no expression to judge",
        "    1.00 s  fear       judging        72 % genuine, leans genuine",
        "    2.00 s  surprise   judging        72 % genuine, leans genuine",
    ]


def test_no_line_before_the_first_verdict() -> None:
    assert PlainLines().line(None, 0.0) is None


def test_a_verdict_without_a_number_gives_its_reason_once(verdict) -> None:
    assert describe(verdict(State.POOR_VIEW, reason="too dark")).endswith(
        "the face cannot be seen well enough: too dark"
    )
    assert describe(verdict(State.NEUTRAL, reason="no expression to judge")).endswith(
        "  no expression to judge"
    )


def test_a_reason_with_a_newline_stays_on_one_line(setting: RunSetting, verdict) -> None:
    assert "\n" not in describe(verdict(State.POOR_VIEW, reason="a\nb"))
    assert heading(setting) == "watching replay smile.avi for happiness (engine native)"
    by_dlib = heading(replace(setting, landmarks="dlib"))
    assert by_dlib.endswith("(engine native, landmarks by dlib)")


def test_a_caption_of_the_tour_is_printed_once(snapshot) -> None:
    plain, shot = PlainLines(), snapshot(caption="watch the needle")
    lines = [line for second in range(3) for line in plain.lines(shot, float(second))]
    assert [line for line in lines if "needle" in line] == ["tour        watch the needle"]


def test_takes_are_printed_once_below_the_words_of_the_guide(snapshot) -> None:
    plain, shot = PlainLines(), snapshot(caption="both takes", takes=(pair(0.6, 0.5), pair()))
    lines = [line for second in range(3) for line in plain.lines(shot, float(second))]
    assert lines[0] == "guide       both takes"
    assert lines[1:3] == [
        "felt take   number: 70 % genuine, leans genuine",
        "posed take  number: 40 % genuine, leans fake",
    ]
    assert sum("not what was felt" in line for line in lines) == 1
    assert not any("felt" in line for line in plain.lines(replace(shot, caption="again"), 4.0))
    another = replace(shot, takes=(*(shot.takes or ()), pair()), caption="both takes")
    assert any("felt" in line for line in plain.lines(another, 5.0))


def test_before_a_result_only_the_words_of_the_guide_are_printed(snapshot) -> None:
    lines = list(PlainLines().lines(snapshot(caption="relax", takes=()), 0.0))
    assert lines[0] == "guide       relax"
    assert not any("take" in line for line in lines)
