"""Wording and colours shared by the terminal, the window and the summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from realtime.core.labels import AUTO, KERNEL
from realtime.core.messages import (
    Expression,
    Face,
    Frame,
    PersonStatus,
    State,
    Verdict,
    ViewQuality,
)
from realtime.core.snapshot import FaceSnapshot, FrameCounts, RunSetting, RunVerdict
from realtime.view.words.catalogue import has_text, longest, text
from realtime.view.words.english import ENGLISH

# Sky blue and orange of Okabe & Ito (2008): distinguishable in every kind of colour blindness.
GENUINE_HEX = "#56b4e9"
FAKE_HEX = "#e69f00"
EITHER_HEX = "#c8c8c8"
LOST_PSR = 8  # `realtime.faces.mosse.GOOD_PSR`, without its import of OpenCV
DETAILS = "d"  # the key that every view has for its figures; the page's is its own
GUIDE = "u"  # starts guided use and ends it, where it is possible
NEXT = " "  # goes on to the next step of guided use, and skips the tour
KEYS = ("q", "n", "e", "g", "r", GUIDE, DETAILS)

LEFT, RIGHT = "_left", "_right"  # ends of the names of actions, the person's own sides
FAINT_ACTION, UNEVEN = 0.15, 0.2  # below which an action, a difference of sides is not named
MAX_ACTIONS = 5  # named in a line
APART_S = 0.1  # from which mouth and eyes do not move together
# Highest percent genuine, its name in the catalogue, colour. Views look up the percent as printed,
# so words, colour and number agree.
_TENDENCIES = (
    (25, "looks_fake", FAKE_HEX),
    (45, "leans_fake", FAKE_HEX),
    (54, "either", EITHER_HEX),
    (74, "leans_genuine", GENUINE_HEX),
    (100, "looks_genuine", GENUINE_HEX),
)


def state_phrase(state: State, emotion: str) -> str:
    """Return the state in words; `emotion` is the one that was asked for."""
    named = text("any_emotion") if emotion in ("any", "auto") else emotion_name(emotion)
    return text(f"state.{state.value}", emotion=named)


def state_name(state: State) -> str:
    """Return the state's name, such as "poor view"."""
    return text(f"name.{state.value}")


def emotion_name(emotion: str) -> str:
    """Return an emotion in the chosen language; one that only a bundle knows, as it is there."""
    key = f"emotion.{emotion}"
    return text(key) if has_text(key) else clean(emotion)


def emotion_column(emotions: Iterable[str]) -> int:
    """Return the width of a column of names: the longest known one, or longer one of a bundle."""
    return max([longest("emotion."), *(len(emotion_name(emotion)) for emotion in emotions)])


def key_meanings(*, guide: bool = True) -> list[tuple[str, str]]:
    """Return each key with its meaning; that of guided use only where it is offered."""
    return [(key, text(f"key.{key}")) for key in KEYS if guide or key != GUIDE]


def waiting() -> str:
    """Return what is shown before the first picture."""
    return text("state.waiting")


def emotion_label(selected: str, verdict: Verdict | None) -> str:
    """Return the selected emotion; with `auto` the one it follows now, as in "fear (auto)"."""
    followed = verdict.emotion if selected == AUTO and verdict is not None else AUTO
    if followed == AUTO:
        return emotion_name(selected)
    return f"{emotion_name(followed)} ({emotion_name(selected)})"


def subject(selected: str, verdict: Verdict | None, faces: Sequence[FaceSnapshot]) -> str:
    """Return whose reading is shown: the emotion, and of several faces the first's number."""
    label = emotion_label(selected, verdict)
    return f"{label}, {face_label(faces[0].id)}" if faces else label


def reason(verdict: Verdict) -> str:
    """Return why there is no reading, in English; empty where the state phrase says the same."""
    repeated = verdict.reason == ENGLISH[f"state.{verdict.state.value}"]
    return "" if repeated else clean(verdict.reason)


def tendency(p_genuine: float) -> str:
    """Return which way a probability points, such as "leans fake"; symmetric about one half."""
    return text(f"tendency.{tendency_name(p_genuine)}")


def tendency_name(p_genuine: float) -> str:
    """Return the name of a tendency in the catalogue, such as "leans_fake"."""
    return _tendency(p_genuine)[0]


def tendencies() -> list[tuple[int, str, str]]:
    """Return the highest percentage, the words and the colour of each tendency, in order."""
    return [(highest, text(f"tendency.{name}"), hue) for highest, name, hue in _TENDENCIES]


def colour(p_genuine: float) -> str:
    """Return the HTML colour of the side that `tendency` names."""
    return _tendency(p_genuine)[1]


def percent(p_genuine: float) -> str:
    """Return the probability of genuine as a percentage, such as "72 %"."""
    return f"{100 * p_genuine:.0f} %"


def percent_genuine(p_genuine: float) -> str:
    """Return the percentage with its meaning, such as "72 % genuine"."""
    return text("percent_genuine", percent=percent(p_genuine))


def reading(p_genuine: float) -> str:
    """Return the percentage and the tendency, such as "72 % genuine, leans genuine"."""
    return f"{percent_genuine(p_genuine)}, {tendency(p_genuine)}"


def brief(verdict: Verdict | None) -> str:
    """Return the reading in a few words, or the name of its state; "waiting" before the first."""
    if verdict is None:
        return text("name.waiting")
    if verdict.p_genuine is None:
        return state_name(verdict.state)
    return reading(verdict.p_genuine)


def face_label(face_id: int) -> str:
    """Return the name of one of several faces, such as "face 2"."""
    return text("face_number", number=face_id)


def run_verdict_phrase(run_verdict: RunVerdict, *, number: bool) -> str:
    """Return the run's verdict and how many seconds were judged; its percentage if `number`."""
    said = run_reading(run_verdict, number=number)
    if run_verdict.p_genuine is None:
        return said
    return f"{said}, {text('judged_s', seconds=f'{run_verdict.judged_s:.1f}')}"


def run_reading(run_verdict: RunVerdict, *, number: bool) -> str:
    """Return the run's verdict alone; its percentage if `number`."""
    if run_verdict.p_genuine is None:
        return text("nothing_judged")
    if run_verdict.state == State.UNCERTAIN:
        return f"{text('undecided')}: {text('too_close')}" if number else text("undecided")
    return reading(run_verdict.p_genuine) if number else tendency(run_verdict.p_genuine)


def frames_line(counts: FrameCounts) -> str:
    """Return frames captured, processed, and dropped by reason."""
    reasons = _reasons(counts.dropped)
    line = text(
        "frames",
        captured=counts.captured,
        processed=counts.processed,
        dropped=sum(counts.dropped.values()),
    )
    return f"{line} ({reasons})" if reasons else line


def not_described_line(faces: Mapping[str, int]) -> str:
    """Return how many faces were not described, by reason; empty if all were."""
    total = sum(faces.values())
    number = "one" if total == 1 else "many"
    return text(f"not_described.{number}", count=total, reasons=_reasons(faces)) if total else ""


def searches_unused_line(searches: Mapping[str, int]) -> str:
    """Return how many searches by the CNN detector were not used, by reason; empty if all were."""
    total = sum(searches.values())
    number = "one" if total == 1 else "many"
    return text(f"unused.{number}", count=total, reasons=_reasons(searches)) if total else ""


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()) if count)


def tracking_line(face: Face) -> str:
    """Return the tracker's confidence; at a PSR of 7 a face is occluded or lost.

    Source: Bolme et al. 2010, section 3.5.
    """
    grade = "low" if face.psr < LOST_PSR else "fair" if face.psr < 15 else "high"
    return text("tracking", psr=int(face.psr), grade=text(f"tracking.{grade}"), lost=LOST_PSR)


def view_quality_line(quality: ViewQuality) -> str:
    """Return sharpness, light and head turn in words, each with its value."""
    sharp = "blurred" if quality.sharpness < 30 else "soft" if quality.sharpness < 80 else "sharp"
    light = "dark" if quality.brightness < 50 else "glaring" if quality.brightness > 190 else "lit"
    return (
        f"{text(f'view.{sharp}')} ({quality.sharpness:.0f}), "
        f"{text(f'view.{light}')} ({quality.brightness:.0f}), {head_turn(quality.yaw)}"
    )


def expression_line(expression: Expression) -> str:
    """Return the strongest actions of the face, such as "smile 62 %, squint left 31 %"."""
    shown = [f"{action_name(name)} {percent(value)}" for name, value in strongest(expression)]
    return ", ".join(shown) or text("action.none")


def strongest(expression: Expression) -> list[tuple[str, float]]:
    """Return the strongest actions with their values; one for both sides where they are even."""
    named = sorted(_actions(expression.by_name()).items(), key=lambda item: -item[1])
    return [(name, value) for name, value in named if value >= FAINT_ACTION][:MAX_ACTIONS]


def action_name(name: str) -> str:
    """Return an action of the read-out in words, such as "smile left"."""
    for side in (LEFT, RIGHT):
        if name.endswith(side) and has_text(f"action.{name.removesuffix(side)}"):
            return text(f"action.{side[1:]}", action=action_name(name.removesuffix(side)))
    key = f"action.{name}"
    return text(key) if has_text(key) else clean(name.replace("_", " "))


def _actions(values: Mapping[str, float]) -> dict[str, float]:
    """Return the values by action; one for both sides where they are about even."""
    found = {}
    for name, value in values.items():
        action, other = name.removesuffix(LEFT), name.removesuffix(LEFT) + RIGHT
        if name.endswith(LEFT) and other in values and abs(value - values[other]) < UNEVEN:
            found[action] = (value + values[other]) / 2
        elif not (name.endswith(RIGHT) and name.removesuffix(RIGHT) in found):
            found[name] = value
    return found


def onset_line(verdict: Verdict) -> str:
    """Return how the expression began, such as "0.4 s, faster than 80 % of felt smiles, held for
    1.2 s, mouth before eyes"; empty where that was not seen.
    """
    onset, rank = verdict.onset, verdict.onset_rank
    if onset is None:
        return ""
    parts = [text("onset.lasted", seconds=f"{onset.duration_s:.1f}")]
    if rank is not None:
        parts.append(_compared(verdict.emotion, rank.genuine))
    parts.append(text("onset.held", seconds=f"{onset.plateau_s:.1f}"))
    lead_s = onset.mouth_lead_s
    if lead_s is not None:
        first = "mouth_first" if lead_s > 0 else "eyes_first"
        parts.append(text(f"onset.{first if abs(lead_s) >= APART_S else 'together'}"))
    return ", ".join(parts)


def _compared(emotion: str, slower: float) -> str:
    key = f"onset.felt.{emotion}"
    felt = text(key) if has_text(key) else text("onset.felt", emotion=emotion_name(emotion))
    share, side = (slower, "faster") if slower >= 0.5 else (1 - slower, "slower")
    return text(f"onset.{side}", share=percent(share), felt=felt)


def person_line(person: PersonStatus, expected_name: str) -> str:
    """Return how much is learned of the tracked person; `expected_name` is empty without one."""
    count = expressions(person.known_expressions)
    if person.is_expected:
        return text("person.expected", name=clean(expected_name), expressions=count)
    key = "person.learning_theirs" if expected_name else "person.learning"
    learning = text(key, expressions=count)
    if expected_name and not person.neutral_reset:
        return text("person.other", name=clean(expected_name), learning=learning)
    return learning


def expressions(count: int) -> str:
    """Return a number of expressions, such as "1 expression"."""
    return text("expressions.one" if count == 1 else "expressions.many", count=count)


def head_turn(yaw: float) -> str:
    """Return where the head points, with its yaw from -1 (left) to 1 (right)."""
    turned = ("left" if yaw < 0 else "right") + ("_little" if abs(yaw) < 0.4 else "")
    return f"{text('view.facing' if abs(yaw) < 0.2 else f'view.{turned}')} ({yaw:+.2f})"


def granted_mode_note(
    name: str,
    granted: str,
    size_px: tuple[int, int] | None,
    requested_hz: float | None,
    frame: Frame,
    hz: float,
) -> str:
    """Return how the camera's mode differs from the requested one; empty where it does not."""
    same_size = size_px is None or frame.size_px == size_px
    same_rate = requested_hz is None or not hz or abs(hz - requested_hz) < 0.5
    if same_size and same_rate:
        return ""
    size = "x".join(map(str, size_px or ()))
    rate = f"{requested_hz:g}/s" if requested_hz else ""
    asked = " at ".join(filter(None, (size, rate)))
    return text("camera_mode", name=name, granted=granted, asked=asked)


def clean(line: str) -> str:
    """Return `line` with control characters as "?": a file name must not steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in line)


def _tendency(p_genuine: float) -> tuple[str, str]:
    shown = float(f"{100 * p_genuine:.0f}")
    return next((phrase, hue) for highest, phrase, hue in _TENDENCIES if shown <= highest)


def engine(setting: RunSetting) -> str:
    """Return the engine of a run, and what fits the landmarks if it is not the kernel."""
    if setting.landmarks == KERNEL:
        return clean(setting.engine)
    by = text("engine.landmarks", landmarks=setting.landmarks)
    return f"{clean(setting.engine)}, {by}"
