"""Reading of one tick by the verdict stage, before its age is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.core.messages import Cause, Contribution, Estimate, OnsetRank, State, Tick, Verdict
from realtime.core.snapshot import Ghosts


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """Verdict without age; `estimates` is empty where nothing was judged.

    `rows` holds a reading per emotion under `all`; `ghosts` is set where requested.
    """

    state: State
    reason: str
    p_genuine: float | None = None
    score: float | None = None
    estimates: tuple[Estimate, ...] = ()
    emotion: str = ""
    prediction_error: float | None = None
    pb_position: tuple[float, float] | None = None
    rows: tuple[Reading, ...] = ()
    ghosts: Ghosts | None = None
    cause: Cause | None = None
    nearest: str = ""
    onset_rank: OnsetRank | None = None
    contributions: tuple[Contribution, ...] = ()
    p_emotion: float | None = None


def make_verdict(tick: Tick, reading: Reading, now_s: float) -> Verdict:
    """Return the verdict of `tick` as published at `now_s` (monotonic)."""
    face, estimates = tick.face, reading.estimates
    speeds = [estimate.pb_speed for estimate in estimates if estimate.pb_speed is not None]
    return Verdict(
        at_s=tick.at_s,
        frame=tick.frame,
        emotion=reading.emotion,
        state=reading.state,
        p_genuine=reading.p_genuine,
        reason=reading.reason,
        age_ms=max(0.0, (now_s - tick.read_at_s) * 1e3),
        loss=sum(estimate.loss for estimate in estimates) / len(estimates) if estimates else None,
        pb_speed=sum(speeds) / len(speeds) if speeds else None,
        box_px=face.box_px if face else None,
        psr=face.psr if face else None,
        prediction_error=reading.prediction_error,
        p_emotion=reading.p_emotion,
        pb_position=reading.pb_position,
        intensity=tick.intensity if tick.window is not None else None,
        onset=tick.onset,
        onset_rank=reading.onset_rank,
        contributions=reading.contributions,
        points_px=tick.points_px,
        face=tick.face_id,
        pb=np.stack([estimate.pb for estimate in estimates]) if estimates else None,
        expression=tick.expression,
        cause=reading.cause,
        nearest=reading.nearest,
    )
