"""Guided enrolment at the camera: a neutral face, then a few expressions, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from calibrate.metrics import Flags, Numbers
from realtime.capture.live.health import SignalHealth
from realtime.capture.live.reconnect import STUCK_S
from realtime.capture.source import Source
from realtime.core.errors import SourceLost
from realtime.core.messages import State, Tick
from realtime.person.tracker import PersonTracker
from realtime.runtime.gauge import Gauge
from realtime.verdict.reading import Reading

NEUTRAL_S = 6.0
MAX_TICK_S = 0.5  # longest time that one tick adds: between distant ticks the face is unknown
GENUINE_COUNT, FAKE_COUNT = 3, 3


class EnrolmentGuide:
    """Guide that says after each tick what is missing; a change of person starts it again."""

    def __init__(self, *, labelled: bool) -> None:
        self._labelled = labelled
        self._person_id, self._confirmed, self._described = 0, True, False
        self._expressions, self._neutral_s, self._last_s = 0, 0.0, float("inf")
        self._restarted, self._view_error, self._unread = False, "", ""
        self._tick_scores: list[float] = []  # of the current expression
        self._scores: list[float] = []  # mean score of each finished expression

    @property
    def done(self) -> bool:
        """Whether enrolment is complete."""
        enough = len(self._scores) >= GENUINE_COUNT + FAKE_COUNT
        return self._neutral_s >= NEUTRAL_S and enough and self._confirmed and self._described

    def add(self, person: PersonTracker, tick: Tick, reading: Reading) -> None:
        """Update the guide with a tick and its reading."""
        if tick.person.person_id != self._person_id:
            self._restart()
        self._person_id, self._confirmed = tick.person.person_id, person.confirmed
        self._described = person.face is not None
        no_view = reading.state in (State.NO_FACE, State.POOR_VIEW)
        self._view_error = reading.reason if no_view else ""
        if reading.state is State.NEUTRAL:
            self._neutral_s += min(max(0.0, tick.at_s - self._last_s), MAX_TICK_S)
        self._last_s = tick.at_s
        self._add_score(person, reading)

    def _add_score(self, person: PersonTracker, reading: Reading) -> None:
        """Collect the scores of the current expression until the face is neutral again."""
        if reading.score is not None:
            self._tick_scores.append(reading.score)
        elif reading.state is State.OTHER_EMOTION:
            self._unread = reading.reason
        ended, self._expressions = (
            person.observed_expressions > self._expressions,
            person.observed_expressions,
        )
        if ended and self._neutral_s >= NEUTRAL_S and self._tick_scores:
            self._scores.append(float(np.mean(self._tick_scores)))
            self._unread = ""
        if ended or reading.state in (State.NEUTRAL, State.NO_FACE, State.POOR_VIEW):
            self._tick_scores.clear()

    def _restart(self) -> None:
        """Discard everything: it may belong to another person."""
        self._restarted, self._expressions, self._neutral_s, self._unread = True, 0, 0.0, ""
        self._tick_scores.clear()
        self._scores.clear()

    def needs(self) -> str:
        """Return what is missing, as an instruction for the person."""
        missing = GENUINE_COUNT + FAKE_COUNT - len(self._scores)
        if self.done:
            return "enrolment is complete"
        if self._view_error:
            return self._view_error
        if self._neutral_s < NEUTRAL_S:
            why = "starting again, the face was away or has changed: " if self._restarted else ""
            return f"{why}hold a neutral face, {math.ceil(NEUTRAL_S - self._neutral_s)} s more"
        if missing <= 0 and not self._described:
            return "come closer: the face is too small in the picture to be recognised"
        if missing <= 0:
            return (
                "stay a little longer, neutral and then with any expression: not yet sure that it"
                " is still you"
            )
        unread = f"that one could not be read ({self._unread}); " if self._unread else ""
        return unread + self._instruction(missing)

    def _instruction(self, missing: int) -> str:
        if not self._labelled:
            return f"show any expression, then return to neutral: {missing} more"
        if missing > FAKE_COUNT:
            return (
                "think of something that moves you and let it show, then return to neutral:"
                f" {missing - FAKE_COUNT} more"
            )
        return f"pose an expression that you do not feel, then return to neutral: {missing} more"

    def labelled_scores(self) -> tuple[Numbers, Flags]:
        """Return the score of each expression and whether it is genuine; empty if unlabelled."""
        count = GENUINE_COUNT + FAKE_COUNT if self._labelled else 0
        scores = np.array(self._scores[:count], np.float64)
        return scores, np.arange(len(scores)) < GENUINE_COUNT


def run_enrolment(
    source: Source, gauge: Gauge, guide: EnrolmentGuide, show: Callable[[str], None]
) -> None:
    """Run `gauge` on `source` until the guide is done or the source ends, in the calling thread.

    Raises `SourceLost` where a camera delivers only black or repeated pictures for a while.
    """
    health = SignalHealth()
    with source:
        while not guide.done and (frame := source.read()) is not None:
            if source.kind == "camera":
                frame, drop = health.check(frame)
                if health.bad_for_s(frame.read_at_s) >= STUCK_S:
                    raise SourceLost(f"{source.name}: {health.signal_error}")
                if drop:
                    continue
            tick = gauge.step(frame).tick
            if tick is not None:
                guide.add(gauge.motion.person, tick, gauge.read(tick))
                show(guide.needs())
