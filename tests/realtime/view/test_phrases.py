from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.messages import (
    BoxSource,
    Expression,
    Face,
    Onset,
    OnsetRank,
    PersonStatus,
    State,
    Verdict,
    ViewQuality,
)
from realtime.core.snapshot import FrameCounts, RunVerdict
from realtime.faces.mosse import GOOD_PSR
from realtime.view import phrases

MIRRORED = {
    "looks fake": "looks genuine",
    "leans fake": "leans genuine",
    "leans genuine": "leans fake",
    "looks genuine": "looks fake",
}


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_phrase(state: State) -> None:
    phrase = phrases.state_phrase(state, "anger")
    assert phrase
    assert "{" not in phrase
    assert not any(digit in phrase.replace("50 %", "") for digit in "0123456789%")


def test_other_emotion_names_the_requested_emotion() -> None:
    phrase = "the movement does not look like"
    assert phrases.state_phrase(State.OTHER_EMOTION, "anger") == f"{phrase} anger"
    assert phrases.state_phrase(State.OTHER_EMOTION, "any") == f"{phrase} any known emotion"


@pytest.mark.parametrize(
    ("selected", "judged", "label"),
    [
        ("auto", "fear", "fear (auto)"),
        ("auto", "happiness", "happiness (auto)"),
        ("auto", "auto", "auto"),
        ("auto", None, "auto"),
        ("contempt", "contempt", "contempt"),
        ("all", "any", "all"),
        ("auto", "fe\x1bar", "fe?ar (auto)"),
    ],
)
def test_emotion_label(selected: str, judged: str | None, label: str) -> None:
    verdict = (
        None if judged is None else Verdict(0.0, 0, judged, State.NEUTRAL, None, "a reason", 1.0)
    )
    assert phrases.emotion_label(selected, verdict) == label


@pytest.mark.parametrize(
    ("p", "phrase"),
    [
        (0.0, "looks fake"),
        (0.25, "looks fake"),
        (0.44, "leans fake"),
        (0.5, "could be either"),
        (0.54, "could be either"),
        (0.56, "leans genuine"),
        (0.75, "looks genuine"),
        (1.0, "looks genuine"),
    ],
)
def test_tendency_of_a_probability(p: float, phrase: str) -> None:
    assert phrases.tendency(p) == phrase
    assert phrases.reading(p) == f"{100 * p:.0f} % genuine, {phrase}"


@given(p=st.floats(0, 1))
def test_words_colour_and_printed_number_agree(p: float) -> None:
    shown = int(phrases.percent(p).removesuffix(" %"))
    phrase, colour = phrases.tendency(p), phrases.colour(p)
    assert ("fake" in phrase) == (colour == phrases.FAKE_HEX) == (shown <= 45)
    assert ("genuine" in phrase) == (colour == phrases.GENUINE_HEX) == (shown >= 55)
    assert phrases.tendency(1 - shown / 100) == MIRRORED.get(phrase, phrase)


@pytest.mark.parametrize(
    ("psr", "line"),
    [(7.9, "7, too low"), (8.0, "8, fair"), (14.9, "14, fair"), (246.8, "246, high")],
)
def test_tracking_confidence(psr: float, line: str) -> None:
    face = Face((0, 0, 10, 10), psr, BoxSource.MOSSE)
    assert phrases.tracking_line(face) == f"tracking confidence (PSR) {line}; lost below 8"


def test_the_limit_shown_is_that_of_the_tracker() -> None:
    assert phrases.LOST_PSR == GOOD_PSR


def test_view_quality_line_names_blur_darkness_and_head_turn() -> None:
    assert (
        phrases.view_quality_line(ViewQuality(10, 20, -0.6))
        == "blurred (10), dark (20), turned left (-0.60)"
    )
    assert (
        phrases.view_quality_line(ViewQuality(200, 240, 0.3))
        == "sharp (200), glaring (240), turned a little right (+0.30)"
    )
    assert (
        phrases.view_quality_line(ViewQuality(50, 120, 0.0))
        == "soft (50), well lit (120), facing the camera (+0.00)"
    )


def test_run_verdict_with_and_without_its_number() -> None:
    judged = RunVerdict("judging", 0.73, 6.0)
    undecided = RunVerdict("uncertain", 0.52, 3.0)
    with_number = "73 % genuine, leans genuine, from 6.0 s of judged movement"
    assert phrases.run_verdict_phrase(judged, number=True) == with_number
    without = phrases.run_verdict_phrase(judged, number=False)
    assert without == "leans genuine, from 6.0 s of judged movement"
    phrase = phrases.run_verdict_phrase(undecided, number=True)
    assert phrase == "undecided: too close to 50 %, from 3.0 s of judged movement"
    phrase = phrases.run_verdict_phrase(undecided, number=False)
    assert phrase == "undecided, from 3.0 s of judged movement"
    nothing = RunVerdict("no_face", None, 0.0)
    assert phrases.run_verdict_phrase(nothing, number=True) == "nothing judged yet"


def test_frames_line_names_the_reasons_that_occurred() -> None:
    counts = FrameCounts(10, 6, {"stale": 1, "busy": 3, "corrupt": 0})
    assert phrases.frames_line(counts) == "10 captured, 6 processed, 4 dropped (busy 3, stale 1)"
    assert phrases.frames_line(FrameCounts()) == "0 captured, 0 processed, 0 dropped"


def test_clean_replaces_control_characters() -> None:
    assert phrases.clean("a\x1b[2Jb\nc\u202ed é") == "a?[2Jb?c?d é"


@pytest.mark.parametrize(
    ("person", "expected_name", "line"),
    [
        (PersonStatus(known_expressions=3), "", "learning your neutral face: 3 expressions"),
        (PersonStatus(known_expressions=1), "", "learning your neutral face: 1 expression"),
        (
            PersonStatus(known_expressions=12, is_expected=True),
            "ann",
            "ann, saved profile with 12 expressions",
        ),
        (
            PersonStatus(known_expressions=2, neutral_reset=True),
            "ann",
            "learning their neutral face: 2 expressions",
        ),
        (
            PersonStatus(known_expressions=0),
            "ann",
            "this is not ann; learning their neutral face: 0 expressions",
        ),
    ],
)
def test_person_line(person: PersonStatus, expected_name: str, line: str) -> None:
    assert phrases.person_line(person, expected_name) == line


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"smile_left": 0.7, "smile_right": 0.6, "jaw_drop": 0.3}, "smile 65 %, jaw drop 30 %"),
        ({"smile_left": 0.7, "smile_right": 0.3}, "smile left 70 %, smile right 30 %"),
        ({"squint_left": 0.1, "squint_right": 0.9}, "squint right 90 %"),
        ({"smile_left": 0.1, "smile_right": 0.14, "jaw_drop": 0.0}, "no action of the face"),
        (dict(zip("abcdef", (0.9, 0.4, 0.5, 0.6, 0.7, 0.8), strict=True)),
         "a 90 %, f 80 %, e 70 %, d 60 %, c 50 %"),
    ],
)  # fmt: skip
def test_the_strongest_actions_are_named(values: dict[str, float], line: str) -> None:
    expression = Expression(tuple(values), np.array([*values.values()], np.float32))
    assert phrases.expression_line(expression) == line


@pytest.mark.parametrize(
    ("lead_s", "line"),
    [
        (0.1, "0.4 s, held for 1.2 s, mouth before eyes"),
        (-0.2, "0.4 s, held for 1.2 s, eyes before mouth"),
        (-0.05, "0.4 s, held for 1.2 s, eyes and mouth together"),
        (None, "0.4 s, held for 1.2 s"),
    ],
)
def test_an_onset_in_words(lead_s: float | None, line: str) -> None:
    assert phrases.onset_line(began(lead_s)) == line


def began(
    lead_s: float | None = None, rank: OnsetRank | None = None, emotion: str = "happiness"
) -> Verdict:
    onset = Onset(1.0, 1.44, 2.0, 6.0, 3.0, 0.9, lead_s, 1.24)
    return Verdict(2.0, 60, emotion, State.JUDGING, 0.7, "", 5.0, onset=onset, onset_rank=rank)


def test_without_an_onset_there_are_no_words() -> None:
    assert phrases.onset_line(Verdict(2.0, 60, "any", State.NEUTRAL, None, "", 5.0)) == ""


@pytest.mark.parametrize(
    ("slower", "emotion", "words"),
    [
        (0.8, "happiness", "faster than 80 % of felt smiles"),
        (0.3, "happiness", "slower than 70 % of felt smiles"),
        (0.95, "fear", "faster than 95 % of felt expressions of fear"),
    ],
)
def test_an_onset_is_compared_with_felt_ones(slower: float, emotion: str, words: str) -> None:
    verdict = began(None, OnsetRank(slower, 0.5), emotion)
    assert phrases.onset_line(verdict) == f"0.4 s, {words}, held for 1.2 s"
