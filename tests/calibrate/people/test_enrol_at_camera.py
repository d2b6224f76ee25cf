import numpy as np
import pytest

from calibrate.people.enrol_at_camera import FELT, POSED, REST_S, EnrolmentGuide
from realtime.core.messages import PersonStatus, State, Tick
from realtime.person.population import Population
from realtime.person.tracker import ExpressionThresholds, PersonTracker
from realtime.verdict.reading import Reading

FACE = np.zeros(80, np.float32)
MISFIT = Reading(State.OTHER_EMOTION, "its network misses 160 %")


def scored(score: float) -> Reading:
    """A reading of an expression."""
    return Reading(State.UNCERTAIN, "", None, score)


class Session:
    """Somebody who does as they are told."""

    def __init__(self, *, labelled: bool = True) -> None:
        nowhere = np.zeros((1, 80), np.float32)
        guess = np.zeros((2, 80), np.float32)
        people = Population(FACE, np.full(80, 0.05, np.float32), nowhere, nowhere, guess, 1.0, 1.0)
        self.person, self.guide = (
            PersonTracker(1.6, people, ExpressionThresholds(1.0, 0.5)),
            EnrolmentGuide(labelled=labelled),
        )
        self.now_s = 0.0

    def shows(self, seconds: float, strength: float, reading: Reading, number: int = 0) -> None:
        for _ in range(round(seconds * 5)):
            for _ in range(2):
                self.person.add(self.now_s, FACE)
                self.now_s += 0.1
            self.person.set_intensity(strength)
            self.guide.see(self.person, Tick(self.now_s, 0, self.now_s, person=PersonStatus(number)), reading)

    def rests(self, seconds: float = 1.0, number: int = 0) -> None:
        self.shows(seconds, 0.0, Reading(State.NEUTRAL, "no expression"), number)

    def expression(self, score: float, number: int = 0) -> None:
        self.shows(1.0, 2.0, scored(score), number)
        self.rests(number=number)


def test_it_leads_from_rest_over_felt_to_posed_and_is_content() -> None:
    session = Session()
    assert "neutral face, 6 s more" in session.guide.needs()
    session.rests(REST_S + 1)
    for left in range(FELT, 0, -1):
        assert f"let it show, then come back to neutral: {left} more" in session.guide.needs()
        session.expression(1.0)
    for left in range(POSED, 0, -1):
        assert "do not feel" in session.guide.needs()
        assert f"{left} more" in session.guide.needs()
        assert not session.guide.done
        session.expression(-1.0)
    assert session.guide.done
    assert session.guide.needs() == "that is all"
    score, felt = session.guide.told()
    np.testing.assert_allclose(score, [1, 1, 1, -1, -1, -1])
    assert felt.tolist() == [True] * 3 + [False] * 3


def test_without_labels_nothing_is_told_felt_or_posed() -> None:
    session = Session(labelled=False)
    session.rests(REST_S + 1)
    for _ in range(FELT + POSED):
        assert "any expression" in session.guide.needs()
        session.expression(1.0)
    assert session.guide.done
    assert len(session.guide.told()[0]) == 0


def test_somebody_else_begins_anew() -> None:
    session = Session()
    session.rests(REST_S + 1)
    session.expression(1.0)
    session.person.reset()
    session.rests(0.4, number=1)
    assert session.guide.needs().startswith(
        "begun anew, the face was away or is another: hold a neutral face"
    )


@pytest.mark.parametrize("state", [State.NO_FACE, State.POOR_VIEW])
def test_what_cannot_be_seen_is_said_first(state: State) -> None:
    session = Session()
    session.shows(0.2, 0.0, Reading(state, "too dark"))
    assert session.guide.needs() == "too dark"


def test_one_smile_that_is_held_fills_one_place() -> None:
    session = Session()
    session.rests(REST_S + 1)
    session.shows(25.0, 2.0, scored(1.0))
    session.rests()
    assert len(session.guide.told()[0]) == 1
    assert f"{FELT - 1} more" in session.guide.needs()


@pytest.mark.parametrize(
    "reading", [scored(1.0), MISFIT, Reading(State.WARMING_UP, "not for long enough")]
)
def test_only_rest_counts_as_rest(reading: Reading) -> None:
    session = Session()
    session.rests(2.6)
    session.shows(8.0, 2.0, reading)
    assert "hold a neutral face, 4 s more" in session.guide.needs()
    session.rests(2.0)
    assert "hold a neutral face, 2 s more" in session.guide.needs()


def test_rest_that_nobody_saw_is_none() -> None:
    session = Session()
    for _ in range(3):
        session.rests(0.2)
        session.now_s += 30.0
    session.rests(0.2)
    assert "hold a neutral face, 5 s more" in session.guide.needs()


def test_an_expression_before_enough_rest_was_seen_fills_no_place() -> None:
    """Whatever it is measured from may not be the face at rest."""
    session = Session()
    session.rests(1.0)
    session.expression(-5.0)
    session.rests(REST_S)
    assert len(session.guide.told()[0]) == 0
    assert f"{FELT} more" in session.guide.needs()


@pytest.mark.parametrize(
    "order", [(scored(1.0), MISFIT), (MISFIT, scored(1.0)), (scored(1.0), MISFIT, scored(1.0))]
)
def test_ticks_that_fit_another_emotion_take_nothing_from_those_that_were_read(
    order: tuple[Reading, ...],
) -> None:
    session = Session()
    session.rests(REST_S + 1)
    for reading in order:
        session.shows(0.6, 2.0, reading)
    session.rests()
    assert session.guide.told()[0].tolist() == [1.0]
    assert session.guide.needs().startswith("think of something")


def test_an_expression_that_could_not_be_read_is_told_with_its_reason_until_one_can() -> None:
    session = Session()
    session.rests(REST_S + 1)
    session.shows(1.0, 2.0, MISFIT)
    session.rests()
    wanted = f"that one could not be read ({MISFIT.reason}); think of something"
    assert session.guide.needs().startswith(wanted)
    assert f"{FELT} more" in session.guide.needs()
    session.expression(1.0)
    assert session.guide.needs().startswith("think of something")


def test_it_is_not_content_before_it_is_sure_that_it_is_the_same_person() -> None:
    session = Session()
    session.rests(REST_S + 1)
    for score in (1.0, 1.0, 1.0, -1.0, -1.0):
        session.expression(score)
    session.person.interrupt()
    session.expression(-1.0)
    assert len(session.guide.told()[0]) == FELT + POSED
    assert not session.person.confirmed
    assert not session.guide.done
    assert "not sure yet that it is still you" in session.guide.needs()
    while not session.person.confirmed:
        session.expression(9.0)
    assert session.guide.done
    assert session.guide.needs() == "that is all"
    assert session.guide.told()[0].tolist() == [1, 1, 1, -1, -1, -1]


def test_the_scores_of_somebody_before_are_none_of_the_next_one_s() -> None:
    session = Session()
    session.rests(REST_S + 1)
    for _ in range(4):
        session.expression(1.0)
    session.person.reset()
    session.rests(REST_S + 1, number=1)
    for left in range(FELT + POSED, 0, -1):
        assert not session.guide.done
        assert len(session.guide.told()[0]) == FELT + POSED - left
        session.expression(-1.0, number=1)
    assert session.guide.done
    assert session.guide.told()[0].tolist() == [-1.0] * 6
