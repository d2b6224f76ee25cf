from __future__ import annotations

import pytest

from realtime.core.messages import BoxSource, Face, State, ViewQuality
from realtime.core.snapshot import FrameCounts, PersonStatus, RunVerdict
from realtime.view import phrases


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_sentence_without_a_number(state: State) -> None:
    said = phrases.sentence(state, "anger")
    assert said
    assert "{" not in said
    assert not any(letter.isdigit() for letter in said)


def test_other_emotion_names_the_emotion_that_was_asked_for() -> None:
    assert phrases.sentence(State.OTHER_EMOTION, "anger") == "the movement does not look like anger"
    assert (
        phrases.sentence(State.OTHER_EMOTION, "any")
        == "the movement does not look like any known emotion"
    )


@pytest.mark.parametrize(
    ("p", "said"),
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
def test_a_probability_in_words(p: float, said: str) -> None:
    assert phrases.reading(p) == said


@pytest.mark.parametrize(("psr", "said"), [(3.0, "losing"), (8.0, "loose"), (25.0, "firm")])
def test_hold_by_psr(psr: float, said: str) -> None:
    assert phrases.tracking_line(Face((0, 0, 10, 10), psr, BoxSource.MOSSE)).startswith(said)


def test_view_says_blur_darkness_and_head_turn() -> None:
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


def test_overall_keeps_its_number_to_itself_when_asked() -> None:
    whole = RunVerdict("judging", 0.73, 6.0)
    assert (
        phrases.run_verdict_phrase(whole, number=True)
        == "leans genuine, 73 % genuine, from 6.0 s of evidence"
    )
    assert (
        phrases.run_verdict_phrase(whole, number=False) == "leans genuine, from 6.0 s of evidence"
    )
    assert (
        phrases.run_verdict_phrase(RunVerdict("uncertain", 0.52, 3.0), number=True)
        == "too close to call, from 3.0 s of evidence"
    )
    assert (
        phrases.run_verdict_phrase(RunVerdict("no_face", None, 0.0), number=True)
        == "nothing judged yet"
    )


def test_frames_name_the_reasons_that_occurred() -> None:
    counts = FrameCounts(10, 6, {"stale": 1, "busy": 3, "corrupt": 0})
    assert phrases.frames_line(counts) == "10 captured, 6 processed, 4 dropped (busy 3, stale 1)"
    assert phrases.frames_line(FrameCounts()) == "0 captured, 0 processed, 0 dropped"


def test_clean_takes_away_what_would_steer_a_terminal() -> None:
    assert phrases.clean("a\x1b[2Jb\nc\u202ed é") == "a?[2Jb?c?d é"


def test_how_well_the_person_is_known_is_said_to_whoever_it_is() -> None:
    assert phrases.person_line(PersonStatus(3, False), "") == "getting to know you: 3 expressions"
    assert phrases.person_line(PersonStatus(1, False), "") == "getting to know you: 1 expression"
    assert phrases.person_line(PersonStatus(12, True), "ann") == "ann, known by 12 expressions"
    assert (
        phrases.person_line(PersonStatus(2, False, neutral_reset=True), "ann")
        == "getting to know them: 2 expressions"
    )
    other = phrases.person_line(PersonStatus(0, False), "ann")
    assert other == "this is not ann; getting to know them: 0 expressions"
