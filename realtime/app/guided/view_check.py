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
    needed = needed_advice(snapshot)
    if needed or snapshot.landmarks is None:
        return needed
    return answers.view_hint(snapshot.landmarks.quality, snapshot.face, snapshot.frame)


def needed_advice(snapshot: Snapshot) -> str:
    """Return what to do before a take makes sense; empty where the face can be judged."""
    verdict, landmarks = snapshot.verdict, snapshot.landmarks
    if verdict is None:
        return phrases.waiting()
    if verdict.state in _NOT_READY:
        return answers.better(verdict) or phrases.state_phrase(verdict.state, verdict.emotion)
    if landmarks is None:
        return text("do.no_face")
    return text("do.tilted") if abs(landmarks.quality.roll_deg) > ROLL_MOST_DEG else ""
