"""Is the face seen well enough for takes? Plain advice where it is not."""

from __future__ import annotations

from realtime.core.messages import State
from realtime.core.snapshot import Snapshot
from realtime.view import answers, phrases
from realtime.view.words.catalogue import text

READ_S = 2.0  # each advice is shown for at least this long
STEADY_S = 1.0  # other advice must hold without a break before it is shown
ROLL_MOST_DEG = 15.0  # the gauge judges up to 45, but a level head is easily asked for
_NOT_READY = (State.NO_SIGNAL, State.NO_FACE, State.WARMING_UP, State.POOR_VIEW)


class ShownAdvice:
    """Advice of the view check, each for long enough to read, however fast the view changes.

    A measure that wavers about its limit, as in a picture that does not change, is no other advice.
    """

    def __init__(self) -> None:
        self._shown: str | None = None
        self._since_s = 0.0
        self._other, self._other_since_s = "", 0.0  # the newest advice, where it is another one

    def at(self, advice: str, now_s: float) -> str:
        """Return what to show at `now_s` (monotonic) while `advice` is right."""
        if self._shown is None:
            self._shown, self._since_s = advice, now_s
        if advice != self._other:
            self._other, self._other_since_s = advice, now_s
        is_steady = now_s - self._other_since_s >= STEADY_S
        if advice != self._shown and is_steady and now_s - self._since_s >= READ_S:
            self._shown, self._since_s = advice, now_s
        return self._shown


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
        return phrases.waiting() if snapshot.frame is None else text("do.warming_up")
    if verdict.state in _NOT_READY:
        return answers.better(verdict) or phrases.state_phrase(verdict.state, verdict.emotion)
    if landmarks is None:
        return text("do.no_face")
    return text("do.tilted") if abs(landmarks.quality.roll_deg) > ROLL_MOST_DEG else ""
