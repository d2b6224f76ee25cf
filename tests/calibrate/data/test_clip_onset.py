from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calibrate.data.clip_onset import intensity_over_time, onset_to_apex
from calibrate.data.clips import Clip
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import Track
from realtime.core.labels import GENUINE
from realtime.motion.align import align_to_eyes

FACE = np.random.default_rng(1).uniform(0, 100, (40, 2)).astype(np.float32)
FACE[16:22] += (-60, 0)
FACE[22:28] += (60, 0)
NEUTRAL, RANGE = align_to_eyes(FACE), np.full(80, 0.05, np.float32)


def track(from_s: float = 0.0) -> Track:
    """Return a clip whose mouth opens twice: at 1 s in 0.4 s, less, and at 4 s in 0.8 s."""
    times_s = np.arange(from_s, 6.0, 1 / 25)
    first = 20 * (np.clip((times_s - 1) / 0.4, 0, 1) - np.clip((times_s - 2) / 0.4, 0, 1))
    second = 40 * np.clip((times_s - 4) / 0.8, 0, 1)
    points = np.repeat(FACE[None], len(times_s), axis=0)
    points[:, 28:36, 1] += (first + second)[:, None]
    clip = Clip("a", Path(), "1", "happiness", GENUINE)
    return Track(clip, times_s, points, len(times_s))


def test_the_onset_is_the_one_that_leads_to_the_apex() -> None:
    for apex_s, start_s, duration_s in ((1.5, 1.1, 0.26), (5.0, 4.2, 0.52)):
        found = onset_to_apex(track(), apex_s, NEUTRAL, RANGE)
        assert found is not None
        assert found.start_s == pytest.approx(start_s, abs=0.03)
        assert found.duration_s == pytest.approx(duration_s, abs=0.04)


def test_a_clip_that_begins_in_its_onset_has_none() -> None:
    assert onset_to_apex(track(4.4), 5.0, NEUTRAL, RANGE) is None


def test_a_clip_of_one_frame_has_none() -> None:
    assert onset_to_apex(track().part(slice(0, 1)), 0.0, NEUTRAL, RANGE) is None


def test_the_intensity_has_its_time_in_the_clip() -> None:
    data = Dataset.of([track()], LIVE)
    times_s, intensity = intensity_over_time(data, 0, NEUTRAL, RANGE)
    assert times_s[-1] == track().times_s[-1]
    assert np.diff(times_s) == pytest.approx(0.1)
    apart = intensity[times_s < 0.8].max(), intensity[times_s > 5.0].min()
    assert apart[0] < 0.05 < 1.0 < apart[1]
