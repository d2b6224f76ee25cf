"""The gauge's words and colours, the same in the terminal, the window and the summary."""

from __future__ import annotations

from realtime.core.messages import Face, Frame, State, ViewQuality
from realtime.core.snapshot import FrameCounts, PersonStatus, RunVerdict

GENUINE_HEX = "#56b4e9"  # sky blue and orange of Okabe & Ito (2008): told apart in every kind of colour blindness
FAKE_HEX = "#e69f00"
KEYS = (
    ("q", "quit"),
    ("n", "I am neutral now"),
    ("e", "next emotion"),
    ("g", "ghosts"),
    ("r", "record"),
)

WAITING = "waiting for the first picture"
_SENTENCES = {
    State.NO_SIGNAL: "no picture from the source",
    State.NO_FACE: "no face in the picture",
    State.WARMING_UP: "getting to know the face",
    State.NEUTRAL: "no expression to judge",
    State.POOR_VIEW: "the face cannot be seen well enough",
    State.OTHER_EMOTION: "the movement does not look like {emotion}",
    State.JUDGING: "still judging, the needle may move",
    State.SETTLED: "the reading has settled",
    State.UNCERTAIN: "too close to call",
}


def sentence(state: State, emotion: str) -> str:
    """The state as a person would say it."""
    return _SENTENCES[state].format(
        emotion="any known emotion" if emotion in ("any", "auto") else emotion
    )


def reading(p_genuine: float) -> str:
    """A probability as a person would say it; symmetric about one half."""
    distance = abs(p_genuine - 0.5)
    if distance < 0.05:
        return "could be either"
    return f"{'leans' if distance < 0.25 else 'looks'} {'genuine' if p_genuine > 0.5 else 'fake'}"


def percent(p_genuine: float) -> str:
    """Such as "72 %", the needle's place between fake (0) and genuine (100)."""
    return f"{100 * p_genuine:.0f} %"


def run_verdict_phrase(whole: RunVerdict, *, number: bool) -> str:
    """A verdict on everything seen and the seconds it rests on; its percent only if `number` says so."""
    if whole.p_genuine is None:
        return "nothing judged yet"
    said = reading(whole.p_genuine)
    if whole.state == State.UNCERTAIN:
        said = _SENTENCES[State.UNCERTAIN]
    elif number:
        said += f", {percent(whole.p_genuine)} genuine"
    return f"{said}, from {whole.judged_s:.1f} s of evidence"


def frames_line(counts: FrameCounts) -> str:
    """Frames captured, processed, and dropped by reason."""
    reasons = ", ".join(
        f"{reason} {count}" for reason, count in sorted(counts.dropped.items()) if count
    )
    lost = f"{sum(counts.dropped.values())} dropped{f' ({reasons})' if reasons else ''}"
    return f"{counts.captured} captured, {counts.processed} processed, {lost}"


def tracking_line(face: Face) -> str:
    """How firmly the tracker holds the face: at a PSR of 7 it is occluded or lost (Bolme et al. 2010, section 3.5)."""
    grip = "losing the face" if face.psr < 8 else "loose hold" if face.psr < 15 else "firm hold"
    return f"{grip} (psr {face.psr:.1f})"


def view_quality_line(quality: ViewQuality) -> str:
    """Sharpness, light and head turn, each in words with its figure."""
    sharp = "blurred" if quality.sharpness < 30 else "soft" if quality.sharpness < 80 else "sharp"
    light = (
        "dark" if quality.brightness < 50 else "glaring" if quality.brightness > 210 else "well lit"
    )
    figures = (
        f"{sharp} ({quality.sharpness:.0f})",
        f"{light} ({quality.brightness:.0f})",
        turn(quality.yaw),
    )
    return ", ".join(figures)


def person_line(who: PersonStatus, name: str) -> str:
    """How well the person in front is known; `name` is who is expected, if anybody is."""
    count = f"{who.known_expressions} expression{'' if who.known_expressions == 1 else 's'}"
    if who.is_expected:
        return f"{clean(name)}, known by {count}"
    other = f"this is not {clean(name)}; " if name and not who.neutral_reset else ""
    return f"{other}getting to know {'them' if name else 'you'}: {count}"


def turn(yaw: float) -> str:
    """Where the head points, with its yaw from -1 (left) to 1 (right)."""
    side = "left" if yaw < 0 else "right"
    words = (
        "facing the camera"
        if abs(yaw) < 0.2
        else f"{'turned a little' if abs(yaw) < 0.4 else 'turned'} {side}"
    )
    return f"{words} ({yaw:+.2f})"


def granted_mode_note(
    name: str,
    given: str,
    size_px: tuple[int, int] | None,
    asked_hz: float | None,
    frame: Frame,
    hz: float,
) -> str:
    """What the camera gives where it is not what it was asked for; empty where it is."""
    same_size = size_px is None or frame.image.shape[1::-1] == size_px
    same_rate = asked_hz is None or not hz or abs(hz - asked_hz) < 0.5
    if same_size and same_rate:
        return ""
    asked = " at ".join(
        filter(None, ("x".join(map(str, size_px or ())), f"{asked_hz:g}/s" if asked_hz else ""))
    )
    return f"{name} gives {given}; asked for {asked}"


def clean(text: str) -> str:
    """The text without control characters: a file's name must not be able to steer the terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
