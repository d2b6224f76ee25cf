"""One take as it runs: collects readings, finds where it begins and ends, sums it up."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

import numpy as np

from realtime.core.messages import Cause, Expression, PersonStatus, State, Verdict
from realtime.core.snapshot import Snapshot, Take, TakeKind, TakePoint

BEFORE_S = 1.5  # of the curve before a take begins: the onset starts there
OVER_S = 0.7  # without an expression, after which a take is over
SHORTEST_S = 0.4  # less is a twitch or a blink, not a take
LONGEST_S = 10.0

_EXPRESSING = (State.JUDGING, State.SETTLED, State.OTHER_EMOTION)
_UNSEEN = (State.NO_SIGNAL, State.NO_FACE, State.WARMING_UP, State.POOR_VIEW)
_NOT_SHOWN = (Cause.FAINT, Cause.NEUTRAL_UNKNOWN)  # causes of `uncertain` without an expression


def shows_expression(verdict: Verdict) -> bool:
    """Return whether a reading is of an expression, judged or not."""
    if verdict.state is State.UNCERTAIN:
        return verdict.cause not in _NOT_SHOWN
    return verdict.state in _EXPRESSING


class TakeRecorder:
    """Collects the readings of one take. Owned by the main thread; times are media time.

    A take has `begun` with the first reading of an expression, and is `over` when a face was seen
    without one for `OVER_S`, or after `LONGEST_S`. What is over too soon to be a take is forgotten.
    """

    def __init__(self, kind: TakeKind) -> None:
        self.kind = kind
        self.over = False
        self._readings: deque[tuple[Verdict, Expression | None]] = deque()
        self._began_at_s: float | None = None
        self._shown_at_s = 0.0  # the last expression
        self._person: PersonStatus | None = None  # when it began

    @property
    def begun(self) -> bool:
        """Return whether an expression was seen that is still part of a take."""
        return self._began_at_s is not None

    @property
    def long_enough(self) -> bool:
        """Return whether the expression has lasted for longer than a twitch."""
        return self.begun and self._shown_at_s - (self._began_at_s or 0.0) >= SHORTEST_S

    def add(self, snapshot: Snapshot) -> None:
        """Take the reading of a moment; one that was added before is left out."""
        verdict = snapshot.verdict
        if self.over or verdict is None:
            return
        newest_s = self._readings[-1][0].at_s if self._readings else float("-inf")
        if verdict.at_s == newest_s:
            return
        clip_starts_again = verdict.at_s < newest_s
        if clip_starts_again or (self.begun and _id(snapshot.person) != _id(self._person)):
            self._forget()
        landmarks = snapshot.landmarks
        self._readings.append((verdict, None if landmarks is None else landmarks.expression))
        self._follow(verdict, snapshot.person)

    def take(self) -> Take | None:
        """Return the take so far; None if there is none that is long enough."""
        if self._began_at_s is None or not self.long_enough:
            return None
        began_at_s = self._began_at_s
        kept = [each for each in self._readings if each[0].at_s <= self._shown_at_s]
        during = [each for each in kept if each[0].at_s >= began_at_s]
        points = tuple(
            TakePoint(round(verdict.at_s - began_at_s, 3), verdict.intensity, verdict.p_genuine)
            for verdict, _ in kept
        )
        numbers = [each.p_genuine for each, _ in during if each.p_genuine is not None]
        apex = max(during, key=lambda each: each[0].intensity or 0.0)
        return Take(
            self.kind,
            points,
            onset_s=_onset_s(during),
            p_genuine=sum(numbers) / len(numbers) if numbers else None,
            before=_mean([each[1] for each in kept if each[0].at_s < began_at_s]),
            expression=apex[1],
            unjudged=_most_frequent([verdict for verdict, _ in during]),
            person_id=_id(self._person),
            known_expressions=0 if self._person is None else self._person.known_expressions,
        )

    def _follow(self, verdict: Verdict, person: PersonStatus | None) -> None:
        """Update when the take began, was last seen, and whether it is over."""
        if shows_expression(verdict):
            if self._began_at_s is None:
                self._began_at_s, self._person = verdict.at_s, person
            self._shown_at_s = verdict.at_s
            self.over = verdict.at_s - self._began_at_s >= LONGEST_S
        elif self._began_at_s is None:
            self._drop_before(verdict.at_s - BEFORE_S)
        elif verdict.state in _UNSEEN:
            return  # the expression may go on: the guide's own time ends the take
        elif verdict.at_s - self._shown_at_s >= OVER_S:
            self.over = self.long_enough
            if not self.over:
                self._began_at_s = None

    def _drop_before(self, at_s: float) -> None:
        while self._readings[0][0].at_s < at_s:
            self._readings.popleft()

    def _forget(self) -> None:
        self._readings.clear()
        self._began_at_s = None


def _id(person: PersonStatus | None) -> int | None:
    return None if person is None else person.person_id


def _onset_s(during: Sequence[tuple[Verdict, Expression | None]]) -> float | None:
    """Return the duration of the onset by the newest reading that has one; None without one."""
    onsets = [each.onset for each, _ in during if each.onset is not None]
    return onsets[-1].duration_s if onsets else None


def _mean(expressions: Sequence[Expression | None]) -> Expression | None:
    """Return the mean of the read-outs, in which a blink hardly counts; None without one."""
    read = [each for each in expressions if each is not None]
    if not read:
        return None
    same = [each.values for each in read if each.names == read[0].names]
    return Expression(read[0].names, np.mean(same, axis=0, dtype=np.float32))


def _most_frequent(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Return the newest reading without a number, of the most frequent kind; None without one."""
    unjudged = [each for each in verdicts if each.p_genuine is None]
    if not unjudged:
        return None
    counts = Counter((each.state, each.cause) for each in unjudged)
    kind = counts.most_common(1)[0][0]
    return next(each for each in reversed(unjudged) if (each.state, each.cause) == kind)
