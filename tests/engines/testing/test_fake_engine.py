import numpy as np

from engines.testing.fake_engine import FakeEngine

WINDOWS = np.full((2, 4, 80), 0.5, np.float32)
WINDOWS[1] = -0.25
LENGTHS = np.array([4, 4])
START = np.zeros((2, 64), np.float32)


def test_it_pulls_the_pb_towards_three_times_the_first_number() -> None:
    refined = FakeEngine().refine(WINDOWS, LENGTHS, START, 200)
    np.testing.assert_allclose(refined.pb[0], 1.5, atol=0.13)
    np.testing.assert_allclose(refined.pb[1], -0.75, atol=0.13)
    nearer = FakeEngine().refine(WINDOWS, LENGTHS, START, 1)
    assert (np.abs(nearer.pb) > 0).all()


def test_the_loss_is_the_mean_square_distance_to_that_target() -> None:
    loss, gradient = FakeEngine().loss_and_gradient(WINDOWS, LENGTHS, START)
    np.testing.assert_allclose(loss, [2.25, 0.5625])
    np.testing.assert_allclose(gradient[:, 0], [-1.5, 0.75])


def test_it_generates_its_start_frame_over_and_over() -> None:
    played = FakeEngine().generate(START, WINDOWS[:, 0], 3)
    assert played.shape == (2, 3, 80)
    np.testing.assert_array_equal(played[1], WINDOWS[1, :3])


def test_on_call_runs_before_every_result() -> None:
    calls: list[str] = []
    engine = FakeEngine(lambda: calls.append("called"), name="other")
    engine.refine(WINDOWS, LENGTHS, START, 3)
    engine.generate(START, WINDOWS[:, 0], 3)
    assert len(calls) == 4
    assert engine.network.name == "other"
