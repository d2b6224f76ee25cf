import numpy as np
import pytest
from stages import descriptor_of

from calibrate.people.enrol_at_camera import FAKE_COUNT, GENUINE_COUNT, NEUTRAL_S, EnrolmentGuide
from realtime.core.messages import PersonStatus, State, Tick
from realtime.person.population import Population
from realtime.person.tracker import ExpressionThresholds, PersonTracker
from realtime.verdict.reading import Reading

FACE = np.zeros(80, np.float32)
OTHER = Reading(State.OTHER_EMOTION, "its network misses 160 %")


def scored(score: float) -> Reading:
    """A reading of an expression."""
    return Reading(State.UNCERTAIN, "", None, score)


class Session:
    """Person who follows every instruction."""

    def __init__(self, *, labelled: bool = True) -> None:
        nowhere = np.zeros((1, 80), np.float32)
        guess = np.zeros((2, 80), np.float32)
        people = Population(FACE, np.full(80, 0.05, np.float32), nowhere, nowhere, guess, 1.0, 1.0)
        self.person, self.guide = (
            PersonTracker(1.6, people, ExpressionThresholds(1.0, 0.5)),
            EnrolmentGuide(labelled=labelled),
        )
        self.now_s, self.describable = 0.0, True

    def show(self, seconds: float, intensity: float, reading: Reading, number: int = 0) -> None:
        for _ in range(round(seconds * 5)):
            for _ in range(2):
                self.person.add(self.now_s, FACE)
                self.now_s += 0.1
            if self.describable:
                self.person.recognise(descriptor_of(0))
            self.person.set_intensity(intensity)
            self.guide.add(
                self.person, Tick(self.now_s, 0, self.now_s, person=PersonStatus(number)), reading
            )

    def stay_neutral(self, seconds: float = 1.0, number: int = 0) -> None:
        self.show(seconds, 0.0, Reading(State.NEUTRAL, "no expression"), number)

    def expression(self, score: float, number: int = 0) -> None:
        self.show(1.0, 2.0, scored(score), number)
        self.stay_neutral(number=number)


def test_it_guides_from_neutral_over_genuine_to_fake_expressions() -> None:
    session = Session()
    assert "neutral face, 6 s more" in session.guide.needs()
    session.stay_neutral(NEUTRAL_S + 1)
    for left in range(GENUINE_COUNT, 0, -1):
        assert f"let it show, then return to neutral: {left} more" in session.guide.needs()
        session.expression(1.0)
    for left in range(FAKE_COUNT, 0, -1):
        assert "do not feel" in session.guide.needs()
        assert f"{left} more" in session.guide.needs()
        assert not session.guide.done
        session.expression(-1.0)
    assert session.guide.done
    assert session.guide.needs() == "enrolment is complete"
    score, genuine = session.guide.labelled_scores()
    np.testing.assert_allclose(score, [1, 1, 1, -1, -1, -1])
    assert genuine.tolist() == [True] * 3 + [False] * 3


def test_without_labels_no_expression_is_genuine_or_fake() -> None:
    session = Session(labelled=False)
    session.stay_neutral(NEUTRAL_S + 1)
    for _ in range(GENUINE_COUNT + FAKE_COUNT):
        assert "any expression" in session.guide.needs()
        session.expression(1.0)
    assert session.guide.done
    assert len(session.guide.labelled_scores()[0]) == 0


def test_a_change_of_person_restarts_the_guide() -> None:
    session = Session()
    session.stay_neutral(NEUTRAL_S + 1)
    session.expression(1.0)
    session.person.reset()
    session.stay_neutral(0.4, number=1)
    assert session.guide.needs().startswith(
        "starting again, the face was away or has changed: hold a neutral face"
    )


@pytest.mark.parametrize("state", [State.NO_FACE, State.POOR_VIEW])
def test_a_view_problem_comes_first(state: State) -> None:
    session = Session()
    session.show(0.2, 0.0, Reading(state, "too dark"))
    assert session.guide.needs() == "too dark"


def test_a_held_smile_counts_once() -> None:
    session = Session()
    session.stay_neutral(NEUTRAL_S + 1)
    session.show(25.0, 2.0, scored(1.0))
    session.stay_neutral()
    assert len(session.guide.labelled_scores()[0]) == 1
    assert f"{GENUINE_COUNT - 1} more" in session.guide.needs()


@pytest.mark.parametrize(
    "reading", [scored(1.0), OTHER, Reading(State.WARMING_UP, "not for long enough")]
)
def test_only_a_neutral_face_counts_as_neutral(reading: Reading) -> None:
    session = Session()
    session.stay_neutral(2.6)
    session.show(8.0, 2.0, reading)
    assert "hold a neutral face, 4 s more" in session.guide.needs()
    session.stay_neutral(2.0)
    assert "hold a neutral face, 2 s more" in session.guide.needs()


def test_time_between_distant_ticks_does_not_count_as_neutral() -> None:
    session = Session()
    for _ in range(3):
        session.stay_neutral(0.2)
        session.now_s += 30.0
    session.stay_neutral(0.2)
    assert "hold a neutral face, 5 s more" in session.guide.needs()


def test_an_expression_before_enough_neutral_time_does_not_count() -> None:
    """Its reference may not be the neutral face yet."""
    session = Session()
    session.stay_neutral(1.0)
    session.expression(-5.0)
    session.stay_neutral(NEUTRAL_S)
    assert len(session.guide.labelled_scores()[0]) == 0
    assert f"{GENUINE_COUNT} more" in session.guide.needs()


@pytest.mark.parametrize(
    "order", [(scored(1.0), OTHER), (OTHER, scored(1.0)), (scored(1.0), OTHER, scored(1.0))]
)
def test_ticks_of_another_emotion_do_not_affect_the_scored_ticks(
    order: tuple[Reading, ...],
) -> None:
    session = Session()
    session.stay_neutral(NEUTRAL_S + 1)
    for reading in order:
        session.show(0.6, 2.0, reading)
    session.stay_neutral()
    assert session.guide.labelled_scores()[0].tolist() == [1.0]
    assert session.guide.needs().startswith("think of something")


def test_an_unread_expression_is_reported_with_its_reason_until_one_is_read() -> None:
    session = Session()
    session.stay_neutral(NEUTRAL_S + 1)
    session.show(1.0, 2.0, OTHER)
    session.stay_neutral()
    wanted = f"that one could not be read ({OTHER.reason}); think of something"
    assert session.guide.needs().startswith(wanted)
    assert f"{GENUINE_COUNT} more" in session.guide.needs()
    session.expression(1.0)
    assert session.guide.needs().startswith("think of something")


def test_it_is_not_done_before_the_person_is_confirmed() -> None:
    session = Session()
    session.stay_neutral(NEUTRAL_S + 1)
    for score in (1.0, 1.0, 1.0, -1.0, -1.0):
        session.expression(score)
    session.person.interrupt()
    session.describable = False
    session.expression(-1.0)
    assert len(session.guide.labelled_scores()[0]) == GENUINE_COUNT + FAKE_COUNT
    assert not session.person.confirmed
    assert not session.guide.done
    assert "not yet sure that it is still you" in session.guide.needs()
    session.describable = True
    session.expression(9.0)
    assert session.guide.done
    assert session.guide.needs() == "enrolment is complete"
    assert session.guide.labelled_scores()[0].tolist() == [1, 1, 1, -1, -1, -1]


def test_scores_of_the_previous_person_are_discarded() -> None:
    session = Session()
    session.stay_neutral(NEUTRAL_S + 1)
    for _ in range(4):
        session.expression(1.0)
    session.person.reset()
    session.stay_neutral(NEUTRAL_S + 1, number=1)
    for left in range(GENUINE_COUNT + FAKE_COUNT, 0, -1):
        assert not session.guide.done
        assert len(session.guide.labelled_scores()[0]) == GENUINE_COUNT + FAKE_COUNT - left
        session.expression(-1.0, number=1)
    assert session.guide.done
    assert session.guide.labelled_scores()[0].tolist() == [-1.0] * 6


def test_it_is_not_done_before_the_face_is_described() -> None:
    session = Session()
    session.describable = False
    session.stay_neutral(NEUTRAL_S + 1)
    for score in (1.0, 1.0, 1.0, -1.0, -1.0, -1.0):
        session.expression(score)
    assert not session.guide.done
    assert "come closer" in session.guide.needs()
    session.describable = True
    session.stay_neutral()
    assert session.guide.done
