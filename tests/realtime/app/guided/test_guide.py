from __future__ import annotations

from dataclasses import replace

import pytest
from guided_moments import LOADING, moment, reading

from realtime.app.guided.guide import (
    LAST_S,
    MISSED_MOST,
    NEXT,
    PAIRS_KEPT,
    VIEW_MOST_S,
    Guide,
    GuideStep,
    is_at_rest,
    prompt,
)
from realtime.core.messages import Cause, State, ViewQuality
from realtime.core.snapshot import Snapshot, TakeKind
from realtime.view.take_words import take_lines
from realtime.view.words.catalogue import text
from realtime.view.words.english import ENGLISH
from realtime.view.words.german import GERMAN

WINDOW_LINE = 78  # characters of a caption that a picture 640 pixels wide holds
EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
DIM = ViewQuality(182.0, 45.0, 0.0)


class Person:
    """Person at the camera who shows states to a guide, ten readings a second."""

    def __init__(self, guide: Guide | None = None) -> None:
        self.guide = Guide() if guide is None else guide
        self.tenth = 0
        self.shown: Snapshot = LOADING
        self.captions: list[str] = []

    def play(
        self, state: State, seconds: float, *, ended: bool = False, **changes: object
    ) -> Person:
        """Show `state` for a time."""
        for _ in range(round(10 * seconds)):
            strong = state not in (State.NEUTRAL, State.NO_FACE)
            shot = moment(
                reading(self.tenth / 10, state, intensity=0.9 if strong else 0.1),
                **changes,  # type: ignore[arg-type]
            )
            self.shown = self.guide.shown(shot, self.tenth / 10, ended=ended)
            if not self.captions or self.captions[-1] != self.shown.caption:
                self.captions.append(self.shown.caption)
            self.tenth += 1
        return self

    def rest(self, seconds: float = 1.2) -> Person:
        return self.play(State.NEUTRAL, seconds)

    def smile(self, seconds: float = 2.0, **changes: object) -> Person:
        """Show an expression, and relax until the take is over."""
        return self.play(State.JUDGING, seconds, **changes).rest(0.8)

    def ready(self) -> Person:
        """Pass the view check and the first rest."""
        return self.rest(2.2).rest()

    def both(self) -> Person:
        return self.ready().smile().rest().smile()

    def press(self) -> Person:
        self.guide.press(NEXT)
        return self.rest(0.1)

    @property
    def step(self) -> GuideStep:
        return self.guide.step


def test_while_it_loads_it_says_what_comes() -> None:
    shown = Guide().shown(LOADING, 0.0)
    assert (shown.caption, shown.takes) == (text("guide.start"), ())


def test_it_leads_from_the_view_check_to_both_takes_side_by_side() -> None:
    person = Person().both()
    assert person.captions == [
        text(f"guide.{key}")
        for key in (
            "view_good", "relax", "felt.happiness", "runs",
            "relax_again", "posed.happiness", "runs", "result",
        )
    ]  # fmt: skip
    (pair,) = person.shown.takes or ()
    assert pair.felt is not None
    assert pair.posed is not None
    assert pair.emotion == "happiness"
    assert pair.of_one_person


def test_no_take_is_shown_before_the_result() -> None:
    person = Person().ready().smile()
    assert person.shown.takes == ()


def test_the_view_check_gives_advice_until_the_view_is_good() -> None:
    person = Person().play(State.NO_FACE, 5.0)
    assert person.shown.caption == text("guide.view", advice=text("do.no_face"))
    person.play(State.NEUTRAL, 1.5, quality=DIM)
    assert person.shown.caption == text("guide.view", advice=text("do.dim"))
    assert person.rest(1.5).step is GuideStep.VIEW
    assert person.rest(1.0).step is GuideStep.RELAX


def test_a_view_that_can_be_judged_is_good_enough_after_a_while() -> None:
    assert Person().play(State.NEUTRAL, 7.5, quality=DIM).step is GuideStep.VIEW
    assert Person().play(State.NEUTRAL, 9.0, quality=DIM).step is GuideStep.RELAX


def test_a_view_check_without_a_face_ends() -> None:
    person = Person().play(State.NO_FACE, VIEW_MOST_S + 1)
    assert person.step is GuideStep.RESULT
    assert person.shown.caption == text("guide.result_none")
    assert person.press().step is GuideStep.VIEW


def test_a_poor_view_that_stays_does_not_hold_it_up_for_ever() -> None:
    person = Person().play(State.POOR_VIEW, VIEW_MOST_S + 1)
    assert person.step is GuideStep.RELAX
    assert person.play(State.POOR_VIEW, 21.0).step is GuideStep.TAKE


def test_a_take_waits_until_the_face_is_at_rest() -> None:
    person = Person().rest(2.2).play(State.JUDGING, 5.0)
    assert person.step is GuideStep.RELAX
    assert person.rest().step is GuideStep.TAKE


def test_a_face_that_is_not_taken_to_be_at_rest_gets_a_hint_of_the_key() -> None:
    person = Person().rest(2.2).play(State.JUDGING, 5.5)
    assert person.shown.caption == text("guide.relax")
    assert person.play(State.JUDGING, 1.0).shown.caption == (
        f"{text('guide.relax')} {text('guide.at_rest')}"
    )
    hinted = person.shown.caption
    assert person.play(State.POOR_VIEW, 0.2).shown.caption == hinted
    assert person.rest(0.1).shown.caption == text("guide.relax")


def test_without_an_expression_the_take_is_offered_again_and_then_left_out() -> None:
    person = Person().rest(60.0)
    assert person.captions.count(text("guide.felt.happiness")) >= 2
    assert f"{text('guide.missed')} {text('guide.again')}" in person.captions
    person.rest(200.0)
    assert f"{text('guide.missed')} {text('guide.without')}" in person.captions
    assert person.captions.count(text("guide.felt.happiness")) == MISSED_MOST
    assert person.captions.count(text("guide.posed.happiness")) == MISSED_MOST
    assert person.shown.caption == text("guide.result_none")


def test_twitches_neither_make_a_take_nor_make_it_wait_for_longer() -> None:
    person = Person().ready()
    for _ in range(22):
        person.play(State.OTHER_EMOTION, 0.2).rest(0.8)
    assert text("guide.runs") not in person.captions
    assert f"{text('guide.missed')} {text('guide.again')}" in person.captions


def test_a_take_that_was_missed_twice_can_still_be_made() -> None:
    person = Person().rest(60.0).smile(3.0)
    while person.step is not GuideStep.TAKE:
        person.rest(0.1)
    person.smile().rest().smile()
    assert person.step is GuideStep.RESULT


def test_a_face_that_leaves_in_the_middle_breaks_the_take_off() -> None:
    person = Person().ready().play(State.JUDGING, 1.5).play(State.NO_FACE, 2.0)
    assert person.shown.caption == f"{text('guide.left')} {text('guide.again')}"
    person.play(State.NO_FACE, 5.0)
    assert person.step is GuideStep.VIEW
    person.ready().smile().rest().smile()
    (pair,) = person.shown.takes or ()
    assert pair.felt is not None
    assert pair.felt.ended_at_s == pytest.approx(1.9)


def test_a_felt_take_is_kept_when_the_person_leaves_for_good() -> None:
    person = Person().ready().smile().play(State.NO_FACE, 3 + VIEW_MOST_S + 5)
    assert person.step is GuideStep.RESULT
    (pair,) = person.shown.takes or ()
    assert pair.felt is not None
    assert pair.posed is None


def test_takes_of_two_people_are_known_to_be() -> None:
    person = Person().ready().smile().rest()
    person.play(State.JUDGING, 2.0, person_id=7).play(State.NEUTRAL, 0.8, person_id=7)
    (pair,) = person.shown.takes or ()
    assert not pair.of_one_person


def test_an_expression_that_does_not_end_is_a_take_all_the_same() -> None:
    person = Person().ready().play(State.JUDGING, 11.0)
    assert person.shown.caption == text("guide.relax_again")


def test_a_take_whose_view_stays_poor_ends() -> None:
    person = Person().ready().play(State.JUDGING, 2.0).play(State.POOR_VIEW, 16.0)
    assert person.step is GuideStep.RELAX


def test_its_key_goes_on_to_the_next_step() -> None:
    person = Person().rest(0.2)
    steps = [person.press().step for _ in range(6)]
    assert steps == [
        GuideStep.RELAX,
        GuideStep.TAKE,
        GuideStep.VIEW,
        GuideStep.RELAX,
        GuideStep.TAKE,
        GuideStep.RESULT,
    ]


def test_its_key_ends_a_running_take() -> None:
    person = Person().ready().play(State.JUDGING, 2.0).press()
    assert person.shown.caption == text("guide.relax_again")


def test_other_keys_do_nothing() -> None:
    person = Person().rest(0.2)
    person.guide.press("d")
    person.guide.press(None)
    assert person.rest(0.1).step is GuideStep.VIEW


def test_further_pairs_are_kept_up_to_a_limit() -> None:
    person = Person().both()
    for _ in range(PAIRS_KEPT + 1):
        person.press().both()
    assert len(person.shown.takes or ()) == PAIRS_KEPT


def test_another_emotion_begins_a_new_pair() -> None:
    person = Person().ready().smile()
    shot = moment(reading(person.tenth / 10))
    other = replace(shot, setting=replace(shot.setting, emotion="fear"))
    person.guide.shown(other, person.tenth / 10)
    assert person.step is GuideStep.VIEW
    for _ in range(40):
        person.tenth += 1
        at_s = person.tenth / 10
        other = replace(other, verdict=reading(at_s))
        shown = person.guide.shown(other, at_s)
    assert shown.caption == text("guide.felt.fear")


def test_when_the_file_ends_the_takes_stay_for_a_while() -> None:
    person = Person().ready().smile().rest().play(State.JUDGING, 1.0)
    person.play(State.JUDGING, 2.0, ended=True)
    assert person.shown.caption == text("guide.ended")
    (pair,) = person.shown.takes or ()
    assert pair.felt is not None
    assert pair.posed is not None
    assert not person.guide.finished
    person.play(State.NEUTRAL, LAST_S, ended=True)
    assert person.guide.finished


def test_a_file_that_ends_before_a_take_says_so_and_its_key_ends_it() -> None:
    person = Person().rest(1.0).play(State.NEUTRAL, 0.2, ended=True)
    assert person.shown.caption == text("guide.ended_none")
    person.guide.press(NEXT)
    assert person.play(State.NEUTRAL, 0.1, ended=True).guide.finished


def test_a_file_that_ends_before_a_picture_ends_it_at_once() -> None:
    guide = Guide()
    guide.shown(LOADING, 0.0)
    assert not guide.finished
    guide.shown(LOADING, 0.1, ended=True)
    assert guide.finished


@pytest.mark.parametrize("kind", TakeKind)
@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_emotion_has_a_prompt_of_its_own(kind: TakeKind, emotion: str) -> None:
    assert prompt(kind, emotion) == text(f"guide.{kind}.{emotion}")
    assert "pride" in prompt(kind, "pride")


@pytest.mark.parametrize("table", [ENGLISH, GERMAN])
def test_every_caption_fits_in_the_window(table: dict[str, str]) -> None:
    joined = [
        f"{table[f'guide.{first}']} {table[f'guide.{second}']}"
        for firsts, seconds in (
            (("relax", "relax_again"), ("at_rest",)),
            (("missed", "left"), ("again", "without")),
        )
        for first in firsts
        for second in seconds
    ]
    advice = [
        table["guide.view"].format(advice=advice)
        for key, advice in table.items()
        if key.startswith("do.")
    ]
    alone = [caption for key, caption in table.items() if key.startswith("guide.")]
    assert max(map(len, (*joined, *advice, *alone))) <= WINDOW_LINE


@pytest.mark.parametrize("kind", TakeKind)
@pytest.mark.parametrize("selected", ["any", "all", "auto"])
def test_without_one_emotion_it_asks_for_any_feeling(kind: TakeKind, selected: str) -> None:
    assert prompt(kind, selected) == text(f"guide.{kind}.any")


@pytest.mark.parametrize(
    ("state", "cause", "rests"),
    [
        (State.NEUTRAL, None, True),
        (State.UNCERTAIN, Cause.FAINT, True),
        (State.UNCERTAIN, Cause.NEUTRAL_UNKNOWN, False),
        (State.JUDGING, None, False),
        (State.NO_FACE, None, False),
    ],
)
def test_when_a_face_is_at_rest(state: State, cause: Cause | None, rests: bool) -> None:
    assert is_at_rest(reading(1.0, state, cause=cause)) is rests
    assert not is_at_rest(None)


def test_the_result_is_kept_for_after_the_screen() -> None:
    person = Person().both()
    lines = person.guide.result_lines()
    assert lines == list(take_lines(person.guide.pairs))
    assert any(line.startswith(text("take.felt")) for line in lines)
    assert text("take.honest") in lines
    assert text("take.filmed") not in lines


def test_earlier_pairs_are_in_the_result() -> None:
    person = Person().both().press().rest(2.2).rest().smile().rest().smile()
    assert len(person.guide.pairs) == 2
    assert any(line.startswith(text("take.earlier")) for line in person.guide.result_lines())


def test_a_file_that_ends_before_both_takes_names_how_to_compare_filmed_ones() -> None:
    person = Person().ready().smile()
    assert person.guide.result_lines() == []
    person.play(State.NEUTRAL, 0.2, ended=True)
    assert person.guide.result_lines()[-1] == text("take.filmed")
