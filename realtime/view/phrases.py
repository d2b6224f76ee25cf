"""Wording and colours shared by the terminal, the window and the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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

# Sky blue and orange of Okabe & Ito (2008): distinguishable in every kind of colour blindness.
GENUINE_HEX = "#56b4e9"
FAKE_HEX = "#e69f00"
EITHER_HEX = "#c8c8c8"
LOST_PSR = 8  # `realtime.faces.mosse.GOOD_PSR`, without its import of OpenCV
KEYS = (
    ("q", "quit"),
    ("n", "I am neutral now"),
    ("e", "next emotion"),
    ("g", "ghosts"),
    ("r", "record"),
)

LEFT, RIGHT = "_left", "_right"  # ends of the names of actions, the person's own sides
FAINT_ACTION, UNEVEN = 0.15, 0.2  # below which an action, a difference of sides is not named
MAX_ACTIONS = 5  # named in a line
TOO_CLOSE = "too close to 50 %"  # why an average over a run is undecided
NO_ACTION = "no action of the face"

WAITING = "waiting for the first picture"
NOTHING_JUDGED = "nothing judged yet"
_STATE_PHRASES = {
    State.NO_SIGNAL: "no picture from the source",
    State.NO_FACE: "no face in the picture",
    State.WARMING_UP: "collecting video of the face",
    State.NEUTRAL: "no expression to judge",
    State.POOR_VIEW: "the face cannot be seen well enough",
    State.OTHER_EMOTION: "the movement does not look like {emotion}",
    State.JUDGING: "still judging, the needle may move",
    State.SETTLED: "the reading has settled",
    State.UNCERTAIN: "undecided",
}
# Highest percent genuine, phrase, colour. Views look up the percent as printed, so words, colour
# and number agree.
_TENDENCIES = (
    (25, "looks fake", FAKE_HEX),
    (45, "leans fake", FAKE_HEX),
    (54, "could be either", EITHER_HEX),
    (74, "leans genuine", GENUINE_HEX),
    (100, "looks genuine", GENUINE_HEX),
)


def state_phrase(state: State, emotion: str) -> str:
    """Return the state in words; `emotion` is the one that was asked for."""
    named = "any known emotion" if emotion in ("any", "auto") else emotion
    return _STATE_PHRASES[state].format(emotion=named)


def emotion_label(selected: str, verdict: Verdict | None) -> str:
    """Return the selected emotion; with `auto` the one it follows now, as in "fear (auto)"."""
    followed = verdict.emotion if selected == AUTO and verdict is not None else AUTO
    return clean(selected if followed == AUTO else f"{followed} ({selected})")


def subject(selected: str, verdict: Verdict | None, faces: Sequence[FaceSnapshot]) -> str:
    """Return whose reading is shown: the emotion, and of several faces the first's number."""
    label = emotion_label(selected, verdict)
    return f"{label}, {face_label(faces[0].id)}" if faces else label


def reason(verdict: Verdict) -> str:
    """Return why there is no reading; empty where the state phrase says the same."""
    repeated = verdict.reason == state_phrase(verdict.state, verdict.emotion)
    return "" if repeated else clean(verdict.reason)


def tendency(p_genuine: float) -> str:
    """Return which way a probability points, such as "leans fake"; symmetric about one half."""
    return _tendency(p_genuine)[0]


def colour(p_genuine: float) -> str:
    """Return the HTML colour of the side that `tendency` names."""
    return _tendency(p_genuine)[1]


def percent(p_genuine: float) -> str:
    """Return the probability of genuine as a percentage, such as "72 %"."""
    return f"{100 * p_genuine:.0f} %"


def percent_genuine(p_genuine: float) -> str:
    """Return the percentage with its meaning, such as "72 % genuine"."""
    return f"{percent(p_genuine)} genuine"


def reading(p_genuine: float) -> str:
    """Return the percentage and the tendency, such as "72 % genuine, leans genuine"."""
    return f"{percent_genuine(p_genuine)}, {tendency(p_genuine)}"


def brief(verdict: Verdict | None) -> str:
    """Return the reading in a few words, or the name of its state; "waiting" before the first."""
    if verdict is None:
        return "waiting"
    if verdict.p_genuine is None:
        return verdict.state.value.replace("_", " ")
    return reading(verdict.p_genuine)


def face_label(face_id: int) -> str:
    """Return the name of one of several faces, such as "face 2"."""
    return f"face {face_id}"


def run_verdict_phrase(run_verdict: RunVerdict, *, number: bool) -> str:
    """Return the run's verdict and how many seconds were judged; its percentage if `number`."""
    text = run_reading(run_verdict, number=number)
    if run_verdict.p_genuine is None:
        return text
    return f"{text}, from {run_verdict.judged_s:.1f} s of judged movement"


def run_reading(run_verdict: RunVerdict, *, number: bool) -> str:
    """Return the run's verdict alone; its percentage if `number`."""
    if run_verdict.p_genuine is None:
        return NOTHING_JUDGED
    if run_verdict.state == State.UNCERTAIN:
        return f"undecided: {TOO_CLOSE}" if number else "undecided"
    return reading(run_verdict.p_genuine) if number else tendency(run_verdict.p_genuine)


def frames_line(counts: FrameCounts) -> str:
    """Return frames captured, processed, and dropped by reason."""
    reasons = _reasons(counts.dropped)
    dropped = f"{sum(counts.dropped.values())} dropped{f' ({reasons})' if reasons else ''}"
    return f"{counts.captured} captured, {counts.processed} processed, {dropped}"


def not_described_line(faces: Mapping[str, int]) -> str:
    """Return how many faces were not described, by reason; empty if all were."""
    total = sum(faces.values())
    were = "face was" if total == 1 else "faces were"
    return f"{total} {were} due and not described ({_reasons(faces)})" if total else ""


def searches_unused_line(searches: Mapping[str, int]) -> str:
    """Return how many searches by the CNN detector were not used, by reason; empty if all were."""
    total = sum(searches.values())
    were = "search was" if total == 1 else "searches were"
    return f"{total} slow face {were} not used ({_reasons(searches)})" if total else ""


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in sorted(counts.items()) if count)


def tracking_line(face: Face) -> str:
    """Return the tracker's confidence; at a PSR of 7 a face is occluded or lost.

    Source: Bolme et al. 2010, section 3.5.
    """
    grade = "too low" if face.psr < LOST_PSR else "fair" if face.psr < 15 else "high"
    return f"tracking confidence (PSR) {int(face.psr)}, {grade}; lost below {LOST_PSR}"


def view_quality_line(quality: ViewQuality) -> str:
    """Return sharpness, light and head turn in words, each with its value."""
    sharp = "blurred" if quality.sharpness < 30 else "soft" if quality.sharpness < 80 else "sharp"
    light = (
        "dark" if quality.brightness < 50 else "glaring" if quality.brightness > 210 else "well lit"
    )
    return (
        f"{sharp} ({quality.sharpness:.0f}), {light} ({quality.brightness:.0f}), "
        f"{head_turn(quality.yaw)}"
    )


def expression_line(expression: Expression) -> str:
    """Return the strongest actions of the face, such as "smile 62 %, squint left 31 %"."""
    named = sorted(_actions(expression.by_name()).items(), key=lambda item: -item[1])
    shown = [f"{name} {percent(value)}" for name, value in named if value >= FAINT_ACTION]
    return ", ".join(shown[:MAX_ACTIONS]) or NO_ACTION


def _actions(values: Mapping[str, float]) -> dict[str, float]:
    """Return the values by action in words; one for both sides where they are about even."""
    found = {}
    for name, value in values.items():
        action, other = name.removesuffix(LEFT), name.removesuffix(LEFT) + RIGHT
        if name.endswith(LEFT) and other in values and abs(value - values[other]) < UNEVEN:
            found[action] = (value + values[other]) / 2
        elif not (name.endswith(RIGHT) and name.removesuffix(RIGHT) in found):
            found[name] = value
    return {name.replace("_", " "): value for name, value in found.items()}


def person_line(person: PersonStatus, expected_name: str) -> str:
    """Return how much is learned of the tracked person; `expected_name` is empty without one."""
    count = expressions(person.known_expressions)
    if person.is_expected:
        return f"{clean(expected_name)}, saved profile with {count}"
    wrong_person = expected_name and not person.neutral_reset
    prefix = f"this is not {clean(expected_name)}; " if wrong_person else ""
    return f"{prefix}learning {'their' if expected_name else 'your'} neutral face: {count}"


def expressions(count: int) -> str:
    """Return a number of expressions, such as "1 expression"."""
    return f"{count} expression{'' if count == 1 else 's'}"


def head_turn(yaw: float) -> str:
    """Return where the head points, with its yaw from -1 (left) to 1 (right)."""
    side = "left" if yaw < 0 else "right"
    amount = "turned a little" if abs(yaw) < 0.4 else "turned"
    direction = "facing the camera" if abs(yaw) < 0.2 else f"{amount} {side}"
    return f"{direction} ({yaw:+.2f})"


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
    return f"{name} gives {granted}; asked for {' at '.join(filter(None, (size, rate)))}"


def clean(text: str) -> str:
    """Return `text` with control characters as "?": a file name must not steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _tendency(p_genuine: float) -> tuple[str, str]:
    shown = float(f"{100 * p_genuine:.0f}")
    return next((phrase, hue) for highest, phrase, hue in _TENDENCIES if shown <= highest)


def engine(setting: RunSetting) -> str:
    """Return the engine of a run, and what fits the landmarks if it is not the kernel."""
    by = "" if setting.landmarks == KERNEL else f", landmarks by {setting.landmarks}"
    return clean(setting.engine) + by
