import numpy as np
import pytest

from engines.engine import Progress, no_progress
from engines.model.network import Floats, Ints
from engines.testing.fake_engine import FakeEngine
from realtime.core.messages import Window
from realtime.recognition.recogniser import Recogniser, RecogniserSet, RecognitionConfig


class RecordingEngine(FakeEngine):
    """Engine that records its inputs."""

    def __init__(self, name: str = "fake") -> None:
        super().__init__(name=name)
        self.shapes: list[tuple[int, ...]] = []
        self.lengths: list[int] = []
        self.starts: list[Floats] = []

    def _loss_and_gradient_impl(
        self, windows: Floats, lengths: Ints, pb: Floats
    ) -> tuple[Floats, Floats]:
        self.shapes.append(windows.shape)
        self.lengths.append(int(lengths[0]))
        self.starts.append(pb[0].copy())
        return super()._loss_and_gradient_impl(windows, lengths, pb)


def config(*, carry: float = 1.0) -> RecognitionConfig:
    return RecognitionConfig(steps=2, frames=24, carry=carry, settled_speed=0.1)


def window(ended_at_s: float, frames: int = 24) -> Window:
    return Window(np.full((frames, 80), 0.5, np.float32), ended_at_s - 1.6, ended_at_s)


def test_the_first_tick_starts_from_zero_and_the_next_from_the_last_pb() -> None:
    engine = RecordingEngine()
    recogniser = Recogniser(engine, config())
    first = recogniser.tick(window(2.0))
    recogniser.tick(window(2.2))
    np.testing.assert_array_equal(engine.starts[0], 0)
    np.testing.assert_array_equal(engine.starts[2], first.pb)


@pytest.mark.parametrize("carry", [0.0, 0.5])
def test_the_next_tick_starts_from_the_carried_share(carry: float) -> None:
    engine = RecordingEngine()
    recogniser = Recogniser(engine, config(carry=carry))
    first = recogniser.tick(window(2.0))
    recogniser.tick(window(2.2))
    np.testing.assert_allclose(engine.starts[2], carry * first.pb)


def test_windows_of_every_length_have_one_shape_for_the_engine() -> None:
    engine = RecordingEngine()
    recogniser = Recogniser(engine, config())
    for frames in (12, 18, 24):
        recogniser.tick(window(2.0 + frames, frames))
    assert set(engine.shapes) == {(1, 24, 80)}
    assert engine.lengths == [12, 12, 18, 18, 24, 24]


def test_speed_is_the_distance_of_the_pb_per_second() -> None:
    recogniser = Recogniser(FakeEngine(), config())
    first, second = recogniser.tick(window(2.0)), recogniser.tick(window(2.2))
    assert first.pb_speed is None
    assert second.pb_speed == pytest.approx(np.linalg.norm(second.pb - first.pb) / 0.2, rel=1e-4)


def test_it_settles_once_the_pb_slows_down() -> None:
    recogniser = Recogniser(FakeEngine(), config())
    settled = [recogniser.tick(window(2.0 + 0.2 * i)).settled for i in range(60)]
    assert not settled[0]
    assert settled[-1]
    assert settled == sorted(settled)


def test_reset_starts_from_zero_again() -> None:
    recogniser = Recogniser(FakeEngine(), config())
    first = recogniser.tick(window(2.0))
    recogniser.tick(window(2.2))
    recogniser.reset()
    again = recogniser.tick(window(5.0))
    np.testing.assert_array_equal(again.pb, first.pb)
    assert again.pb_speed is None


def test_estimates_are_in_the_order_of_the_networks() -> None:
    both = RecogniserSet([FakeEngine(name="first"), RecordingEngine(name="second")], config())
    both.warm_up()
    estimates = both.tick(window(2.0))
    assert len(estimates) == 2
    np.testing.assert_array_equal(estimates[0].pb, estimates[1].pb)
    both.close()


def test_the_number_of_steps_can_be_lowered() -> None:
    engine = RecordingEngine()
    networks = RecogniserSet([engine], config())
    assert networks.steps == 2
    networks.steps = 1
    (estimate,) = networks.tick(window(2.0))
    assert (estimate.steps, len(engine.starts)) == (1, 1)


def test_warm_up_reports_progress() -> None:
    class BuildingEngine(FakeEngine):
        def warm_up(self, frames: int, progress: Progress = no_progress) -> None:
            progress(f"building for {frames} frames")

    lines: list[str] = []
    RecogniserSet([BuildingEngine()], config()).warm_up(lines.append)
    assert lines == ["building for 24 frames"]


@pytest.mark.parametrize(
    "change",
    [{"steps": 0}, {"frames": 1}, {"settled_speed": -1.0}, {"carry": 1.1}, {"carry": -0.1}],
)
def test_invalid_configurations_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="want steps"):
        RecognitionConfig(
            **({"steps": 2, "frames": 24, "carry": 1.0, "settled_speed": 0.1} | change)
        )  # type: ignore[arg-type]
