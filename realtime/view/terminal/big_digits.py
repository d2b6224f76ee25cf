"""Digits three lines tall, made of half blocks, readable from across a room."""

from __future__ import annotations

_FONT = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", "  #", "  #", "  #"),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    "%": ("# #", "  #", " # ", "#  ", "# #"),
    " ": (" ", " ", " ", " ", " "),
}
_HALVES = {"  ": " ", "# ": "▀", " #": "▄", "##": "█"}
ROWS = 3


def big_digit_rows(text: str) -> tuple[str, str, str]:
    """Return three lines of equal length that draw `text` (digits, % and spaces)."""
    pixels = [" ".join(_FONT[letter][row] for letter in text) for row in range(5)]
    pixels.append(" " * len(pixels[0]))
    first, second, third = (_join(pixels[row], pixels[row + 1]) for row in (0, 2, 4))
    return first, second, third


def _join(upper: str, lower: str) -> str:
    return "".join(_HALVES[high + low] for high, low in zip(upper, lower, strict=True))
