"""Guided use: the view is checked, then a felt and a posed take are asked for and compared.

A pure state machine: it is fed with snapshots and the time, and says what to show.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from realtime.app.guided.takes import TakeRecorder, shows_expression
from realtime.app.guided.view_check import ShownAdvice, needed_advice, view_advice
from realtime.core.labels import ALL, ANY, AUTO
from realtime.core.messages import Cause, State, Verdict
from realtime.core.snapshot import Snapshot, Take, TakeKind, TakePair
from realtime.view import phrases
from realtime.view.take_words import earlier_line, take_lines
from realtime.view.words.catalogue import has_text, text

NEXT = phrases.NEXT  # the key
GOOD_VIEW_S, AT_REST_S = 2.0, 1.0  # without a break, before the guide goes on
FAIR_VIEW_S = 8.0  # the same, of a view that could be better but can be judged
AWAY_S = 1.5  # without a face, before a take is broken off
SAID_S = 3.5  # what became of a take, for long enough to read
VIEW_MOST_S, RELAX_MOST_S, WAIT_MOST_S = 60.0, 20.0, 20.0  # each step ends at the latest
RESTLESS_S = 6.0  # of asking for a face at rest, after which key n is named
RUN_MOST_S = 15.0  # a take that has begun; the recorder ends it earlier while a face is seen
MISSED_MOST = 3  # offers of one take
LAST_S = 120.0  # the result after a file has ended
PAIRS_KEPT = 20


class GuideStep(StrEnum):
    """Steps of guided use; all but the view check and the result come once for each take."""

    VIEW = "view"
    RELAX = "relax"
    TAKE = "take"
    MISSED = "missed"
    RESULT = "result"


class Lasting:
    """How long a condition has been true without a break; times are monotonic."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def holds(self, condition: bool, for_s: float, now_s: float) -> bool:
        """Return whether `condition` has been true for `for_s`."""
        if not condition:
            self._since_s = None
            return False
        self._since_s = now_s if self._since_s is None else self._since_s
        return now_s - self._since_s >= for_s


class Guide:
    """Leads through pairs of takes. Owned by the main thread; `now_s` is monotonic.

    Takes stay in memory. `finished` is True once the result was shown for a while after the
    source has ended, or at key `NEXT` then; at once if it ended before a picture.
    """

    def __init__(self) -> None:
        self.step = GuideStep.VIEW
        self.finished = False
        self._pairs: tuple[TakePair, ...] = ()
        self._emotion = ""
        self._felt: Take | None = None
        self._recorder = TakeRecorder(TakeKind.FELT)
        self._missed, self._why_missed = 0, ""
        self._asked_next = self._ended = False
        self._since_s: float | None = None  # begin of the step
        self._good, self._fair, self._away, self._running = (Lasting() for _ in range(4))
        self._advice, self._restless = ShownAdvice(), False

    @property
    def pairs(self) -> tuple[TakePair, ...]:
        """Return the finished pairs, oldest first."""
        return self._pairs

    def result_lines(self) -> list[str]:
        """Return the last pair once more, to print at the end; what to do without a whole pair."""
        pairs = self._pairs
        lines = [*take_lines(pairs)]
        if earlier := earlier_line(pairs):
            lines.append(f"{text('take.earlier')}: {earlier}")
        whole = bool(pairs) and None not in (pairs[-1].felt, pairs[-1].posed)
        if self._ended and not whole:
            lines.append(text("take.filmed"))
        return lines

    def shown(self, snapshot: Snapshot, now_s: float, *, ended: bool = False) -> Snapshot:
        """Return `snapshot` with what to do now and the takes; the source may have `ended`."""
        if snapshot.frame is None:
            self.finished = self.finished or ended
            return replace(snapshot, caption=text("guide.start"), takes=())
        self._follow_emotion(snapshot.setting.emotion, now_s)
        if ended:
            self._end(now_s)
        elif self._asked_next:
            self._go_on(now_s)
        else:
            self._watch(snapshot, now_s)
        self._asked_next = False
        takes = self._pairs if self.step is GuideStep.RESULT else ()
        return replace(snapshot, caption=self._caption(snapshot, now_s), takes=takes)

    def press(self, key: str | None) -> None:
        """Go on at the guide's key, with the next snapshot."""
        self._asked_next = self._asked_next or key == NEXT

    def _watch(self, snapshot: Snapshot, now_s: float) -> None:
        """Let the moment take its part in the step."""
        assert self._since_s is not None
        waited_s = now_s - self._since_s
        if self.step in (GuideStep.RELAX, GuideStep.TAKE) and self._away.holds(
            is_away(snapshot.verdict), AWAY_S, now_s
        ):
            self._miss("guide.left", now_s)
        elif self.step is GuideStep.VIEW:
            self._check_view(snapshot, now_s, waited_s)
        elif self.step is GuideStep.RELAX:
            self._remember_rest(snapshot)
            if waited_s >= RESTLESS_S and not needed_advice(snapshot):
                self._restless = not is_at_rest(snapshot.verdict)
            rested = self._good.holds(is_at_rest(snapshot.verdict), AT_REST_S, now_s)
            if rested or waited_s >= RELAX_MOST_S:
                self._enter(GuideStep.TAKE, now_s)
        elif self.step is GuideStep.TAKE:
            self._run_take(snapshot, now_s, waited_s)
        elif self.step is GuideStep.MISSED and waited_s >= SAID_S:
            self._offer_again(now_s)

    def _check_view(self, snapshot: Snapshot, now_s: float, waited_s: float) -> None:
        fair = self._fair.holds(not needed_advice(snapshot), FAIR_VIEW_S, now_s)
        if self._good.holds(not view_advice(snapshot), GOOD_VIEW_S, now_s) or fair:
            self._relax(now_s)
        elif waited_s >= VIEW_MOST_S:  # with a face it goes on as it is
            if snapshot.face is None:
                self._keep(None)
                self._show_result(now_s)
            else:
                self._relax(now_s)

    def _remember_rest(self, snapshot: Snapshot) -> None:
        """Give the next take the curve before it; what is shown too early is no part of it."""
        if snapshot.verdict is not None and shows_expression(snapshot.verdict):
            self._recorder = TakeRecorder(self._kind)
        else:
            self._recorder.add(snapshot)

    def _run_take(self, snapshot: Snapshot, now_s: float, waited_s: float) -> None:
        self._recorder.add(snapshot)
        too_long = self._running.holds(self._recorder.begun, RUN_MOST_S, now_s)
        missed = waited_s >= WAIT_MOST_S and not self._recorder.begun
        if self._recorder.over or too_long or missed:
            self._finish_take(now_s)

    def _finish_take(self, now_s: float) -> None:
        take = self._recorder.take()
        if take is None:
            self._miss("guide.missed", now_s)
        elif take.kind is TakeKind.FELT:
            self._felt, self._missed = take, 0
            self._relax(now_s)
        else:
            self._keep(take)
            self._show_result(now_s)

    def _miss(self, why: str, now_s: float) -> None:
        self._missed += 1
        self._why_missed = why
        self._enter(GuideStep.MISSED, now_s)

    def _offer_again(self, now_s: float) -> None:
        """Offer the take again, after the view check; after some offers go on without it."""
        if self._missed < MISSED_MOST:
            self._enter(GuideStep.VIEW, now_s)
        else:
            self._go_without(now_s)

    def _go_without(self, now_s: float) -> None:
        """Go on to the next take without this one, or to the result."""
        if self._kind is TakeKind.POSED:
            self._keep(None)
            self._show_result(now_s)
            return
        self._recorder = TakeRecorder(TakeKind.POSED)
        self._missed = 0
        self._enter(GuideStep.VIEW, now_s)

    def _go_on(self, now_s: float) -> None:
        """Do what the key asks for: end a wait or a take, or begin another pair."""
        if self.step is GuideStep.VIEW:
            self._relax(now_s)
        elif self.step is GuideStep.RELAX:
            self._enter(GuideStep.TAKE, now_s)
        elif self.step is GuideStep.TAKE:
            if self._recorder.take() is None:
                self._go_without(now_s)
            else:
                self._finish_take(now_s)
        elif self.step is GuideStep.MISSED:
            self._offer_again(now_s)
        else:
            self._begin_pair()
            self._enter(GuideStep.VIEW, now_s)

    def _end(self, now_s: float) -> None:
        """Close a running take once, and show the result; the source has no more pictures."""
        if not self._ended:
            self._ended = True
            take = self._recorder.take() if self.step is GuideStep.TAKE else None
            if take is not None and take.kind is TakeKind.FELT:
                self._felt, take = take, None
            if self.step is not GuideStep.RESULT:
                self._keep(take)
            self._show_result(now_s)
        assert self._since_s is not None
        self.finished = self._asked_next or now_s - self._since_s >= LAST_S

    def _keep(self, posed: Take | None) -> None:
        """Keep the pair, if it has a take."""
        if self._felt is not None or posed is not None:
            pair = TakePair(self._emotion, self._felt, posed)
            self._pairs = (*self._pairs, pair)[-PAIRS_KEPT:]

    def _follow_emotion(self, emotion: str, now_s: float) -> None:
        """Begin a new pair where another emotion is judged from now on."""
        if self._since_s is None:
            self._emotion, self._since_s = emotion, now_s
        elif emotion != self._emotion:
            self._emotion = emotion
            self._begin_pair()
            self._enter(GuideStep.VIEW, now_s)

    def _begin_pair(self) -> None:
        self._felt, self._missed = None, 0
        self._recorder = TakeRecorder(TakeKind.FELT)

    def _relax(self, now_s: float) -> None:
        """Begin the next take of the pair with a face at rest."""
        self._recorder = TakeRecorder(self._kind if self._felt is None else TakeKind.POSED)
        self._enter(GuideStep.RELAX, now_s)

    def _show_result(self, now_s: float) -> None:
        self._enter(GuideStep.RESULT, now_s)

    def _enter(self, step: GuideStep, now_s: float) -> None:
        self.step, self._since_s = step, now_s
        self._good, self._fair, self._away, self._running = (Lasting() for _ in range(4))
        self._advice, self._restless = ShownAdvice(), False

    @property
    def _kind(self) -> TakeKind:
        return self._recorder.kind

    def _caption(self, snapshot: Snapshot, now_s: float) -> str:
        if self.step is GuideStep.VIEW:
            advice = self._advice.at(view_advice(snapshot), now_s)
            return text("guide.view", advice=advice) if advice else text("guide.view_good")
        if self.step is GuideStep.RELAX:
            relax = text("guide.relax" if self._kind is TakeKind.FELT else "guide.relax_again")
            return f"{relax} {text('guide.at_rest')}" if self._restless else relax
        if self.step is GuideStep.TAKE:
            running = self._recorder.long_enough
            return text("guide.runs") if running else prompt(self._kind, self._emotion)
        if self.step is GuideStep.MISSED:
            again = "guide.again" if self._missed < MISSED_MOST else "guide.without"
            return f"{text(self._why_missed)} {text(again)}"
        if self._ended:
            return text("guide.ended" if self._pairs else "guide.ended_none")
        return text("guide.result" if self._pairs else "guide.result_none")


def prompt(kind: TakeKind, emotion: str) -> str:
    """Return what a person is asked for in a take, such as "Think of something funny"."""
    key = f"guide.{kind}.{ANY if emotion in (ALL, AUTO) else emotion}"
    if has_text(key):
        return text(key)
    return text(f"guide.{kind}.other", emotion=phrases.emotion_name(emotion))


def is_at_rest(verdict: Verdict | None) -> bool:
    """Return whether a face shows no expression, as far as its resting face is known."""
    if verdict is None:
        return False
    return verdict.state is State.NEUTRAL or verdict.cause is Cause.FAINT


def is_away(verdict: Verdict | None) -> bool:
    """Return whether a reading is of a picture without a face, or of none."""
    return verdict is not None and verdict.state in (State.NO_FACE, State.NO_SIGNAL)
