from __future__ import annotations

import numpy as np

from engines.bench.parity import ParityResult, deviation, parity_case, relative_error
from engines.engine import RefineResult


def test_cases_are_repeatable_and_ragged() -> None:
    one, same = parity_case(6, 9), parity_case(6, 9)
    assert one.windows.tobytes() == same.windows.tobytes()
    assert one.lengths.max() == 9
    assert one.lengths.min() >= 2
    assert len(set(one.lengths.tolist())) > 1
    assert set(parity_case(6, 9, ragged=False).lengths.tolist()) == {9}


def test_relative_error_is_that_of_the_worst_row() -> None:
    true = np.array([[3.0, 4.0], [0.0, 1.0]], np.float32)
    found = np.array([[3.0, 4.5], [0.0, 1.5]], np.float32)
    assert relative_error(found, true) == 0.5


def test_pb_deviation_is_relative_to_the_distance_moved() -> None:
    start = parity_case(1, 3)
    true = _answer(loss=2.0, pb=start.pb + 1)
    found = _answer(loss=2.2, pb=start.pb + 1.1)
    measured = deviation(found, true, start)
    np.testing.assert_allclose([measured.loss, measured.pb], [0.1, 0.1], rtol=1e-4)
    assert measured.gradient == measured.generated == 0


def _answer(loss: float, pb: np.ndarray) -> ParityResult:
    ones = np.ones((1, 64), np.float32)
    losses = np.array([loss], np.float32)
    return ParityResult(
        losses,
        ones,
        {1: RefineResult(pb.astype(np.float32), losses, losses)},
        np.zeros((1, 2, 80), np.float32),
    )
