"""Dial below the window's picture: state, needle, reason, keys."""

from __future__ import annotations

import re

import cv2

from realtime.core.messages import Image, Verdict
from realtime.core.snapshot import Snapshot
from realtime.view import phrases
from realtime.view.answers import Answers, answers_of
from realtime.view.window.ghosts import bgr
from realtime.view.words.catalogue import text

Colour = tuple[int, int, int]

PANEL_PX = 194
WHITE: Colour = (240, 240, 240)
GRAY: Colour = (150, 150, 150)
TRACK: Colour = (80, 80, 80)
EDGE_PX = 16
_HEADLINE, SMALL = 0.7, 0.45
FONT = cv2.FONT_HERSHEY_DUPLEX
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


def draw_dial(panel: Image, snapshot: Snapshot, note: str = "") -> None:
    """Draw headline, needle, reason and keys onto `panel`, which is `PANEL_PX` high.

    `note` takes the place of the keys.
    """
    verdict = snapshot.verdict
    p = None if verdict is None else verdict.p_genuine
    answers = answers_of(snapshot)
    _headline(panel, verdict, p, answers.headline)
    _needle(panel, p)
    corner = phrases.subject(snapshot.setting.emotion, verdict, snapshot.faces)
    corner += f"   {text('recording')}" if snapshot.recording else ""
    _write_right(panel, corner, PANEL_PX - 38, WHITE, SMALL)
    _answers(panel, snapshot, answers, panel.shape[1] - 3 * EDGE_PX - text_width_px(corner))
    meanings = phrases.key_meanings(guide=snapshot.guide_offered)
    keys = "   ".join(f"{key} {meaning}" for key, meaning in meanings)
    line, room_px = note or keys, panel.shape[1] - 2 * EDGE_PX
    size = min(SMALL, SMALL * room_px / text_width_px(line))
    write_text(panel, line, (EDGE_PX, PANEL_PX - 14), WHITE if note else GRAY, size)


def colour_of(verdict: Verdict | None) -> Colour:
    """Return the BGR colour of a reading's side, gray without a reading."""
    if verdict is None or verdict.p_genuine is None:
        return GRAY
    return bgr(phrases.colour(verdict.p_genuine))


def needle_px(p_genuine: float, width_px: int) -> int:
    """Return the needle's column on a panel of this width."""
    return EDGE_PX + round(p_genuine * (width_px - 1 - 2 * EDGE_PX))


def _headline(panel: Image, verdict: Verdict | None, p: float | None, phrase: str) -> None:
    if verdict is None:
        write_text(panel, phrase, (EDGE_PX, 30), GRAY)
    elif p is None:
        room_px = panel.shape[1] - 2 * EDGE_PX
        size = min(_HEADLINE, _HEADLINE * room_px / text_width_px(phrase, _HEADLINE))
        write_text(panel, phrase, (EDGE_PX, 30), WHITE, size)
    else:
        write_text(panel, phrase, (EDGE_PX, 30), colour_of(verdict), 0.8)
        _write_right(panel, phrases.percent_genuine(p), 30, colour_of(verdict), 0.8)


def _needle(panel: Image, p: float | None) -> None:
    width = panel.shape[1]
    left, middle, right = (needle_px(share, width) for share in (0.0, 0.5, 1.0))
    lit = p is not None
    fake, genuine = text("side.fake").upper(), text("side.genuine").upper()
    write_text(panel, fake, (EDGE_PX, 60), bgr(phrases.FAKE_HEX) if lit else TRACK, 0.45)
    _write_right(panel, genuine, 60, bgr(phrases.GENUINE_HEX) if lit else TRACK, 0.45)
    cv2.rectangle(panel, (left, 72), (right, 80), TRACK, cv2.FILLED if lit else 1)
    if p is not None:
        x = needle_px(p, width)
        colour = bgr(phrases.colour(p))
        cv2.rectangle(panel, (min(x, middle), 70), (max(x, middle), 82), colour, cv2.FILLED)
        cv2.line(panel, (middle, 66), (middle, 86), GRAY, 1)
        cv2.rectangle(panel, (x - 2, 64), (x + 2, 88), WHITE, cv2.FILLED)


def _answers(panel: Image, snapshot: Snapshot, answers: Answers, width_px: int) -> None:
    """Draw how sure, why and what would help, `width_px` wide at the corner, above the keys."""
    full_px = panel.shape[1] - 2 * EDGE_PX
    said = wrap(_join(answers.sure, answers.why), full_px, 3)
    lines = [*said, *wrap(answers.better, width_px)]
    for number, line in enumerate([each for each in lines if each][:4]):
        write_text(panel, line, (EDGE_PX, 106 + 18 * number), GRAY, SMALL)


def _join(*parts: str) -> str:
    return "; ".join(filter(None, parts))


def wrap(line: str, width_px: int, most: int = 2) -> list[str]:
    """Return the first lines of `line`, wrapped between words, at most `most`; 50 % is one word."""
    lines = [""]
    for word in re.split(r" +(?!%)", line.strip()):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width_px(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:most]


def text_width_px(line: str, size: float = SMALL) -> int:
    """Return the width of a line of text."""
    return int(cv2.getTextSize(ascii_text(line), FONT, size, 1)[0][0])


def write_text(
    panel: Image, line: str, origin: tuple[int, int], colour: Colour, size: float = _HEADLINE
) -> None:
    """Draw one line of text."""
    cv2.putText(panel, ascii_text(line), origin, FONT, size, colour, 1, cv2.LINE_AA)


def ascii_text(line: str) -> str:
    """Return `line` as OpenCV's fonts can draw it, which hold ASCII only: "ä" as "ae", else "?"."""
    return line.translate(_LETTERS).encode("ascii", "replace").decode()


def _write_right(panel: Image, line: str, baseline_px: int, colour: Colour, size: float) -> None:
    x = panel.shape[1] - EDGE_PX - text_width_px(line, size)
    write_text(panel, line, (x, baseline_px), colour, size)
