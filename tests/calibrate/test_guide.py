import numpy as np
import pytest

from calibrate.guide import FELT, POSED, REST_S, Guide
from realtime.motion.person import Population
from realtime.motion.running import Limits, Person
from realtime.values import State, Tick
from realtime.verdict.reading import Reading

FACE = np.zeros(80, np.float32)


class Session:
    """Somebody who does as they are told."""

    def __init__(self, *, labelled: bool = True) -> None:
        nowhere = np.zeros((1, 80), np.float32)
        guess = np.zeros((2, 80), np.float32)
        people = Population(FACE, np.full(80, 0.05, np.float32), nowhere, nowhere, guess, 1.0, 1.0)
        self.person, self.guide = Person(1.6, people, Limits(1.0, 0.5)), Guide(labelled=labelled)
        self.now_s = 0.0

    def shows(self, seconds: float, strength: float, reading: Reading, number: int = 0) -> None:
        for _ in range(round(seconds * 5)):
            for _ in range(2):
                self.person.see(self.now_s, FACE)
                self.now_s += 0.1
            self.person.feel(strength)
            self.guide.see(self.person, Tick(self.now_s, 0, self.now_s, person=number), reading)

    def rests(self, seconds: float = 1.0, number: int = 0) -> None:
        self.shows(seconds, 0.0, Reading(State.NEUTRAL, "no expression"), number)

    def expression(self, score: float) -> None:
        self.shows(1.0, 2.0, Reading(State.UNCERTAIN, "", None, score))
        self.rests()


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
    session.person.forget()
    session.rests(0.4, number=1)
    assert session.guide.needs().startswith("begun anew, the face was away or is another: hold a neutral face")


@pytest.mark.parametrize("state", [State.NO_FACE, State.POOR_VIEW])
def test_what_cannot_be_seen_is_said_first(state: State) -> None:
    session = Session()
    session.shows(0.2, 0.0, Reading(state, "too dark"))
    assert session.guide.needs() == "too dark"
