"""What starts and ends guided use in a run, and where it is offered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from guided_moments import moment, reading

from realtime.app.cli import parser
from realtime.app.guided.guidance import Guidance
from realtime.app.guided.guide import NEXT
from realtime.app.options import Options
from realtime.app.session import SourceResult
from realtime.core.snapshot import Snapshot
from realtime.view.phrases import GUIDE
from realtime.view.words.catalogue import text

FILE = ("--replay", "a.mp4")
AT_REST = moment(reading(1.0))


def config(*options: str) -> Options:
    return Options.of(parser().parse_args(options))


def judging(emotion: str) -> Snapshot:
    """Return the snapshot of a face at rest while this emotion is judged."""
    return replace(AT_REST, setting=replace(AT_REST.setting, emotion=emotion))


def test_a_key_starts_guided_use_and_ends_it() -> None:
    guidance = Guidance(config(*FILE, "--emotion", "happiness"))
    before = guidance.shown(AT_REST, 0.0)
    assert (before.takes, before.caption, before.guide_offered) == (None, "", True)
    guidance.press(GUIDE)
    during = guidance.shown(AT_REST, 0.1)
    assert (during.takes, during.guide_offered) == ((), True)
    assert during.caption == text("guide.view_good")
    guidance.press(GUIDE)
    after = guidance.shown(AT_REST, 0.2)
    assert (after.takes, after.caption, after.guide_offered) == (None, "", True)


def test_once_started_it_goes_on_at_its_key() -> None:
    guidance = Guidance(config(*FILE, "--emotion", "happiness"))
    guidance.press(NEXT)
    assert guidance.shown(AT_REST, 0.0).caption == ""
    guidance.press(GUIDE)
    guidance.shown(AT_REST, 0.1)
    guidance.press(NEXT)
    assert guidance.shown(AT_REST, 0.2).caption == text("guide.relax")


def test_the_key_ends_guided_use_of_the_command_line_too() -> None:
    guidance = Guidance(config("--guide"))
    assert guidance.shown(AT_REST, 0.0).takes == ()
    assert not guidance.finished
    guidance.press(GUIDE)
    assert guidance.shown(AT_REST, 0.1).takes is None
    assert guidance.finished  # so that the end of a file is not waited for


@pytest.mark.parametrize("emotion", ["any", "all", "auto"])
def test_it_is_offered_while_one_emotion_is_judged(emotion: str) -> None:
    guidance = Guidance(config(*FILE, "--emotion", emotion))
    assert not guidance.shown(judging(emotion), 0.0).guide_offered
    guidance.press(GUIDE)
    assert guidance.shown(judging(emotion), 0.1).takes is None
    assert guidance.shown(judging("fear"), 0.2).guide_offered  # key e
    guidance.press(GUIDE)
    assert guidance.shown(judging(emotion), 0.3).guide_offered  # to end it
    guidance.press(GUIDE)
    assert not guidance.shown(judging(emotion), 0.4).guide_offered


@pytest.mark.parametrize(
    "options",
    [
        ("--demo",),
        ("--demo", "--tour"),
        ("--faces", "2", "--emotion", "fear"),
        ("--headless", "--emotion", "fear"),
        ("--replay", "a.mp4", "b.mp4", "--emotion", "fear"),
        ("--record", "-", "--emotion", "fear"),
        ("--replay", "a.mp4", "--fast", "--emotion", "fear"),
    ],
)
def test_it_is_not_offered_where_the_option_is_refused(options: tuple[str, ...]) -> None:
    guidance = Guidance(config(*options))
    assert not guidance.shown(judging("fear"), 0.0).guide_offered
    guidance.press(GUIDE)
    assert guidance.shown(judging("fear"), 0.1).takes is None


def test_the_tour_is_led_as_before() -> None:
    guidance = Guidance(config("--demo", "--tour"))
    assert guidance.shown(AT_REST, 0.0).caption == text("tour.drawn")
    guidance.press(NEXT)
    assert guidance.shown(AT_REST, 0.1).caption == ""
    assert guidance.finished


def test_the_takes_come_after_the_notes_of_a_run() -> None:
    result = SourceResult("camera 0", None, ("note        dim",), takes=("felt take",))
    assert result.lines == ["note        dim", "felt take"]


def test_the_takes_are_printed_once_more_and_not_without_guided_use() -> None:
    guidance = Guidance(config(*FILE, "--guide"))
    guidance.shown(AT_REST, 0.0, ended=True)
    assert guidance.result_lines() == [text("take.filmed")]
    assert Guidance(config(*FILE)).result_lines() == []
