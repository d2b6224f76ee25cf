from __future__ import annotations

from dataclasses import replace

import pytest
from guided_moments import pair, take

from realtime.core.snapshot import TakeKind, TakePair
from realtime.view.take_words import comparison, earlier_line, number_line, stranger_line, take_rows
from realtime.view.words.catalogue import choose_language, text


def test_each_line_has_a_cell_for_each_take() -> None:
    rows = take_rows(pair())
    assert rows == [
        ("number", "70 % genuine, leans genuine", "40 % genuine, leans fake"),
        ("onset", "0.4 s from 25 to 90 %", "0.4 s from 25 to 90 %"),
        ("before", "no action of the face", "no action of the face"),
        ("showed", "smile (strong), jaw drop (slight)", "smile (strong), jaw drop (slight)"),
        ("lasted", "2.0 s", "2.0 s"),
    ]


def test_a_take_without_an_expression_is_named_once() -> None:
    rows = take_rows(TakePair("happiness", None, take(TakeKind.POSED)))
    assert [felt for _, felt, _ in rows] == [text("take.none"), "", "", "", ""]


def test_without_a_number_there_is_the_reason() -> None:
    assert number_line(take(p=None)) == f"none: {text('why.near_half')}"


def test_what_was_not_seen_is_said() -> None:
    blind = replace(take(), onset_s=None, before=None)
    cells = [felt for _, felt, _ in take_rows(TakePair("happiness", blind))]
    assert cells[1:3] == [text("take.onset_none"), text("shows.unread")]


@pytest.mark.parametrize(
    ("felt", "posed", "key"),
    [(0.7, 0.4, "felt_higher"), (0.4, 0.7, "posed_higher"), (0.5, 0.64, "even")],
)
def test_the_comparison_says_which_take_looks_more_genuine(
    felt: float, posed: float, key: str
) -> None:
    assert comparison(pair(felt, posed)) == text(f"take.{key}", points=30)


@pytest.mark.parametrize(
    "one_number", [pair(None, 0.4), pair(0.7, None), TakePair("happiness", take())]
)
def test_a_missing_number_is_not_compared(one_number: TakePair) -> None:
    assert comparison(one_number) == text("take.one_number")


def test_takes_of_two_people_are_not_compared() -> None:
    two = TakePair("happiness", take(), take(TakeKind.POSED, 0.2, person_id=3))
    assert comparison(two) == text("take.two_people")


def test_earlier_pairs_have_their_numbers() -> None:
    assert earlier_line([pair()]) == ""
    assert earlier_line([pair(0.6, 0.5), pair(0.8, None), pair()]) == "80 % / -, 60 % / 50 %"


def test_earlier_pairs_of_another_emotion_name_it() -> None:
    assert earlier_line([replace(pair(0.6, 0.5), emotion="fear"), pair()]) == "60 % / 50 % (fear)"


def test_a_pair_of_a_face_that_is_hardly_known_says_so() -> None:
    assert stranger_line(pair()) == ""
    early = replace(pair(), felt=take(known=1))
    assert stranger_line(early) == text("take.stranger")
    assert stranger_line(replace(early, posed=None)) == text("take.stranger")


def test_it_speaks_german() -> None:
    choose_language("de", {})
    assert take_rows(pair())[0] == ("Zahl", "70 % echt, eher echt", "40 % echt, eher gespielt")
