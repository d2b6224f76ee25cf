"""Leading somebody through getting known: a face at rest, then a few expressions, and what is still needed."""

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

REST_S = 6.0
LONGEST_TICK_S = 0.5  # that a rest can grow by: nobody saw what was between two ticks farther apart
FELT, POSED = 3, 3


class EnrolmentGuide:
    """Says what comes next, tick by tick. Somebody else in front of the camera begins anew."""

    def __init__(self, *, labelled: bool) -> None:
        self._labelled = labelled
        self._person: tuple[int, bool] = (
            0,
            True,
        )  # their number, and whether nobody else can have come since
        self._seen, self._rest_s, self._last_s = 0, 0.0, float("inf")
        self._anew, self._lost, self._missed = False, "", ""
        self._scores: list[float] = []  # of the expression that goes on
        self._ended: list[float] = []  # the mean score of each that ended

    @property
    def done(self) -> bool:
        """Whether nothing more is needed."""
        return self._rest_s >= REST_S and len(self._ended) >= FELT + POSED and self._person[1]

    def see(self, person: PersonTracker, tick: Tick, reading: Reading) -> None:
        """Take notice of a tick."""
        if tick.person.person_id != self._person[0]:
            self._begin_anew()
        self._person = tick.person.person_id, person.confirmed
        self._lost = reading.reason if reading.state in (State.NO_FACE, State.POOR_VIEW) else ""
        if reading.state is State.NEUTRAL:
            self._rest_s += min(max(0.0, tick.at_s - self._last_s), LONGEST_TICK_S)
        self._last_s = tick.at_s
        self._gather(person, reading)

    def _gather(self, person: PersonTracker, reading: Reading) -> None:
        """What the expression that goes on looks like, until the face has come back to rest."""
        if reading.score is not None:
            self._scores.append(reading.score)
        elif reading.state is State.OTHER_EMOTION:
            self._missed = reading.reason
        ended, self._seen = person.expressions > self._seen, person.expressions
        if ended and self._rest_s >= REST_S and self._scores:
            self._ended.append(float(np.mean(self._scores)))
            self._missed = ""
        if ended or reading.state in (State.NEUTRAL, State.NO_FACE, State.POOR_VIEW):
            self._scores.clear()

    def _begin_anew(self) -> None:
        """Somebody else, or the face was away for long: what was seen before may not be theirs."""
        self._anew, self._seen, self._rest_s, self._missed = True, 0, 0.0, ""
        self._scores.clear()
        self._ended.clear()

    def needs(self) -> str:
        """What is still needed, for the person."""
        left = FELT + POSED - len(self._ended)
        if self.done:
            return "that is all"
        if self._lost:
            return self._lost
        if self._rest_s < REST_S:
            why = "begun anew, the face was away or is another: " if self._anew else ""
            return f"{why}hold a neutral face, {math.ceil(REST_S - self._rest_s)} s more"
        if left <= 0:
            return "stay a little, at rest and then with any expression: not sure yet that it is still you"
        missed = f"that one could not be read ({self._missed}); " if self._missed else ""
        return missed + self._wish(left)

    def _wish(self, left: int) -> str:
        if not self._labelled:
            return f"show any expression, and come back to neutral: {left} more"
        if left > POSED:
            return f"think of something that moves you and let it show, then come back to neutral: {left - POSED} more"
        return f"pose an expression that you do not feel, then come back to neutral: {left} more"

    def told(self) -> tuple[Numbers, Flags]:
        """The score of each expression and whether it was felt, as it was asked for; empty where it was left open."""
        ended = np.array(self._ended[: FELT + POSED] if self._labelled else [], np.float64)
        return ended, np.arange(len(ended)) < FELT


def enrol_at_camera(
    source: Source, gauge: Gauge, guide: EnrolmentGuide, say: Callable[[str], None]
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
                guide.see(gauge.motion.person, tick, gauge.read(tick))
                say(guide.needs())
