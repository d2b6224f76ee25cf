"""Online enrolment through the real stages: intensity, identity and bias all come from frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from stages import (
    CONFIRMING_EXPRESSIONS,
    DARK,
    SAVED_EXPRESSIONS,
    GaugeSession,
    SyntheticFace,
    confirmed_expressions,
    scored,
)

from realtime.core.messages import State, Tick
from realtime.person import tracker
from realtime.person.saved_profile import SavedPerson
from realtime.person.stats import MAX_CLIPS

ALL_EXPRESSIONS = SAVED_EXPRESSIONS + CONFIRMING_EXPRESSIONS

NewSession = Callable[..., GaugeSession]


def expression_counts(session: GaugeSession) -> tuple[float, float, float]:
    """Return the expressions in the bias, in the confirmed bias and in the confirmed stats."""
    judge = session.judge
    return judge.bias[1], judge.confirmed_bias[1], confirmed_expressions(session)


def show_dark_frame(session: GaugeSession, face: SyntheticFace) -> None:
    session.add_frame(face.neutral, DARK)


def pause(session: GaugeSession, face: SyntheticFace) -> None:
    session.pause()


class TestNewPerson:
    """After an interruption, another person whose neutral is far from the one before."""

    @pytest.fixture(params=["unknown person before", "saved person before"])
    def session(
        self, request: pytest.FixtureRequest, new_session: NewSession, saved_ann: SavedPerson
    ) -> GaugeSession:
        saved = saved_ann if "saved" in request.param else None
        session = new_session(saved, CONFIRMING_EXPRESSIONS)
        person = session.person
        assert (
            person.observed_expressions
            == person.confirmed_expressions - SAVED_EXPRESSIONS * person.is_expected
            == CONFIRMING_EXPRESSIONS
        )
        assert scored(session.readings)
        return session

    @pytest.mark.parametrize("interruptions", [0, 1])
    def test_a_still_new_person_is_neutral_once_noticed(
        self, session: GaugeSession, bob: SyntheticFace, interruptions: int
    ) -> None:
        """Until the change is noticed, segments show movement measured from the wrong neutral."""
        before, began_s = session.person.person_id, session.now_s
        for _ in range(interruptions):
            session.pause()
            session.show_neutral(bob, 1.3)
        session.pause()
        session.show_neutral(bob, 6.0)
        noticed = [
            one for one in session.readings_after(began_s) if one.tick.person.person_id > before
        ]
        assert session.person.person_id == before + 1
        assert len(noticed) >= 20
        assert scored(noticed) == []
        assert session.person.observed_expressions == noticed[-1].tick.person.known_expressions == 0
        assert session.judge.bias == (0.0, 0.0)

    def test_an_expression_before_the_change_was_noticed_counts_for_the_new_person(
        self, session: GaugeSession, bob: SyntheticFace
    ) -> None:
        before = session.person.person_id
        session.pause()
        session.show_neutral(bob, 0.5)
        session.show_onset(bob)
        session.hold(bob.apex, 0.7)
        session.pause()
        session.add_frame(bob.neutral)
        person, stats = session.person, session.person.stats()
        assert (person.person_id, person.observed_expressions) == (before + 1, 1)
        assert stats is not None
        assert stats.expressions == 1
        np.testing.assert_allclose(stats.neutral, bob.neutral, atol=0.01)
        assert stats.mean_square_movement.max() > 0.1 * np.square(bob.apex - bob.neutral).max()

    def test_segments_before_the_change_was_noticed_count_for_the_new_person(
        self, session: GaugeSession, bob: SyntheticFace
    ) -> None:
        """A face that cannot be described at first, and is not told from Ann's until it can."""
        before, session.describable = session.person.person_id, False
        session.pause()
        session.show_neutral(bob, 4.0)
        assert (session.person.person_id, session.person.confirmed) == (before, False)
        session.describable = True
        session.show_neutral(bob, 1.0)
        person, stats = session.person, session.person.stats()
        assert (person.person_id, person.observed_expressions) == (before + 1, 0)
        assert stats is not None
        assert stats.clips == pytest.approx(1.0, abs=0.05)
        np.testing.assert_allclose(stats.neutral, bob.neutral, atol=0.01)

    def test_a_silent_source_does_not_change_the_person(
        self, session: GaugeSession, bob: SyntheticFace
    ) -> None:
        session.pause()
        session.show_neutral(bob, 3.0)
        for _ in range(2):
            session.show_expression(bob)
        assert session.judge.bias[1] == 2
        silence = session.judge.read(Tick(session.now_s, -1, session.now_s, signal=False))
        assert silence.state is State.NO_SIGNAL
        session.show_neutral(bob, 0.5)
        assert session.judge.bias[1] == 2


class TestConfirmedBias:
    @pytest.mark.parametrize("interrupt", [show_dark_frame, pause])
    def test_the_bias_counts_every_confirmed_expression(
        self,
        new_session: NewSession,
        ann: SyntheticFace,
        saved_ann: SavedPerson,
        interrupt: Callable[[GaugeSession, SyntheticFace], None],
    ) -> None:
        """A short interruption after each is confirmed by the first descriptor that follows."""
        session, counts = new_session(saved_ann), list[tuple[float, float]]()
        for _ in range(10):
            session.show_expression(ann)
            interrupt(session, ann)
            counts.append((session.judge.confirmed_bias[1], confirmed_expressions(session)))
        bias_clips, stats_clips = np.array(counts).T
        assert np.abs(bias_clips - stats_clips).max() <= 1
        assert stats_clips[-1] >= 10 + 8
        assert bias_clips[-1] >= session.person.confirmed_expressions - 1
        assert session.judge.confirmed_bias[0] != saved_ann.bias
        session.show_neutral(ann, 12.0)
        assert session.person.confirmed
        assert session.judge.confirmed_bias[1] == confirmed_expressions(session) == 20

    def test_unconfirmed_expressions_are_not_in_the_confirmed_bias(
        self, confirmed_session: GaugeSession, ann: SyntheticFace
    ) -> None:
        session = confirmed_session
        session.show_neutral(ann, 3.0)
        assert session.person.confirmed
        session.describable = False
        session.pause()
        session.show_expression(ann)
        assert not session.person.confirmed
        assert expression_counts(session) == (ALL_EXPRESSIONS + 1, ALL_EXPRESSIONS, ALL_EXPRESSIONS)

    @pytest.mark.parametrize("signal", [True, False])
    def test_nor_is_an_interrupted_unconfirmed_expression(
        self, confirmed_session: GaugeSession, ann: SyntheticFace, signal: bool
    ) -> None:
        """The face or the source is lost during the expression, before it is counted."""
        session = confirmed_session
        session.show_neutral(ann, 3.0)
        session.describable = False
        session.pause()
        session.show_neutral(ann)
        session.show_onset(ann)
        session.hold(ann.apex, 0.6)
        if not signal:
            session.judge.read(Tick(session.now_s, -1, session.now_s, signal=False))
        session.lose_face()
        session.show_neutral(ann)
        assert not session.person.confirmed
        assert expression_counts(session) == (ALL_EXPRESSIONS + 1, ALL_EXPRESSIONS, ALL_EXPRESSIONS)
        session.describable = True
        session.show_neutral(ann, 9.0)
        assert session.person.confirmed
        assert expression_counts(session)[1:] == (ALL_EXPRESSIONS + 1, ALL_EXPRESSIONS + 1)

    def test_without_a_saved_face_nothing_is_confirmed(
        self, new_session: NewSession, saved_ann: SavedPerson
    ) -> None:
        """A profile of an older version, read and used, and never updated."""
        session = new_session(replace(saved_ann, face=None), CONFIRMING_EXPRESSIONS)
        assert session.person.is_expected
        assert session.judge.bias[1] == ALL_EXPRESSIONS
        assert session.judge.confirmed_bias == (saved_ann.bias, saved_ann.bias_clips)
        assert session.person.confirmed_stats is saved_ann.stats

    def test_the_weight_of_a_saved_bias_is_capped(
        self, new_session: NewSession, ann: SyntheticFace, saved_ann: SavedPerson
    ) -> None:
        session = new_session(replace(saved_ann, bias_clips=1000.0))
        assert session.judge.bias == (0.5, MAX_CLIPS)
        for _ in range(CONFIRMING_EXPRESSIONS):
            session.show_expression(ann)
        session.show_neutral(ann, 3.0)
        assert session.judge.confirmed_bias[1] == MAX_CLIPS
        assert session.judge.confirmed_bias[0] != 0.5

    def test_stats_are_computed_once_while_the_view_stays_poor(
        self, confirmed_session: GaugeSession, ann: SyntheticFace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []

        def count_calls(name: str) -> None:
            real = getattr(tracker, name)

            def counting(*args: Any) -> Any:
                calls.append(name)
                return real(*args)

            monkeypatch.setattr(tracker, name, counting)

        count_calls("neutral_of_segments")
        count_calls("stats_of_segments")
        show_dark_frame(confirmed_session, ann)
        assert set(calls) == {"neutral_of_segments", "stats_of_segments"}
        first = len(calls)
        for _ in range(29):
            show_dark_frame(confirmed_session, ann)
        assert len(calls) == first
        assert confirmed_expressions(confirmed_session) == ALL_EXPRESSIONS


class TestFrameRate:
    @pytest.mark.parametrize("hz", [7.0, 15.0])
    def test_a_slow_camera_enrols_as_much_as_a_fast_one(
        self, new_session: NewSession, ann: SyntheticFace, hz: float
    ) -> None:
        amounts = []
        for rate in (30.0, hz):
            session = new_session(hz=rate)
            session.show_neutral(ann, 6.0)
            for _ in range(5):
                session.show_expression(ann)
            stats = session.person.stats()
            assert stats is not None
            amounts.append((session.person.remembered_s, stats.clips, stats.expressions))
        np.testing.assert_allclose(amounts[1], amounts[0], rtol=0.1)
        assert amounts[0][2] == 5

    @pytest.mark.parametrize("is_expected", [True, False])
    def test_one_held_smile_is_one_expression(
        self, new_session: NewSession, ann: SyntheticFace, saved_ann: SavedPerson, is_expected: bool
    ) -> None:
        session = new_session(saved_ann if is_expected else None)
        session.show_neutral(ann, 6.0)
        for _ in range(4):
            session.show_expression(ann)
        bias_clips = session.judge.bias[1]
        session.show_expression(ann, 20.0)
        session.show_neutral(ann, 3.0)
        assert session.person.observed_expressions == 4 + 1
        assert session.judge.bias[1] == bias_clips + 1
        assert session.readings[-1].reading.state is State.NEUTRAL
