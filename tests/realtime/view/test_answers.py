from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from realtime.core.labels import ANY, AUTO
from realtime.core.messages import (
    Cause,
    Contribution,
    Expression,
    Face,
    PersonStatus,
    State,
    ViewQuality,
)
from realtime.view.answers import Answers, answers_of, odds, view_hint, why
from realtime.view.phrases import emotion_name
from realtime.view.words.catalogue import TABLES, choose_language
from realtime.view.words.english import ENGLISH

SMILE = Expression(("smile_left", "smile_right", "squint_left"), np.float32([0.7, 0.7, 0.2]))
GOOD = ViewQuality(182.0, 131.0, 0.05)


def smiling(shot):
    return replace(shot, landmarks=replace(shot.landmarks, expression=SMILE))


def test_a_reading_answers_every_question(snapshot) -> None:
    shot = smiling(snapshot(State.JUDGING, 0.72, person=PersonStatus(known_expressions=1)))
    assert answers_of(shot) == Answers(
        headline="leans genuine",
        sure="of ten such readings about 7 should be right",
        shows="an expression: smile (strong), squint left (slight)",
        why="it moves more like the genuine expressions that were learned",
        better="relax and show more expressions, so that it learns your face",
    )


def test_a_face_at_rest_shows_no_expression_and_no_odds(snapshot) -> None:
    answers = answers_of(smiling(snapshot(State.NEUTRAL)))
    assert answers.headline == "no expression to judge"
    assert answers.shows == "no expression; at rest: smile (strong), squint left (slight)"
    assert answers.sure == ""
    assert answers_of(snapshot(State.NEUTRAL)).shows == "no expression"


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_is_said_in_words_and_not_in_figures(snapshot, verdict, cause: Cause) -> None:
    state = State.UNCERTAIN if cause in ("faint", "near_half") else State.POOR_VIEW
    now = replace(verdict(state, reason="too dark (brightness 12, want 20)"), cause=cause)
    answers = answers_of(snapshot(verdict=now))
    assert answers.why
    assert answers.better
    assert not re.search(r"\d", f"{answers.why} {answers.better}")


def reasons(movement: float, **onset: tuple[float, bool]) -> tuple[Contribution, ...]:
    """Return contributions of the movement and of parts of the onset, with their direction."""
    began = [Contribution(f"onset_{name}", *part) for name, part in onset.items()]
    return (Contribution("usual", 0.02), Contribution("movement", movement, movement > 0), *began)


@pytest.mark.parametrize(
    ("p_genuine", "contributions", "said"),
    [
        (0.7, reasons(0.8), "it moves more like the genuine expressions that were learned"),
        (0.7, reasons(0.8, speed=(-0.05, True)), "it moves more like the genuine expressions that"),
        (0.7, reasons(0.5, duration=(0.3, True)), "and took long to unfold, as genuine ones do"),
        (
            0.6,
            reasons(0.9, speed=(-0.4, True)),
            "it moves more like genuine ones, but began fast, as fake ones do",
        ),
        (0.3, reasons(-0.9, speed=(-0.4, False)), "and began slowly, as fake ones do"),
        (
            0.6,
            reasons(0.0, speed=(0.4, False)),
            "it moves like either, and began slowly, as genuine ones do",
        ),
        (0.6, reasons(0.3, duration=(0.3, False), speed=(-0.1, True)), "in a short time, as genu"),
        (0.6, reasons(-0.3, duration=(0.6, True)), "it moves more like fake ones, but took"),
    ],
)
def test_a_number_names_what_makes_it(
    verdict, p_genuine: float, contributions: tuple[Contribution, ...], said: str
) -> None:
    judged = replace(verdict(State.JUDGING, p_genuine), contributions=contributions)
    assert said in why(judged)
    assert not re.search(r"\d", why(judged))


@pytest.mark.parametrize("language", TABLES)
def test_a_reason_that_says_what_the_state_says_is_not_repeated(verdict, language: str) -> None:
    choose_language(language, {})
    assert why(verdict(State.NEUTRAL, reason=ENGLISH["state.neutral"])) == ""
    assert why(verdict(State.NEUTRAL, reason="moves 0.2, want 0.7")) == "moves 0.2, want 0.7"


def test_a_silent_source_gives_its_own_reason(verdict) -> None:
    assert why(verdict(State.NO_SIGNAL, reason="black pictures")) == "black pictures"


def test_another_emotion_is_named_where_one_fits(verdict) -> None:
    other = verdict(State.OTHER_EMOTION, reason="its network misses 90 %")
    assert "happiness does not fit" in why(other)
    assert why(replace(other, nearest="fear")).endswith("it moves most like fear")


@pytest.mark.parametrize("language", TABLES)
@pytest.mark.parametrize("emotion", [ANY, AUTO])
def test_without_a_given_emotion_no_emotion_is_said_not_to_fit(
    verdict, emotion: str, language: str
) -> None:
    choose_language(language, {})
    other = replace(verdict(State.OTHER_EMOTION), emotion=emotion)
    for each in (other, replace(other, nearest="fear")):
        assert emotion_name(emotion) not in why(each).split()
    assert why(replace(other, nearest="fear")).endswith(emotion_name("fear"))


@pytest.mark.parametrize(
    ("p", "count"), [(0.55, 6), (0.45, 6), (0.72, 7), (0.28, 7), (0.87, 9), (1.0, 9), (0.0, 9)]
)
def test_how_sure_a_reading_is_in_tens(p: float, count: int) -> None:
    assert odds(p) == f"of ten such readings about {count} should be right"


def test_a_reading_near_half_is_as_often_wrong_as_right() -> None:
    assert odds(0.5) == odds(0.47) == "of ten such readings about five should be right"


@pytest.mark.parametrize(
    ("quality", "box", "hint"),
    [
        (GOOD, 160.0, ""),
        (GOOD, 40.0, "come a little closer"),
        (GOOD, 330.0, "move back a little"),
        (replace(GOOD, brightness=40), 160.0, "more light"),
        (replace(GOOD, brightness=185), 160.0, "less light"),
        (replace(GOOD, sharpness=20), 160.0, "sharper picture"),
        (replace(GOOD, yaw=-0.4), 160.0, "straight at the camera"),
    ],
)
def test_a_view_that_could_be_better_gets_one_hint(
    snapshot, quality: ViewQuality, box: float, hint: str
) -> None:
    shot = snapshot(State.JUDGING, 0.72)
    face = replace(shot.face, box_px=(200.0, 60.0, box, box))
    assert isinstance(face, Face)
    said = view_hint(quality, face, shot.frame)
    assert hint in said
    assert bool(said) == bool(hint)
    shown = replace(shot, face=face, landmarks=replace(shot.landmarks, quality=quality))
    assert answers_of(shown).better == said


def test_somebody_who_is_known_needs_no_advice(snapshot) -> None:
    known = snapshot(State.SETTLED, 0.9, person=PersonStatus(known_expressions=9))
    assert answers_of(known).better == ""


def test_before_the_first_picture_there_is_only_waiting(snapshot) -> None:
    assert answers_of(snapshot(verdict=None)) == Answers("waiting for the first picture")


def test_answers_are_in_the_chosen_language(snapshot) -> None:
    choose_language("de", {})
    answers = answers_of(smiling(snapshot(State.JUDGING, 0.28)))
    assert answers.headline == "eher gespielt"
    assert answers.shows == "ein Ausdruck: Lächeln (stark), Augen verengt links (leicht)"
