"""The onset of an expression through the packaged gauge, frame by frame."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stages import ONSET_S, GaugeSession, SyntheticFace

from realtime.core.messages import Onset

NewSession = Callable[..., GaugeSession]


def onsets(session: GaugeSession, after_s: float) -> list[Onset]:
    return [one.tick.onset for one in session.readings_after(after_s) if one.tick.onset is not None]


@pytest.mark.parametrize("hz", [15.0, 30.0, 60.0])
def test_each_expression_has_its_onset_at_every_frame_rate(
    new_session: NewSession, ann: SyntheticFace, hz: float
) -> None:
    session = new_session(hz=hz)
    session.show_neutral(ann, 2.0)
    for _ in range(2):
        began_s = session.now_s + 1.0
        session.show_expression(ann, 1.5)
        found = onsets(session, began_s)
        assert found
        assert found[-1].start_s == pytest.approx(began_s + 0.25 * ONSET_S, abs=0.07)
        assert found[-1].duration_s == pytest.approx(0.65 * ONSET_S, abs=0.08)
        assert session.readings[-1].tick.onset is None


def test_an_expression_whose_beginning_was_missed_has_none(
    new_session: NewSession, ann: SyntheticFace
) -> None:
    session = new_session()
    session.show_neutral(ann, 3.0)
    session.lose_face()
    lost_s = session.now_s
    session.hold(ann.apex, 2.0)
    assert onsets(session, lost_s) == []


def test_a_neutral_face_never_has_one(new_session: NewSession, ann: SyntheticFace) -> None:
    session = new_session()
    session.show_neutral(ann, 10.0)
    assert onsets(session, 0.0) == []
