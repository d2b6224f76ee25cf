"""Is the face seen well enough for takes? Plain advice where it is not."""

from __future__ import annotations

from realtime.core.messages import State
from realtime.core.snapshot import Snapshot
from realtime.view import answers, phrases
from realtime.view.words.catalogue import text

ROLL_MOST_DEG = 15.0  # the gauge judges up to 45, but a level head is easily asked for
_NOT_READY = (State.NO_SIGNAL, State.NO_FACE, State.WARMING_UP, State.POOR_VIEW)


def view_advice(snapshot: Snapshot) -> str:
    """Return what to do for a better view: face, size, light, sharpness, head; empty if good."""
    verdict, landmarks = snapshot.verdict, snapshot.landmarks
    if verdict is None:
        return phrases.waiting()
    if verdict.state in _NOT_READY:
        return answers.better(verdict) or phrases.state_phrase(verdict.state, verdict.emotion)
    if landmarks is None:
        return text("do.no_face")
    if abs(landmarks.quality.roll_deg) > ROLL_MOST_DEG:
        return text("do.tilted")
    return answers.view_hint(landmarks.quality, snapshot.face, snapshot.frame)
