"""What the base class does for every engine; tests/contracts holds all engines to the contract."""

from __future__ import annotations

import numpy as np
import pytest

from engines.engine import Engine, no_progress
from engines.errors import EngineInputError
from engines.model.network import Floats, Ints, Network
from engines.model.shape import NetworkShape, StepRule

RULE = StepRule(lengths=(0.5, 0.25), epsilon=0.01, closed_loop=0.9)


class QuadraticEngine(Engine):
    """Engine with the loss |pb|^2 / 2; records the arguments of its implementation."""

    def __init__(self) -> None:
        super().__init__(Network("quadratic", NetworkShape(1, 1), RULE, {}))
        self.calls: list[tuple[Floats, Ints, Floats]] = []
        self.starts: list[Floats] = []

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        self.calls.append((windows, lengths, pb.copy()))
        return np.square(pb).sum(axis=1) / 2, pb.copy()

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        self.starts.append(start)
        return np.repeat(start[:, None], frames, axis=1)


def pb(*lengths: float) -> Floats:
    """Return PBs of the given lengths, each along another axis."""
    return np.asarray(np.array(lengths)[:, None] * np.eye(64)[: len(lengths)], np.float32)


def windows(count: int, frames: int = 5) -> Floats:
    return np.zeros((count, frames, 80), np.float32)


def test_a_step_has_the_length_of_the_rule_along_the_gradient() -> None:
    refined = QuadraticEngine().refine(windows(1), np.array([5]), pb(4.0), 1)
    np.testing.assert_allclose(refined.pb[0, 0], 4 - 0.5 * 4 / 4.01, rtol=1e-6)
    assert not refined.pb[0, 1:].any()


def test_later_steps_use_the_last_length() -> None:
    start, expected = pb(4.0), 4.0
    for length in (0.5, 0.25, 0.25):
        expected -= length * expected / (expected + 0.01)
    refined = QuadraticEngine().refine(windows(1), np.array([5]), start, 3)
    np.testing.assert_allclose(refined.pb[0, 0], expected, rtol=1e-6)
    np.testing.assert_array_equal(start, pb(4.0))


def test_loss_and_norm_are_from_before_the_last_step() -> None:
    engine = QuadraticEngine()
    refined = engine.refine(windows(2), np.array([5, 5]), pb(4.0, 2.0), 2)
    before = np.linalg.norm(engine.calls[-1][2], axis=1)
    np.testing.assert_allclose(refined.gradient_norm, before, rtol=1e-6)
    np.testing.assert_allclose(refined.loss, before**2 / 2, rtol=1e-6)
    assert (np.linalg.norm(refined.pb, axis=1) < before).all()


def test_a_pb_without_a_gradient_stays_where_it_is() -> None:
    refined = QuadraticEngine().refine(windows(1), np.array([5]), pb(0.0), 3)
    assert not refined.pb.any()


def test_implementations_get_contiguous_float32_and_int64() -> None:
    engine = QuadraticEngine()
    wide = np.zeros((2, 5, 160))[:, :, ::2]
    engine.loss_and_gradient(wide, np.array([5, 4], np.int32), pb(1.0, 1.0).astype(np.float64))
    given, lengths, given_pb = engine.calls[0]
    assert given.flags.c_contiguous
    assert (given.dtype, lengths.dtype, given_pb.dtype) == (np.float32, np.int64, np.float32)
    engine.generate(pb(1.0, 1.0), np.zeros((2, 80)), 3)
    assert engine.starts[0].dtype == np.float32


def test_an_invalid_argument_does_not_reach_the_implementation() -> None:
    engine, infinite = QuadraticEngine(), np.full((1, 64), np.inf, np.float32)
    for change, message in (
        ((windows(0), np.array([], int), pb()), r"windows is float32 \(0, 5, 80\)"),
        ((windows(1), np.array([6]), pb(1.0)), "lengths run from 6 to 6; want 2 to 5 frames"),
        ((windows(1), np.array([5]), infinite), "pb holds 64 numbers that are not finite"),
    ):
        with pytest.raises(EngineInputError, match=message):
            engine.loss_and_gradient(*change)
    with pytest.raises(EngineInputError, match="steps is 0; want 1 or more"):
        engine.refine(windows(1), np.array([5]), pb(1.0), 0)
    assert engine.calls == []


def test_warm_up_refines_one_window_of_the_given_length() -> None:
    engine = QuadraticEngine()
    engine.warm_up(7, no_progress)
    (call,) = engine.calls
    assert call[0].shape == (1, 7, 80)
    assert call[1].tolist() == [7]
