"""Snapshots and verdicts of a gauge at work, for tests of what is served."""

from __future__ import annotations

import numpy as np

from realtime.core.messages import (
    BoxSource,
    Face,
    Frame,
    Landmarks,
    PersonStatus,
    State,
    Verdict,
    ViewQuality,
)
from realtime.core.snapshot import (
    AgePercentiles,
    FrameCounts,
    Ghosts,
    Rates,
    RunSetting,
    RunVerdict,
    Snapshot,
)

BOX = (200.0, 60.0, 160.0, 160.0)
SETTING = RunSetting("replay smile.avi", "happiness", "native", 1.0, 0.1)
POINTS = np.random.default_rng(0).uniform(100, 200, (40, 2)).astype(np.float32)
POINTS[16:22], POINTS[22:28] = (110, 150), (190, 150)


def judged(at_s: float = 8.0, p: float = 0.73) -> Verdict:
    """Return a verdict with a number."""
    state, frame = State.JUDGING, round(at_s * 30)
    return Verdict(
        at_s, frame, "happiness", state, p, "", 12.0, 0.01, 0.2, BOX, 24.2, 0.3, (0.8, 0.4)
    )


def without_number(state: State = State.NO_FACE) -> Verdict:
    """Return a verdict without a number."""
    return Verdict(9.0, 270, "happiness", state, None, "for a reason", 12.0)


def snapshot(index: int = 240, **changes: object) -> Snapshot:
    """Return a snapshot with a face, a number, ghosts and a person."""
    picture = np.full((360, 640, 3), 90, np.uint8)
    ghosts = Ghosts(np.full((40, 2), 0.1, np.float32), np.full((40, 2), -0.1, np.float32))
    fields: dict[str, object] = {
        "setting": SETTING,
        "frame": Frame(index, 8.0, 8.0, picture),
        "face": Face(BOX, 24.2, BoxSource.MOSSE),
        "landmarks": Landmarks(POINTS, 8.0, index, ViewQuality(182.0, 131.0, 0.05)),
        "verdict": judged(),
        "history": tuple(judged(at_s=tenth / 10) for tenth in range(81)),
        "run_verdict": RunVerdict("judging", 0.73, 6.0),
        "counts": FrameCounts(240, 237, {"newer_frame": 2, "stale": 1}),
        "rates": Rates(30.0, 29.8),
        "ages": AgePercentiles(12.1, 18.4, 25.0),
        "ghosts": ghosts,
        "person": PersonStatus(0, 2, 1),
    }
    return Snapshot(**(fields | changes))  # type: ignore[arg-type]
