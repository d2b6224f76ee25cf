from __future__ import annotations

import numpy as np
import pytest

from engines.testing.fake_engine import FakeEngine
from realtime.core.messages import Floats, Window
from realtime.motion.basis import MovementBasis
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.prototypes import GhostPlayer, Prototypes

FIRST, SECOND = np.eye(64, dtype=np.float32)[:2]
OF = Prototypes("fake", 2 * FIRST, np.zeros(64, np.float32))


@pytest.mark.parametrize(
    ("pb", "place"),
    [(OF.fake, (0, 0)), (OF.genuine, (1, 0)), (FIRST + SECOND, (0.5, 0.5)), (-2 * FIRST, (-1, 0))],
)
def test_a_pb_has_a_place_along_and_beside_the_way_from_fake_to_genuine(
    pb: Floats, place: tuple[float, float]
) -> None:
    assert OF.position(pb) == pytest.approx(place, abs=1e-6)


def test_prototypes_on_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="no two places"):
        Prototypes("fake", FIRST, FIRST)


class Moving(FakeEngine):
    """Under a PB it moves by the PB's first number a frame; keeps how far it was asked to play."""

    asked = 0

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        self.asked = frames
        steps = np.arange(1, frames + 1, dtype=np.float32)
        return np.asarray(start[:, None] + pb[:, :1, None] * steps[None, :, None], np.float32)


def test_ghosts_start_where_the_window_does_and_lie_ahead_of_the_newest_shape() -> None:
    engine = Moving()
    window = Window(np.zeros((16, 80), np.float32), 0.0, 1.6)
    player = GhostPlayer(
        MovementBasis(np.eye(80, dtype=np.float32), 2.0), np.full(80, 0.1, np.float32), lead_frames=3
    )
    ghosts = player.ghosts(RecogniserSet([engine], RecognitionConfig(1, 16, 0.7, 5.0)), OF, window)
    assert engine.asked == 15 + 3
    np.testing.assert_allclose(
        ghosts.genuine[:, 0], 2 * 18 * 2.0 * 0.1, rtol=1e-5
    )  # x: what both halves do
    np.testing.assert_array_equal(
        ghosts.genuine[:, 1], 0
    )  # the identity's other half stands for how they differ
    np.testing.assert_array_equal(ghosts.fake, 0)
    np.testing.assert_allclose(ghosts.difference, 7.2, rtol=1e-5)


def test_a_player_without_a_frame_ahead_is_refused() -> None:
    with pytest.raises(ValueError, match="want"):
        GhostPlayer(
            MovementBasis(np.eye(80, dtype=np.float32), 2.0), np.full(80, 0.1, np.float32), lead_frames=0
        )
