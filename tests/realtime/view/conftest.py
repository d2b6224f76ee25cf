"""Synthetic snapshots in every state."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from realtime.core.messages import BoxSource, Face, Frame, Landmarks, State, Verdict, ViewQuality
from realtime.core.snapshot import (
    AgePercentiles,
    FrameCounts,
    Rates,
    RunSetting,
    RunVerdict,
    Snapshot,
)

MakeVerdict = Callable[..., Verdict]
MakeSnapshot = Callable[..., Snapshot]


def _verdict(
    state: State = State.NEUTRAL, p: float | None = None, at_s: float = 8.0, reason: str = ""
) -> Verdict:
    box = (200.0, 60.0, 160.0, 160.0)
    return Verdict(
        at_s, round(at_s * 30), "happiness", state, p, reason, 12.0, 0.0123456789, 0.2, box, 24.2
    )


def _landmarks() -> Landmarks:
    points = np.stack([np.linspace(220, 340, 40), np.linspace(80, 200, 40)], axis=1).astype(
        np.float32
    )
    return Landmarks(points, 8.0, 240, ViewQuality(182.0, 131.0, 0.05))


@pytest.fixture
def setting() -> RunSetting:
    return RunSetting("replay smile.avi", "happiness", "native", 1.0, 0.1)


@pytest.fixture
def verdict() -> MakeVerdict:
    return _verdict


@pytest.fixture
def snapshot(setting: RunSetting) -> MakeSnapshot:
    """Make a full snapshot in `state`, after 6 s of readings of 73 % and 2 s without one."""

    def make(state: State = State.NEUTRAL, p: float | None = None, **changes: object) -> Snapshot:
        now = _verdict(state, p, reason="" if state.has_number else "for a reason")
        past = [_verdict(State.JUDGING, 0.73, at_s=tenth / 10) for tenth in range(60)]
        fields: dict[str, object] = {
            "setting": setting,
            "frame": Frame(240, 8.0, 8.0, np.full((360, 640, 3), 90, np.uint8)),
            "face": Face((200.0, 60.0, 160.0, 160.0), 24.2, BoxSource.MOSSE),
            "landmarks": _landmarks(),
            "verdict": now,
            "history": (*past, now),
            "run_verdict": RunVerdict("judging", 0.73, 6.0),
            "counts": FrameCounts(240, 238, {"busy": 2}),
            "rates": Rates(30.0, 29.8),
            "ages": AgePercentiles(12.1, 18.4, 25.0),
        }
        return Snapshot(**(fields | changes))  # type: ignore[arg-type]

    return make
