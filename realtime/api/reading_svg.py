"""A reading as a small picture (SVG) for notebooks: the face's outline, the needle, the words."""

from __future__ import annotations

from html import escape

import numpy as np

from realtime.core.messages import Floats, Verdict
from realtime.landmarks.points40 import FACE_LINES
from realtime.view.phrases import FAKE_HEX, GENUINE_HEX, colour, reading, reason, state_phrase

WIDTH, HEIGHT, FACE_PX = 440, 128, 92  # of the picture, and of the square around the face
LEFT, RIGHT, SCALE_Y = 136, 416, 64  # of the needle's scale
LONGEST = 46  # letters of a line
PAPER, INK, FAINT = "#14171c", "#f2f2f2", "#9aa3ad"
FONT = "system-ui, sans-serif"
BOLD, END = ' font-weight="700"', ' text-anchor="end"'


def draw_reading(verdict: Verdict) -> str:
    """Return the picture as one SVG element; its title says the same in words."""
    words, why = _words(verdict)
    heading = f"{verdict.emotion} at {verdict.at_s:.2f} s"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" role="img" font-family="{FONT}">',
        f"<title>{escape(f'{heading}: {words}. {why}'.rstrip(' .'))}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="10" fill="{PAPER}"/>',
        *_face(verdict.points_px),
        _text((LEFT, 24), heading, FAINT, 12),
        *_needle(verdict.p_genuine),
        _text((LEFT, 100), _short(words), INK, 13, BOLD),
        _text((LEFT, 117), _short(why), FAINT, 11),
        "</svg>",
    ]
    return "".join(parts)


def _words(verdict: Verdict) -> tuple[str, str]:
    """Return what the needle or the state says, and more about it; the latter may be empty."""
    state = state_phrase(verdict.state, verdict.emotion)
    if verdict.p_genuine is not None:
        return reading(verdict.p_genuine), state
    return state, reason(verdict)


def _short(text: str) -> str:
    """Return what fits on the line."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _needle(p_genuine: float | None) -> list[str]:
    """Return the scale from FAKE to GENUINE, and the needle where there is a number."""
    middle, lit = (LEFT + RIGHT) / 2, p_genuine is not None
    parts = [
        _text((LEFT, 48), "FAKE", FAKE_HEX if lit else FAINT, 11, BOLD),
        _text((RIGHT, 48), "GENUINE", GENUINE_HEX if lit else FAINT, 11, BOLD + END),
        _bar(LEFT, RIGHT, "#3a414b"),
    ]
    if p_genuine is not None:
        x, hue = LEFT + p_genuine * (RIGHT - LEFT), colour(p_genuine)
        parts += [
            _bar(min(x, middle), max(x, middle), hue),
            f'<path d="M{x:.1f} {SCALE_Y + 8} l-7 12 h14 z" fill="{hue}"/>',
        ]
    tick = f'x="{middle - 0.5:.1f}" y="{SCALE_Y - 8}" width="1" height="16"'
    return [*parts, f'<rect {tick} fill="{FAINT}"/>']


def _bar(left: float, right: float, hue: str) -> str:
    at = f'x="{left:.1f}" y="{SCALE_Y - 4}" width="{right - left:.1f}" height="8"'
    return f'<rect {at} rx="4" fill="{hue}"/>'


def _face(points_px: Floats | None) -> list[str]:
    """Return the outline of the face, scaled into its square; a dashed ring without a face."""
    x, y = 20, (HEIGHT - FACE_PX) / 2
    if points_px is None:
        ring = f'cx="{x + FACE_PX / 2}" cy="{HEIGHT / 2}" r="{FACE_PX / 2 - 6}"'
        return [f'<circle {ring} fill="none" stroke="{FAINT}" stroke-dasharray="4 5"/>']
    low, high = points_px.min(axis=0), points_px.max(axis=0)
    scale = FACE_PX / max(float((high - low).max()), 1e-6)
    centred = (points_px - (low + high) / 2) * scale + np.array([x + FACE_PX / 2, y + FACE_PX / 2])
    lines = (" ".join(f"{px:.1f},{py:.1f}" for px, py in centred[line]) for line in FACE_LINES)
    style = f'fill="none" stroke="{INK}" stroke-width="1.5" stroke-linejoin="round"'
    return [f'<polyline points="{line}" {style}/>' for line in lines]


def _text(at: tuple[float, float], words: str, hue: str, px: int, style: str = "") -> str:
    place = f'x="{at[0]:.0f}" y="{at[1]:.0f}"'
    return f'<text {place} fill="{hue}" font-size="{px}"{style}>{escape(words)}</text>'
