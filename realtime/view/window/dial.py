"""Dial below the window's picture: state, needle, reason, keys."""

from __future__ import annotations

import re

import cv2

from realtime.core.messages import Image, Verdict
from realtime.core.snapshot import Snapshot
from realtime.view import phrases
from realtime.view.window.ghosts import bgr

Colour = tuple[int, int, int]

PANEL_PX = 158
WHITE: Colour = (240, 240, 240)
GRAY: Colour = (150, 150, 150)
TRACK: Colour = (80, 80, 80)
EDGE_PX = 16
_HEADLINE, SMALL = 0.7, 0.45
FONT = cv2.FONT_HERSHEY_DUPLEX


def draw_dial(panel: Image, snapshot: Snapshot, note: str = "") -> None:
    """Draw headline, needle, reason and keys onto `panel`, which is `PANEL_PX` high.

    `note` takes the place of the keys.
    """
    verdict = snapshot.verdict
    p = None if verdict is None else verdict.p_genuine
    _headline(panel, verdict, p)
    _needle(panel, p)
    corner = phrases.subject(snapshot.setting.emotion, verdict, snapshot.faces)
    corner += "   recording" if snapshot.recording else ""
    _write_right(panel, corner, PANEL_PX - 38, WHITE, SMALL)
    _reason(panel, verdict, panel.shape[1] - 3 * EDGE_PX - _width_px(corner))
    keys = "   ".join(f"{key} {meaning}" for key, meaning in phrases.KEYS)
    write_text(panel, note or keys, (EDGE_PX, PANEL_PX - 14), WHITE if note else GRAY, SMALL)


def colour_of(verdict: Verdict | None) -> Colour:
    """Return the BGR colour of a reading's side, gray without a reading."""
    if verdict is None or verdict.p_genuine is None:
        return GRAY
    return bgr(phrases.colour(verdict.p_genuine))


def needle_px(p_genuine: float, width_px: int) -> int:
    """Return the needle's column on a panel of this width."""
    return EDGE_PX + round(p_genuine * (width_px - 1 - 2 * EDGE_PX))


def _headline(panel: Image, verdict: Verdict | None, p: float | None) -> None:
    if verdict is None:
        write_text(panel, phrases.WAITING, (EDGE_PX, 30), GRAY)
    elif p is None:
        phrase = phrases.state_phrase(verdict.state, verdict.emotion)
        room_px = panel.shape[1] - 2 * EDGE_PX
        size = min(_HEADLINE, _HEADLINE * room_px / _width_px(phrase, _HEADLINE))
        write_text(panel, phrase, (EDGE_PX, 30), WHITE, size)
    else:
        write_text(panel, phrases.tendency(p), (EDGE_PX, 30), colour_of(verdict), 0.8)
        _write_right(panel, phrases.percent_genuine(p), 30, colour_of(verdict), 0.8)


def _needle(panel: Image, p: float | None) -> None:
    width = panel.shape[1]
    left, middle, right = (needle_px(share, width) for share in (0.0, 0.5, 1.0))
    lit = p is not None
    write_text(panel, "FAKE", (EDGE_PX, 60), bgr(phrases.FAKE_HEX) if lit else TRACK, 0.45)
    _write_right(panel, "GENUINE", 60, bgr(phrases.GENUINE_HEX) if lit else TRACK, 0.45)
    cv2.rectangle(panel, (left, 72), (right, 80), TRACK, cv2.FILLED if lit else 1)
    if p is not None:
        x = needle_px(p, width)
        colour = bgr(phrases.colour(p))
        cv2.rectangle(panel, (min(x, middle), 70), (max(x, middle), 82), colour, cv2.FILLED)
        cv2.line(panel, (middle, 66), (middle, 86), GRAY, 1)
        cv2.rectangle(panel, (x - 2, 64), (x + 2, 88), WHITE, cv2.FILLED)


def _reason(panel: Image, verdict: Verdict | None, width_px: int) -> None:
    """Draw up to two lines of reason or state, `width_px` wide, above the keys."""
    if verdict is None:
        return
    if verdict.p_genuine is None:
        text = phrases.reason(verdict)
    else:
        text = phrases.state_phrase(verdict.state, verdict.emotion)
    for line, up_px in zip(reversed(_wrap(text, width_px)), (38, 56), strict=False):
        write_text(panel, line, (EDGE_PX, PANEL_PX - up_px), GRAY, SMALL)


def _wrap(text: str, width_px: int) -> list[str]:
    """Return the first two lines of `text`, wrapped between words; 50 % is one word."""
    lines = [""]
    for word in re.split(r" +(?!%)", text.strip()):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width_px(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:2]


def _width_px(text: str, size: float = SMALL) -> int:
    return int(cv2.getTextSize(text, FONT, size, 1)[0][0])


def write_text(
    panel: Image, text: str, origin: tuple[int, int], colour: Colour, size: float = _HEADLINE
) -> None:
    """Draw one line of text; what OpenCV's fonts lack becomes "?"."""
    plain = text.encode("ascii", "replace").decode()  # OpenCV's fonts hold ASCII only
    cv2.putText(panel, plain, origin, FONT, size, colour, 1, cv2.LINE_AA)


def _write_right(panel: Image, text: str, baseline_px: int, colour: Colour, size: float) -> None:
    x = panel.shape[1] - EDGE_PX - _width_px(text, size)
    write_text(panel, text, (x, baseline_px), colour, size)
