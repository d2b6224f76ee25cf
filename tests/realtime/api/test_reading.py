"""The public reading: frozen, checked, plain as a row, and free of hidden differences."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from realtime.api.reading import Reading, first_of, reading_of
from realtime.core.messages import State, Verdict
from realtime.view.records.rows import verdict_row

POINTS = np.zeros((40, 2), np.float32)
PB = np.ones((3, 64), np.float32)
VERDICT = Verdict(
    1.25, 37, "fear", State.JUDGING, 0.71234, "", 12.5, box_px=(1, 2, 3, 4), points_px=POINTS, pb=PB
)


def test_it_has_all_that_the_verdict_has() -> None:
    reading = first_of([reading_of(VERDICT, [VERDICT])], missed=2)
    assert (reading.p_genuine, reading.state, reading.emotion) == (0.71234, "judging", "fear")
    assert reading.points_px is POINTS
    assert reading.pb is PB
    assert reading.rows == (reading_of(VERDICT),)
    assert (reading.missed, reading.face, reading.faces) == (2, None, ())


def test_of_several_faces_the_first_holds_all() -> None:
    faces = [reading_of(dataclasses.replace(VERDICT, face=number)) for number in (2, 3)]
    reading = first_of(faces)
    assert (reading.face, reading.faces) == (2, tuple(faces))
    assert reading.row() == verdict_row(VERDICT) | {"face": 2}
    assert repr(reading) == "Reading(face 2, fear at 1.250 s: judging, p_genuine 0.7123)"


def test_its_row_is_that_of_the_record() -> None:
    assert reading_of(VERDICT).row() == verdict_row(VERDICT)


def test_it_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading_of(VERDICT).p_genuine = 1.0  # type: ignore[misc]


def test_it_is_checked_at_birth() -> None:
    with pytest.raises(ValueError, match="only judging and settled have a number"):
        Reading(1.0, 3, "any", State.NEUTRAL, 0.5, "", 1.0)
    with pytest.raises(ValueError, match=r"pb is float32 \(3, 2\); want float32"):
        Reading(1.0, 3, "any", State.NEUTRAL, None, "", 1.0, pb=np.zeros((3, 2), np.float32))


def test_it_compares_and_travels_like_a_value() -> None:
    reading = reading_of(VERDICT)
    other = dataclasses.replace(reading, points_px=POINTS + 1)
    assert other == reading
    assert pickle.loads(pickle.dumps(reading)) == reading
    assert len({reading, other}) == 1


def test_its_repr_is_one_short_line() -> None:
    assert repr(reading_of(VERDICT)) == "Reading(fear at 1.250 s: judging, p_genuine 0.7123)"
    none = Verdict(0.2, 6, "any", State.NO_FACE, None, "nobody there", 1.0)
    assert repr(reading_of(none)) == "Reading(any at 0.200 s: no_face, nobody there)"
