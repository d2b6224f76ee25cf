"""The gauge as drawn below the window's picture: state, needle, reason, keys."""

from __future__ import annotations

import cv2

from realtime.core.messages import Image, Verdict
from realtime.core.snapshot import Snapshot
from realtime.view import phrases
from realtime.view.window.ghosts import bgr

Colour = tuple[int, int, int]

PANEL_PX = 158
WHITE: Colour = (240, 240, 240)
_GRAY: Colour = (150, 150, 150)
_TRACK: Colour = (80, 80, 80)
_EDGE_PX = 16
SMALL = 0.45
_FONT = cv2.FONT_HERSHEY_DUPLEX


def draw_dial(panel: Image, snapshot: Snapshot) -> None:
    """Draw what is said, the needle, the reason and the keys onto `panel`, which is `PANEL_PX` high."""
    verdict = snapshot.verdict
    p = None if verdict is None else verdict.p_genuine
    _headline(panel, verdict, p)
    _needle(panel, p)
    asked = phrases.clean(snapshot.setting.emotion) + ("   recording" if snapshot.recording else "")
    _write_right(panel, asked, PANEL_PX - 38, WHITE, SMALL)
    _footer(panel, verdict, panel.shape[1] - 3 * _EDGE_PX - _width_px(asked))


def colour_of(verdict: Verdict | None) -> Colour:
    """The side's colour for a reading, gray where there is none."""
    if verdict is None or verdict.p_genuine is None:
        return _GRAY
    return bgr(phrases.GENUINE_HEX if verdict.p_genuine >= 0.5 else phrases.FAKE_HEX)


def needle_px(p_genuine: float, width_px: int) -> int:
    """The needle's column on a panel of this width."""
    return _EDGE_PX + round(p_genuine * (width_px - 1 - 2 * _EDGE_PX))


def _headline(panel: Image, verdict: Verdict | None, p: float | None) -> None:
    if verdict is None:
        _write(panel, phrases.WAITING, (_EDGE_PX, 30), _GRAY)
    elif p is None:
        _write(panel, phrases.sentence(verdict.state, verdict.emotion), (_EDGE_PX, 30), WHITE)
    else:
        _write(panel, phrases.reading(p), (_EDGE_PX, 30), colour_of(verdict), 0.8)
        _write_right(panel, f"{phrases.percent(p)} genuine", 30, colour_of(verdict), 0.8)


def _needle(panel: Image, p: float | None) -> None:
    width = panel.shape[1]
    left, middle, right = (needle_px(place, width) for place in (0.0, 0.5, 1.0))
    lit = p is not None
    _write(panel, "FAKE", (_EDGE_PX, 60), bgr(phrases.FAKE_HEX) if lit else _TRACK, 0.45)
    _write_right(panel, "GENUINE", 60, bgr(phrases.GENUINE_HEX) if lit else _TRACK, 0.45)
    cv2.rectangle(panel, (left, 72), (right, 80), _TRACK, cv2.FILLED if lit else 1)
    if p is not None:
        at = needle_px(p, width)
        colour = bgr(phrases.GENUINE_HEX if p >= 0.5 else phrases.FAKE_HEX)
        cv2.rectangle(panel, (min(at, middle), 70), (max(at, middle), 82), colour, cv2.FILLED)
        cv2.line(panel, (middle, 66), (middle, 86), _GRAY, 1)
        cv2.rectangle(panel, (at - 2, 64), (at + 2, 88), WHITE, cv2.FILLED)


def _footer(panel: Image, verdict: Verdict | None, beside_px: int) -> None:
    """Keys, and above them the reason: its last line, of two at most, has `beside_px` beside what is asked about."""
    keys = "   ".join(f"{key} {meaning}" for key, meaning in phrases.KEYS)
    _write(panel, keys, (_EDGE_PX, PANEL_PX - 14), _GRAY, SMALL)
    if verdict is not None:
        said = phrases.sentence(verdict.state, verdict.emotion)
        told = verdict.reason if verdict.p_genuine is None else said
        if told != said or verdict.p_genuine is not None:
            for line, up_px in zip(
                reversed(_lines(phrases.clean(told), beside_px)), (38, 56), strict=False
            ):
                _write(panel, line, (_EDGE_PX, PANEL_PX - up_px), _GRAY, SMALL)


def _lines(text: str, width_px: int) -> list[str]:
    """`text` in lines of words that are no wider."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and _width_px(longer) > width_px:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines[:2]


def _width_px(text: str, size: float = SMALL) -> int:
    return int(cv2.getTextSize(text, _FONT, size, 1)[0][0])


def _write(panel: Image, text: str, at: tuple[int, int], colour: Colour, size: float = 0.7) -> None:
    plain = text.encode("ascii", "replace").decode()  # OpenCV's fonts know no other letters
    cv2.putText(panel, plain, at, _FONT, size, colour, 1, cv2.LINE_AA)


def _write_right(panel: Image, text: str, baseline_px: int, colour: Colour, size: float) -> None:
    _write(
        panel, text, (panel.shape[1] - _EDGE_PX - _width_px(text, size), baseline_px), colour, size
    )
