import numpy as np
import pytest

from realtime.motion.resample import WindowTiming, resample_shapes, smooth

TIMING = WindowTiming(rate_hz=15, window_s=1.6, min_window_s=0.8, stride_s=0.2, smooth_s=0.033)


def slow_wave(times: np.ndarray) -> np.ndarray:
    return np.repeat(np.sin(2 * np.pi * 0.5 * times)[:, None], 80, axis=1).astype(np.float32)


@pytest.mark.parametrize("hz", [15, 24, 30, 60])
def test_the_same_movement_gives_the_same_window_at_any_camera_rate(hz: int) -> None:
    times = np.arange(0, 2 + 1e-9, 1 / hz)
    at_s, shapes = resample_shapes(times, slow_wave(times), TIMING)
    assert len(at_s) == 24
    assert at_s[-1] == times[-1]
    np.testing.assert_allclose(shapes[2:-2], slow_wave(at_s)[2:-2], atol=0.03)


def test_a_variable_rate_is_resampled_by_time() -> None:
    rng = np.random.default_rng(3)
    times = np.cumsum(rng.uniform(0.01, 0.06, 80))
    at_s, shapes = resample_shapes(times, slow_wave(times), TIMING)
    np.testing.assert_allclose(np.diff(at_s), 1 / 15, atol=1e-9)
    np.testing.assert_allclose(shapes[3:-3], slow_wave(at_s)[3:-3], atol=0.05)


def test_less_time_gives_a_shorter_window() -> None:
    times = np.arange(0, 1.0, 1 / 30)
    assert len(resample_shapes(times, slow_wave(times), TIMING)[0]) == 15


def test_one_shape_is_a_window_of_one() -> None:
    at_s, shapes = resample_shapes(np.array([3.0]), np.ones((1, 80), np.float32), TIMING)
    assert at_s.tolist() == [3.0]
    np.testing.assert_allclose(shapes, 1)


def test_smoothing_reduces_jitter_and_leaves_the_mean() -> None:
    noise = np.random.default_rng(0).normal(0, 1, (200, 80)).astype(np.float32)
    smoothed = smooth(np.arange(200) / 30, noise, 0.033)
    assert smoothed.std() < 0.75 * noise.std()
    np.testing.assert_allclose(
        smooth(np.arange(9) / 30, np.ones((9, 80), np.float32), 0.033), 1, rtol=1e-6
    )


@pytest.mark.parametrize(
    "change",
    [
        {"stride_s": 0},
        {"min_window_s": 2.0},
        {"rate_hz": 0},
        {"stride_s": 1.0},
        {"smooth_s": 0},
        {"rate_hz": 1},
    ],
)
def test_invalid_timings_are_refused(change: dict[str, float]) -> None:
    values = {
        "rate_hz": 15,
        "window_s": 1.6,
        "min_window_s": 0.8,
        "stride_s": 0.2,
        "smooth_s": 0.033,
    } | change
    with pytest.raises(ValueError, match="want"):
        WindowTiming(**values)
