from __future__ import annotations

import numpy as np
import pytest

from engines.testing.fake_engine import FakeEngine
from realtime.core.messages import Floats, Window
from realtime.motion.basis import MovementBasis
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.prototypes import GhostPlayer, Prototypes

FIRST, SECOND = np.eye(64, dtype=np.float32)[:2]
PROTOTYPES = Prototypes("fake", 2 * FIRST, np.zeros(64, np.float32))
BASIS = MovementBasis(np.eye(80, dtype=np.float32), 2.0)
MOVEMENT_RANGE = np.full(80, 0.1, np.float32)


@pytest.mark.parametrize(
    ("pb", "position"),
    [
        (PROTOTYPES.fake, (0, 0)),
        (PROTOTYPES.genuine, (1, 0)),
        (FIRST + SECOND, (0.5, 0.5)),
        (-2 * FIRST, (-1, 0)),
    ],
)
def test_a_position_is_along_and_beside_the_line_from_fake_to_genuine(
    pb: Floats, position: tuple[float, float]
) -> None:
    assert PROTOTYPES.position(pb) == pytest.approx(position, abs=1e-6)


def test_equal_prototypes_are_refused() -> None:
    with pytest.raises(ValueError, match="no two places"):
        Prototypes("fake", FIRST, FIRST)


class LinearMovement(FakeEngine):
    """Move by the PB's first number a frame; record the frames requested."""

    frames_requested = 0

    def _generate_impl(self, pb: Floats, start: Floats, frames: int) -> Floats:
        self.frames_requested = frames
        steps = np.arange(1, frames + 1, dtype=np.float32)
        return np.asarray(start[:, None] + pb[:, :1, None] * steps[None, :, None], np.float32)


def test_ghosts_start_with_the_window_and_end_ahead_of_it() -> None:
    engine = LinearMovement()
    window = Window(np.zeros((16, 80), np.float32), 0.0, 1.6)
    player = GhostPlayer(BASIS, MOVEMENT_RANGE, lead_frames=3)
    ghosts = player.ghosts(
        RecogniserSet([engine], RecognitionConfig(1, 16, 0.7, 5.0)), PROTOTYPES, window
    )
    assert engine.frames_requested == 15 + 3
    # The first 40 coordinates are symmetric movement, the others asymmetric.
    np.testing.assert_allclose(ghosts.genuine[:, 0], 2 * 18 * 2.0 * 0.1, rtol=1e-5)
    np.testing.assert_array_equal(ghosts.genuine[:, 1], 0)
    np.testing.assert_array_equal(ghosts.fake, 0)
    np.testing.assert_allclose(ghosts.difference, 7.2, rtol=1e-5)


def test_a_player_without_lead_frames_is_refused() -> None:
    with pytest.raises(ValueError, match="want"):
        GhostPlayer(BASIS, MOVEMENT_RANGE, lead_frames=0)
