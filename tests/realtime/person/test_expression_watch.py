from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import Expression, Showing
from realtime.person.expression_watch import ENOUGH, LONGEST_S, SAMPLES, ExpressionWatch, RestLimits

NAMES = ("smile", "jaw_drop", "blink")
LIMITS = RestLimits(
    np.array([0.1, 0.0, 0.2], np.float32), np.array([0.2, 0.1, np.inf], np.float32), 1.0, 2.0
)
REST, FAINT, BROAD = (0.1, 0.0, 0.1), (0.4, 0.0, 0.1), (0.9, 0.2, 0.1)
SURPRISE = (0.3, 0.15, 0.1)  # as strong as `FAINT`, and not near it


class Shown:
    """Shows values to a watch at 30 frames a second."""

    def __init__(self) -> None:
        self.watch, self.now_s = ExpressionWatch(LIMITS), 0.0

    def __call__(self, values: tuple[float, ...], seconds: float = 1.0) -> list[Showing]:
        expression, showing = Expression(NAMES, np.array(values, np.float32)), []
        for _ in range(round(seconds * 30)):
            self.now_s += 1 / 30
            showing.append(self.watch.add(self.now_s, expression))
        return showing


@pytest.fixture
def shown() -> Shown:
    return Shown()


@pytest.mark.parametrize(
    ("values", "showing"),
    [(REST, Showing.REST), (FAINT, Showing.UNCLEAR), (BROAD, Showing.EXPRESSION)],
)
def test_a_face_that_was_never_seen_is_judged_by_the_read_out(values, showing, shown) -> None:
    assert {*shown(values)} == {showing}


def test_an_action_of_infinite_scale_is_no_expression(shown) -> None:
    assert {*shown((0.1, 0.0, 1.0))} == {Showing.REST}


def test_a_twitch_shorter_than_half_the_median_is_no_expression(shown) -> None:
    shown(REST)
    assert {*shown(BROAD, 0.2), *shown(REST)} == {Showing.REST}


def test_a_smile_is_seen_within_half_a_second_and_ends_as_soon(shown) -> None:
    shown(REST)
    assert shown(BROAD, 0.5)[-1] is Showing.EXPRESSION
    assert shown(REST, 0.5)[-1] is Showing.REST


def test_beyond_a_face_that_looks_like_a_smile_at_rest_a_smile_must_be_larger(shown) -> None:
    almost_faint = (0.28, 0.0, 0.1)
    shown(almost_faint)
    assert {*shown(FAINT)} == {Showing.REST}  # 0.12 beyond rest; 0.3 beyond the typical one
    assert shown(BROAD)[-1] is Showing.EXPRESSION


def test_what_is_held_for_longer_than_any_expression_is_the_face_at_rest(shown) -> None:
    assert {*shown(FAINT, LONGEST_S)} == {Showing.UNCLEAR}
    assert {*shown(FAINT, 10)[1:]} == {Showing.REST}
    assert shown(BROAD)[-1] is Showing.EXPRESSION


def test_who_smiles_at_rest_is_surprised_while_the_look_is_taken_for_rest(shown) -> None:
    shown(FAINT, 2)
    shown(SURPRISE, 1.5)
    shown(FAINT, 2)
    assert {*shown(SURPRISE, 1.5)} == {Showing.UNCLEAR}
    np.testing.assert_allclose(shown.watch.held_look, FAINT, atol=1e-6)
    assert shown(FAINT)[-1] is Showing.REST
    assert shown(SURPRISE)[-1] is Showing.UNCLEAR


def test_who_smiles_at_rest_has_several_expressions_before_it_is_known(shown) -> None:
    for expression in (SURPRISE, BROAD, SURPRISE):
        shown(FAINT, 1.4)
        shown(expression, 0.8)
    np.testing.assert_allclose(shown.watch.held_look, FAINT, atol=1e-6)
    assert shown(FAINT)[-1] is Showing.REST
    assert shown(SURPRISE)[-1] is Showing.UNCLEAR
    assert shown(BROAD)[-1] is Showing.EXPRESSION


def test_a_long_laugh_that_fades_is_no_rest(shown) -> None:
    laugh = shown(BROAD, 10)
    for smile in np.linspace(0.9, 0.35, 20):
        laugh += shown((float(smile), 0.0, 0.1), 0.2)
    assert Showing.REST not in {*laugh, *shown(FAINT, 4)}
    assert shown(REST)[-1] is Showing.REST


def test_a_faint_smile_taken_for_rest_is_forgotten_when_the_face_rests(shown) -> None:
    shown(FAINT, LONGEST_S + 1)
    shown(REST, 20)
    assert {*shown(FAINT, 5)[15:]} == {Showing.UNCLEAR}


def test_a_view_that_was_mostly_poor_tells_no_rest(shown) -> None:
    shown(FAINT, 0.5)
    shown.now_s += LONGEST_S
    assert {*shown(FAINT, 0.3)} == {Showing.UNCLEAR}


def test_a_broad_smile_is_never_rest_and_not_judged_for_ever(shown) -> None:
    assert {*shown(BROAD, LONGEST_S)} == {Showing.EXPRESSION}
    assert {*shown(BROAD, 60)[1:]} == {Showing.UNCLEAR}


def test_a_person_once_seen_at_rest_may_smile_for_long(shown) -> None:
    shown(REST)
    assert {*shown(BROAD, 30)[20:]} == {Showing.EXPRESSION}


def test_the_user_says_that_this_is_rest(shown) -> None:
    shown(BROAD)
    shown.watch.take_as_rest()
    assert {*shown(BROAD)} == {Showing.REST}


def test_after_a_reset_nothing_is_known(shown) -> None:
    shown((0.28, 0.0, 0.1))
    shown.watch.reset()
    assert {*shown(FAINT)} == {Showing.UNCLEAR}
    shown.watch.reset()
    shown.watch.take_as_rest()  # before any frame: nothing to take
    assert {*shown(FAINT)} == {Showing.UNCLEAR}


def test_slow_drift_is_followed(shown) -> None:
    shown(REST, 40)
    for smile in np.linspace(0.1, 0.3, 41):
        shown((float(smile), 0.0, 0.1), 5)
    assert {*shown(FAINT)} == {Showing.REST}
    assert ENOUGH < SAMPLES


def test_a_smile_that_grows_slowly_is_no_rest(shown) -> None:
    for smile in np.linspace(0.25, 0.9, 60):
        last = shown((float(smile), 0.0, 0.1), 3)[-1]
    assert last is Showing.EXPRESSION


def test_what_is_usual_of_a_person_is_bounded() -> None:
    usual = LIMITS.usual_of(np.array([0.9, -1.0, 0.9], np.float32))
    np.testing.assert_allclose(usual, [0.3, 0.0, 0.9])
    usual = LIMITS.usual_of(np.array([0.9, -1.0, 0.9], np.float32), np.array([0.4, 0.0, 0.1]))
    np.testing.assert_allclose(usual, [0.4, 0.0, 0.9])


def test_the_look_that_is_mostly_held_is_neither_the_newest_nor_a_certain_expression() -> None:
    held = np.array([FAINT] * 6 + [SURPRISE] * 4, np.float32)
    look = LIMITS.look_of(held)
    np.testing.assert_allclose(look, FAINT)
    assert LIMITS.near(held, look).tolist() == [True] * 6 + [False] * 4
    assert LIMITS.look_of(np.array([BROAD] * 6 + [FAINT] * 4, np.float32)) is None
    almost_certain, certain = (0.48, 0.0, 0.1), (0.52, 0.0, 0.1)
    assert LIMITS.look_of(np.array([almost_certain] * 9 + [certain], np.float32)) is not None
    assert LIMITS.look_of(np.array([almost_certain] * 6 + [certain] * 4, np.float32)) is None
    changing = [(0.45, 0.0, 0.1)] * 4 + [(0.1, 0.15, 0.1)] * 3 + [(0.45, 0.19, 0.1)] * 3
    assert LIMITS.look_of(np.array(changing, np.float32)) is None


@pytest.mark.parametrize(
    ("scale", "faint", "certain"),
    [((0.2, 0.0), 1, 2), ((0.2,), 1, 2), ((1, 1), 0, 2), ((1, 1), 3, 2)],
)
def test_limits_that_make_no_sense_are_refused(scale, faint, certain) -> None:
    with pytest.raises(ValueError, match="want"):
        RestLimits(np.zeros(2, np.float32), np.array(scale, np.float32), faint, certain)
