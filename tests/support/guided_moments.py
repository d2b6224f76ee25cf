"""Snapshots of a made-up person at the camera, for tests of guided use."""

from __future__ import annotations

import numpy as np
from gauge_moments import POINTS, SETTING, snapshot

from realtime.core.messages import (
    BoxSource,
    Cause,
    Expression,
    Face,
    Landmarks,
    Onset,
    PersonStatus,
    State,
    Verdict,
    ViewQuality,
)
from realtime.core.snapshot import Snapshot, Take, TakeKind, TakePair, TakePoint

GOOD_VIEW = ViewQuality(182.0, 131.0, 0.05)
NAMES = ("smile", "jaw_drop")
LOADING = Snapshot(SETTING)


def reading(
    at_s: float,
    state: State = State.NEUTRAL,
    *,
    p: float | None = None,
    intensity: float | None = 0.1,
    cause: Cause | None = None,
) -> Verdict:
    """Return a verdict at `at_s` of media time; a state with a number has `p`, by default 0.7."""
    number = (0.7 if p is None else p) if state.has_number else None
    return Verdict(
        at_s, round(30 * at_s), "happiness", state, number, "", 12.0, intensity=intensity,
        cause=cause,
    )  # fmt: skip


def onset_of(duration_s: float) -> Onset:
    """Return an onset that lasted for `duration_s`."""
    return Onset(1.0, 1.0 + duration_s, 1.0, 3.0, 2.0, 0.9, None, 0.2)


def moment(
    verdict: Verdict,
    quality: ViewQuality = GOOD_VIEW,
    smile: float = 0.0,
    face_px: float = 160.0,
    person_id: int = 0,
    known: int = 0,
) -> Snapshot:
    """Return the snapshot of a reading: a face of `face_px` in a picture 360 pixels high."""
    unseen = verdict.state in (State.NO_FACE, State.NO_SIGNAL)
    expression = Expression(NAMES, np.array([smile, 0.0], np.float32))
    landmarks = Landmarks(POINTS, verdict.at_s, verdict.frame, quality, expression=expression)
    return snapshot(
        verdict=verdict,
        landmarks=None if unseen else landmarks,
        face=None if unseen else Face((200.0, 60.0, face_px, face_px), 24.0, BoxSource.MOSSE),
        person=PersonStatus(person_id, known),
    )


def take(
    kind: TakeKind = TakeKind.FELT,
    p: float | None = 0.7,
    person_id: int | None = 0,
    known: int = 10,
) -> Take:
    """Return a take of two seconds whose intensity rises to 1 within half a second."""
    points = tuple(
        TakePoint(tenth / 10, min(1.0, max(0.1, 0.4 + tenth / 8)), p if tenth >= 0 else None)
        for tenth in range(-5, 21)
    )
    smile = Expression(NAMES, np.array([0.8, 0.2], np.float32))
    rest = Expression(NAMES, np.zeros(2, np.float32))
    near_half = reading(1.0, State.UNCERTAIN, cause=Cause.NEAR_HALF)
    return Take(kind, points, 0.4, p, rest, smile, near_half, person_id, known)


def pair(felt: float | None = 0.7, posed: float | None = 0.4) -> TakePair:
    """Return a pair of takes with these mean readings."""
    return TakePair("happiness", take(TakeKind.FELT, felt), take(TakeKind.POSED, posed))
