from __future__ import annotations

import numpy as np
import pytest

from realtime.core.messages import Onset
from realtime.verdict.known_onsets import LEVELS, KnownOnsets

SLOW, FAST = (np.asarray(scale * LEVELS, np.float32) for scale in (5, 10))
KNOWN = KnownOnsets({"happiness": SLOW}, {"happiness": FAST})


def onset(relative_speed: float) -> Onset:
    return Onset(1.0, 1.5, 2.0, 2.0 * relative_speed, 2.0, 0.9, None, 0.0)


@pytest.mark.parametrize(
    ("speed", "genuine", "fake"),
    [(4.0, 0.8, 0.4), (2.125, 0.425, 0.2125), (0.1, 0.05, 0.05), (100.0, 0.95, 0.95)],
)
def test_the_rank_is_the_share_that_is_slower(speed: float, genuine: float, fake: float) -> None:
    rank = KNOWN.rank("happiness", onset(speed))
    assert rank is not None
    assert (rank.genuine, rank.fake) == (pytest.approx(genuine), pytest.approx(fake))


def test_without_an_onset_or_known_ones_of_the_emotion_there_is_no_rank() -> None:
    assert KNOWN.rank("happiness", None) is None
    assert KNOWN.rank("any", onset(4.0)) is None


@pytest.mark.parametrize(
    "wrong", [SLOW[:18], SLOW[::-1], SLOW - SLOW[0]], ids=["few", "falling", "zero"]
)
def test_speeds_are_checked_at_birth(wrong: np.ndarray) -> None:
    for genuine, fake in ((wrong, SLOW), (SLOW, wrong)):
        with pytest.raises(ValueError, match="want 19 that rise"):
            KnownOnsets({"fear": genuine}, {"fear": fake})


def test_both_labels_have_the_same_emotions() -> None:
    with pytest.raises(ValueError, match="want the same"):
        KnownOnsets({"fear": SLOW}, {})
