"""What people want to know first, in words without figures: the same in every view.

Is there an expression, and which; genuine or fake or undecided; how sure; why; what would help.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime.core.labels import ANY, AUTO, FAKE, GENUINE
from realtime.core.messages import (
    Contribution,
    Expression,
    Face,
    Frame,
    State,
    Verdict,
    ViewQuality,
)
from realtime.core.snapshot import Snapshot
from realtime.view import phrases
from realtime.view.words.catalogue import has_text, text

STRONG_ACTION, SLIGHT_ACTION = 0.6, 0.3  # from which, below which an action gets that word
KNOWN_WELL = 5  # expressions of a person from which readings hardly get better
# A view that is judged, but could be better: light in gray levels, sharpness, head turn.
DIM, GLARING, SOFT, ASKEW_YAW = 50.0, 170.0, 30.0, 0.35
NEAR, FAR = 0.75, 0.15  # height of the face, in shorter sides of the picture
COUNTS = 0.1  # log odds, two or three percent, from which something is named as a reason
EITHER = "either"


@dataclass(frozen=True, slots=True)
class Answers:
    """One line each, in the chosen language; empty where there is nothing to say."""

    headline: str = ""  # the tendency of a reading, or why the state has none
    sure: str = ""
    shows: str = ""
    why: str = ""
    better: str = ""


def answers_of(snapshot: Snapshot) -> Answers:
    """Return the answers of a moment."""
    verdict = snapshot.verdict
    if verdict is None:
        return Answers(headline=phrases.waiting())
    emotion = phrases.clean(verdict.emotion)
    judged = verdict.p_genuine is not None
    return Answers(
        headline=phrases.tendency(verdict.p_genuine)
        if verdict.p_genuine is not None
        else phrases.state_phrase(verdict.state, emotion),
        sure=odds(verdict.p_genuine) if verdict.p_genuine is not None else "",
        shows=_shows(verdict, _expression(snapshot)),
        why=why(verdict),
        better=_better_judged(snapshot) if judged else better(verdict),
    )


def odds(p_genuine: float) -> str:
    """Return how sure a reading is: how many of ten such readings should be right."""
    percent = int(phrases.percent(max(p_genuine, 1 - p_genuine)).split()[0])
    if 100 - percent >= 46:
        return text("sure.either")
    return text("sure", count=min(9, round(percent / 10)))


def why(verdict: Verdict) -> str:
    """Return why the gauge says what it says; the source's own words if it is silent."""
    if verdict.p_genuine is not None:
        return why_number(verdict.p_genuine, verdict.contributions)
    if verdict.state is State.OTHER_EMOTION:
        asked, nearest = map(phrases.emotion_name, (verdict.emotion, verdict.nearest))
        key = "why.nearest" if verdict.nearest else "why.other_emotion"
        key += f".{ANY}" if verdict.emotion in (ANY, AUTO) else ""
        return text(key, emotion=asked, nearest=nearest)
    key = f"why.{_topic(verdict)}"
    return text(key) if has_text(key) else phrases.reason(verdict)


def why_number(p_genuine: float, contributions: Sequence[Contribution]) -> str:
    """Return what a number comes from: the movement, and how the expression began if that counts.

    The person's usual reading counts with the movement: it is what the movement is compared with.
    """
    onset = [each for each in contributions if each.name.startswith("onset_")]
    began = sum(each.log_odds for each in onset)
    if _side(began) == EITHER:
        side = phrases.tendency_name(p_genuine).removeprefix("looks_").removeprefix("leans_")
        return text(f"why.{side}")
    moved = _side(sum(each.log_odds for each in contributions) - began)
    first = max(onset, key=lambda each: each.log_odds * began)
    how = text(f"why.{first.name}.{'more' if first.above_usual else 'less'}")
    return text(
        "why.but" if {moved, _side(began)} == {GENUINE, FAKE} else "why.and",
        moved=text(f"why.moved.{moved}"),
        began=text(f"why.began.{_side(began)}", how=how),
    )


def _side(log_odds: float) -> str:
    if abs(log_odds) < COUNTS:
        return EITHER
    return GENUINE if log_odds > 0 else FAKE


def better(verdict: Verdict) -> str:
    """Return what would help to get a reading; empty where nothing is known to."""
    key = f"do.{_topic(verdict)}"
    return text(key) if has_text(key) else ""


def view_hint(quality: ViewQuality | None, face: Face | None, frame: Frame | None) -> str:
    """Return what would make a view better that can be judged already; empty if it is good."""
    if face is not None and frame is not None:
        share = face.box_px[3] / min(frame.size_px)
        if not FAR <= share <= NEAR:
            return text("do.closer" if share < FAR else "do.farther")
    if quality is None:
        return ""
    faults = {
        "do.dim": quality.brightness < DIM,
        "do.glaring": quality.brightness > GLARING,
        "do.soft": quality.sharpness < SOFT,
        "do.askew": abs(quality.yaw) > ASKEW_YAW,
    }
    return next((text(key) for key, wrong in faults.items() if wrong), "")


def strength_line(expression: Expression) -> str:
    """Return the strongest actions with words for their strength; empty if there is none."""
    return ", ".join(_with_strength(name, value) for name, value in phrases.strongest(expression))


def _with_strength(name: str, value: float) -> str:
    action = phrases.action_name(name)
    if value >= STRONG_ACTION:
        return text("action.strong", action=action)
    return text("action.slight", action=action) if value < SLIGHT_ACTION else action


def _topic(verdict: Verdict) -> str:
    return verdict.state.value if verdict.cause is None else verdict.cause.value


def _expression(snapshot: Snapshot) -> Expression | None:
    return None if snapshot.landmarks is None else snapshot.landmarks.expression


def _shows(verdict: Verdict, expression: Expression | None) -> str:
    actions = "" if expression is None else strength_line(expression)
    if verdict.state in (State.JUDGING, State.SETTLED, State.UNCERTAIN, State.OTHER_EMOTION):
        return text("shows.some_of", actions=actions) if actions else text("shows.some")
    if verdict.state is State.NEUTRAL:
        return text("shows.none_but", actions=actions) if actions else text("shows.none")
    return actions


def _better_judged(snapshot: Snapshot) -> str:
    """Return what would improve a reading that there is: first the view, then the person."""
    quality = None if snapshot.landmarks is None else snapshot.landmarks.quality
    hint = view_hint(quality, snapshot.face, snapshot.frame)
    if hint or snapshot.person is None:
        return hint
    return text("do.stranger") if snapshot.person.known_expressions < KNOWN_WELL else ""
