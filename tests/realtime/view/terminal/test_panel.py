from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from guided_moments import pair
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from realtime.core.messages import Expression, Onset, PersonStatus, State
from realtime.core.snapshot import (
    FaceSnapshot,
    ProfileTable,
    RunSetting,
    RunVerdict,
    Snapshot,
    StageTimes,
)
from realtime.core.tracing import STAGES, WAITS
from realtime.view.answers import answers_of
from realtime.view.terminal.big_digits import big_digit_rows
from realtime.view.terminal.panel import render_panel
from realtime.view.words import catalogue

SIZES = [(80, 24), (120, 40)]
WITHOUT_READING = [state for state in State if not state.has_number]
JUDGING_80X24 = """\
 Genuine or fake? happiness                                    replay smile.avi

  ● JUDGING   leans genuine                               ▀▀█ ▀▀█   ▀ █
 of ten such readings about 7 should be right               █ █▀▀   ▄▀
 still judging, the needle may move                         ▀ ▀▀▀   ▀ ▀ genuine

 FAKE                                  ╷                                GENUINE
 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━██████████████████━━━━━━━━━━━━━━━━━━━━━━
                                           72 % genuine ▲

 shows    an expression
 better
 why      it moves more like the genuine expressions that were learned

 GENUINE
                      ████████████████████████████████████████            █
 10 s ago ············────────────────────────────────────────············─ now

 FAKE

 so far   73 % genuine, leans genuine, from 6.0 s of judged movement

  q  quit   n  neutral   e  emotion   g  ghosts   r  record   d  details

"""
POOR_VIEW_80X24 = """\
 Genuine or fake? happiness                                    replay smile.avi

  ○ POOR VIEW   the face cannot be seen well enough
 for a reason


 FAKE                                  ╷                                GENUINE
 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ no reading ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌


 shows
 better


 GENUINE
                      ████████████████████████████████████████
 10 s ago ············────────────────────────────────────────············· now

 FAKE

 so far   leans genuine, from 6.0 s of judged movement

  q  quit   n  neutral   e  emotion   g  ghosts   r  record   d  details

"""


def _lines(snapshot: Snapshot, size: tuple[int, int] = (80, 24)) -> list[str]:
    console = Console(
        file=io.StringIO(), width=size[0], height=size[1], color_system=None, force_terminal=True
    )
    with console.capture() as capture:
        console.print(render_panel(snapshot, size), end="")
    return re.sub(r"\x1b\[[0-9;]*m", "", capture.get()).removesuffix("\n").split("\n")


def _text(snapshot: Snapshot, size: tuple[int, int] = (80, 24)) -> str:
    return "".join(f"{line.rstrip()}\n" for line in _lines(snapshot, size))


def test_a_reading_at_80x24(snapshot) -> None:
    assert _text(snapshot(State.JUDGING, 0.72)) == JUDGING_80X24


def test_no_reading_at_80x24(snapshot) -> None:
    assert _text(snapshot(State.POOR_VIEW)) == POOR_VIEW_80X24


@pytest.mark.parametrize("size", [*SIZES, (20, 6), (40, 12), (60, 18), (300, 100), (5, 1)])
@pytest.mark.parametrize("state", [State.SETTLED, State.NO_FACE])
def test_the_panel_fills_the_terminal(snapshot, state: State, size: tuple[int, int]) -> None:
    lines = _lines(
        snapshot(state, 0.4 if state.has_number else None, notice="the camera gives 15 fps"), size
    )
    assert {len(line) for line in lines} == {size[0]}
    assert len(lines) == size[1]


@pytest.mark.parametrize("size", SIZES)
def test_a_reading_is_shown_with_all_details(snapshot, size: tuple[int, int]) -> None:
    shot = snapshot(State.SETTLED, 0.87, notice="the camera gives 15 fps", details=True)
    text = _text(shot, size)
    for words in (
        "happiness", "replay smile.avi", "SETTLED", "looks genuine", "the reading has settled",
        "87 % genuine", "FAKE", "GENUINE",
        "73 % genuine, leans genuine, from 6.0 s of judged movement",
        "tracking confidence (PSR) 24, high; lost below 8",
        "sharp (182), well lit (131), facing the camera (+0.05)",
        "30.0 frames/s in, 29.8 out; age of a reading p50 12 ms, p95 18 ms",
        "240 captured, 238 processed, 2 dropped (busy 2)", "native, 1 s of movement every 0.1 s",
        "the camera gives 15 fps", "quit", *big_digit_rows("87 %"),
    ):  # fmt: skip
        assert words.rstrip() in text


def test_a_larger_terminal_gets_a_larger_history(snapshot) -> None:
    small, large = (_text(snapshot(State.SETTLED, 0.9), size).split("\n") for size in SIZES)
    assert len(max(large, key=lambda line: line.count("█"))) > 80
    assert sum("█" in line for line in large) > sum("█" in line for line in small)


@pytest.mark.parametrize("size", [(60, 18), (40, 12), (30, 6)])
def test_a_small_terminal_retains_state_and_needle(snapshot, size: tuple[int, int]) -> None:
    text = _text(snapshot(State.JUDGING, 0.22), size)
    assert "JUDGING" in text
    assert "▲ 22 % genuine" in text


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    state=st.sampled_from(WITHOUT_READING),
    p=st.floats(0, 1),
    size=st.tuples(st.integers(50, 140), st.integers(6, 50)),
)
def test_without_a_reading_no_probability_is_shown(snapshot, state: State, p: float, size) -> None:
    text = _text(snapshot(state, run_verdict=RunVerdict("judging", p, 6.0)), size)
    headline = (
        re.split(r"\n (?:face|view) ", text)[0]
        .replace("10 s ago", "")
        .replace("from 6.0 s", "")
        .replace("50 %", "")
    )
    assert "%" not in text.replace("too close to 50 %", "")
    assert not re.search(r"[0-9▲]", headline)
    assert not set("█▀▄") & set(headline.split("GENUINE")[0])


@pytest.mark.parametrize("state", WITHOUT_READING)
def test_without_a_reading_state_and_reason_are_shown(snapshot, state: State) -> None:
    shot = snapshot(state)
    text = _text(shot)
    assert f"○ {state.value.replace('_', ' ').upper()}" in text
    assert answers_of(shot).why in text
    assert "for a reason" in _text(replace(shot, details=True))
    assert "no reading" in text


def test_a_reason_equal_to_the_state_phrase_is_shown_once(snapshot, verdict) -> None:
    shot = snapshot(verdict=verdict(State.NEUTRAL, reason="no expression to judge"))
    assert _text(shot).count("no expression to judge") == 1


def test_a_long_reason_takes_two_lines_and_no_more(snapshot, verdict) -> None:
    shot = snapshot(verdict=verdict(State.POOR_VIEW, reason="too dark " * 60))
    assert len(_lines(shot)) == 24
    assert sum("too dark" in line for line in _lines(shot)) == 2


def test_a_percentage_is_not_wrapped(snapshot, verdict) -> None:
    shot = snapshot(verdict=verdict(State.POOR_VIEW, reason=f"{'x' * 74} 151 %; happiness"))
    lines = [line.strip() for line in _lines(shot)]
    assert "x" * 74 in lines
    assert "151 %; happiness" in lines


def test_before_the_first_frame_the_panel_is_waiting(setting: RunSetting) -> None:
    text = _text(Snapshot(setting))
    assert "○ waiting   waiting for the first picture" in text
    assert "nothing judged yet" in text
    assert "%" not in text


def test_control_characters_in_names_are_replaced(snapshot) -> None:
    hostile = RunSetting("replay \x1b]0;owned\x07.mp4", "happi\x1b[2Jness", "na\ntive", 1.0, 0.1)
    text = _text(snapshot(State.JUDGING, 0.5, setting=hostile))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_genuine_and_fake_differ_without_colour(snapshot) -> None:
    """Words and positions differ, not only colours."""
    assert _text(snapshot(State.JUDGING, 0.2)) != _text(snapshot(State.JUDGING, 0.8))


def test_the_panel_can_be_exported_as_svg(snapshot) -> None:
    console = Console(file=io.StringIO(), width=80, height=24, record=True, force_terminal=True)
    console.print(render_panel(snapshot(State.JUDGING, 0.8), (80, 24)))
    assert (
        "leans&#160;genuine" in console.export_svg() or "looks&#160;genuine" in console.export_svg()
    )


def _profile_table() -> ProfileTable:
    rows = [StageTimes(stage, stage in WAITS, 9, 1, 2, 3, 4, 0.1, None) for stage in STAGES]
    return ProfileTable(
        tuple(rows), "gauge", StageTimes("gauge", False, 9, 50, 60, 70, 80, 0.0, None), 0.99
    )


@pytest.mark.parametrize("size", SIZES)
def test_a_profile_shows_every_stage_below_the_reading(snapshot, size: tuple[int, int]) -> None:
    text = _text(snapshot(State.JUDGING, 0.72, profile=_profile_table()), size)
    assert all(f"\n {stage} " in text for stage in STAGES)
    assert "age at gauge" in text
    assert "72 % genuine" in text


def test_the_pb_path_is_a_map_in_a_tall_terminal_and_a_strip_in_a_small_one(
    snapshot, verdict
) -> None:
    now = replace(verdict(State.JUDGING, 0.72), pb_position=(0.4, 1.2))
    seen = snapshot(State.JUDGING, 0.72, history=(now,), details=True)
    small, tall_ = _text(seen), _text(seen, (120, 40))
    assert "distance from line F-G: 1.2" in small
    assert "higher is farther from their line" not in small
    assert "higher is farther from their line, now 1.2" in tall_
    assert "distance from line F-G" not in tall_


@pytest.mark.parametrize(("width", "last"), [(40, "emotion"), (60, "record")])
def test_keys_that_do_not_fit_are_left_out_whole(snapshot, width: int, last: str) -> None:
    keys = _text(snapshot(), (width, 16)).splitlines()[-1]
    assert keys.rstrip().endswith(last)


@pytest.mark.parametrize("details", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_the_lines_keep_their_places_when_an_expression_ends(
    snapshot, verdict, size: tuple[int, int], details: bool
) -> None:
    judged = replace(verdict(State.JUDGING, 0.72, at_s=7.8), pb_position=(0.4, 1.2))
    during = snapshot(verdict=judged, history=(judged,), details=details)
    after = snapshot(State.NEUTRAL, history=(judged, verdict(State.NEUTRAL)), details=details)
    labels = [
        [line[:9].strip() for line in _lines(shot, size)[8:] if not set(line[:9]) & set("╌●∙█▀▄")]
        for shot in (during, after)
    ]
    of_a_reading, of_none = {"why"}, {""}
    for one, other in zip(*labels, strict=True):
        assert one == other or (one in of_a_reading and other in of_none)


@pytest.mark.parametrize("size", SIZES)
def test_every_emotion_has_its_row(snapshot, verdict, size: tuple[int, int]) -> None:
    names = ("any", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
    rows = tuple(
        replace(verdict(State.JUDGING, 0.6), emotion=name, prediction_error=0.5) for name in names
    )
    shot = snapshot(State.JUDGING, 0.72, rows=rows)
    assert all(re.search(rf"^ .{name} ", _text(shot, size), re.M) for name in names)
    assert "predicts" not in _text(shot, size)
    details = _text(replace(shot, details=True), size)
    assert details.count("predicts 50 % of the movement") == 7


def test_the_title_shows_recording_and_source_format(snapshot) -> None:
    title = _text(snapshot(recording="gauge.mp4", source_format="640x480 at 15/s")).split("\n")[0]
    assert "● recording" in title
    assert "replay smile.avi, 640x480 at 15/s" in title


@pytest.mark.parametrize(
    ("state", "p", "followed", "title"),
    [
        (State.JUDGING, 0.7, "fear", "Genuine or fake? fear (auto) "),
        (State.OTHER_EMOTION, None, "surprise", "Genuine or fake? surprise (auto) "),
        (State.NEUTRAL, None, "auto", "Genuine or fake? auto "),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_the_title_names_the_emotion_that_auto_follows(
    snapshot, verdict, setting: RunSetting, state: State, p, followed: str, title: str, size
) -> None:
    auto, now = replace(setting, emotion="auto"), replace(verdict(state, p), emotion=followed)
    assert _text(snapshot(setting=auto, verdict=now), size).split("\n")[0].strip().startswith(title)


def test_the_person_line_appears_with_a_person() -> None:
    setting = RunSetting("camera 0", "happiness", "native", 1.6, 0.2)
    console = Console(file=io.StringIO(), width=80)
    for who, line in ((None, False), (PersonStatus(known_expressions=3), True)):
        console.print(render_panel(Snapshot(setting, person=who), (80, 24)))
        assert ("learning your neutral face: 3 expressions" in console.file.getvalue()) == line  # type: ignore[attr-defined]


def test_the_panel_names_the_face_it_is_about_and_has_a_row_for_each(snapshot, verdict) -> None:
    faces = (
        FaceSnapshot(2, verdict=verdict(State.JUDGING, 0.72)),
        FaceSnapshot(3, verdict=verdict(State.NEUTRAL)),
    )
    lines = _lines(snapshot(State.JUDGING, 0.72, faces=faces))
    assert "happiness, face 2" in lines[0]
    first, second = (line for line in lines if line[2:7] == "face " and "PSR" not in line)
    assert "▸face 2" in first
    assert "72 % genuine" in first
    assert "neutral" in second


def test_what_the_face_shows_is_among_the_details(snapshot) -> None:
    shot = snapshot(State.JUDGING, 0.72)
    smile = Expression(("smile_left", "jaw_drop"), np.array([0.62, 0.1], np.float32))
    shown = replace(shot, landmarks=replace(shot.landmarks, expression=smile))
    assert " shows    an expression: smile left (strong)\n" in _text(shown)
    assert " shows    an expression\n" in _text(shot)
    assert " shows    smile left 62 %\n" in _text(replace(shown, details=True))


def test_how_the_expression_began_is_among_the_details(snapshot, verdict) -> None:
    onset = Onset(1.0, 1.4, 2.0, 6.0, 3.25, 0.9, None, 1.2)
    shot = snapshot(verdict=replace(verdict(State.JUDGING, 0.72), onset=onset))
    line = " onset    0.4 s, held for 1.2 s\n"
    assert line in _text(replace(shot, details=True), (120, 60))
    assert line not in _text(shot, (120, 60))
    assert " onset    none\n" in _text(snapshot(details=True), (120, 60))


FIGURES = ("PSR", "PB ", "predicts", "dropped", "p50", "for a reason")


@pytest.mark.parametrize("size", SIZES)
def test_figures_are_behind_a_key(snapshot, verdict, size: tuple[int, int]) -> None:
    judged = replace(verdict(State.JUDGING, 0.72), pb_position=(0.4, 1.2), prediction_error=0.4)
    none = replace(verdict(State.NO_FACE, reason="for a reason"), prediction_error=0.4)
    for now in (judged, none):
        shot = snapshot(verdict=now, history=(judged, now), rows=(now,))
        assert not [each for each in FIGURES if each in _text(shot, size)]
    text = _text(replace(shot, details=True, history=(judged,)), (120, 60))
    assert [each for each in FIGURES if each in text] == [*FIGURES]


@pytest.mark.parametrize("size", [*SIZES, (80, 10)])
def test_a_caption_is_below_the_title(snapshot, size: tuple[int, int]) -> None:
    lines = [line for line in _lines(snapshot(caption="watch the needle"), size) if line.strip()]
    assert lines[1].strip() == "watch the needle"


@pytest.mark.parametrize("size", SIZES)
def test_takes_are_in_the_place_of_the_gauge(snapshot, size: tuple[int, int]) -> None:
    lines = list(_lines(snapshot(caption="both", takes=(pair(),)), size))
    text = "\n".join(lines)
    assert len(lines) == size[1]
    assert "felt take" in text
    assert "FAKE" not in text
    assert [line for line in lines if line.strip()][-1].strip().startswith("q  quit")


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_key_of_guided_use_is_among_the_keys_where_it_is_offered(snapshot, language) -> None:
    catalogue.choose_language(language, {})
    plain, offered = (_lines(snapshot(guide_offered=each)) for each in (False, True))
    keys = [catalogue.text(f"key.{key}") for key in "qnegrud"]
    assert [each for each in keys if each in plain[-2]] == [*keys[:5], keys[6]]
    assert [each for each in keys if each in offered[-2]] == keys  # in 80 columns, too


@pytest.mark.parametrize("size", SIZES)
def test_before_a_result_the_gauge_is_shown(snapshot, size: tuple[int, int]) -> None:
    assert _text(snapshot(takes=()), size) == _text(snapshot(), size)


def test_a_long_caption_is_whole(snapshot) -> None:
    caption = "one word after another " * 5 + "end"
    assert "end" in _text(snapshot(caption=caption), (80, 24))
