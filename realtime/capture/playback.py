"""Playback range of a file: start, end, speed, loop; parsing of its options."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from realtime.core.errors import UsageError

SLOWEST, FASTEST = 0.05, 20.0
DEMO_NEUTRAL_AT_S = 0.6  # in the demo clip, whose portrait smiles at rest
BETWEEN_ROUNDS_S = 0.5  # longer than the gap a window bridges: no window spans two loops


@dataclass(frozen=True, slots=True)
class PlaybackRange:
    """Range `from_s` to `to_s` in file time, played at `speed` times the original speed."""

    from_s: float = 0.0
    to_s: float = math.inf
    loop: bool = False
    speed: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.from_s < self.to_s:
            raise UsageError(_nothing_between(self.from_s, self.to_s))
        if not SLOWEST <= self.speed <= FASTEST:
            raise UsageError(f"--speed is {self.speed:g}; want {SLOWEST:g} to {FASTEST:g}")


def _nothing_between(from_s: float, to_s: float) -> str:
    if from_s == 0:
        return f"--to is {to_s:g} s; want a time after the start of the file"
    return f"--from {from_s:g} s is not before --to {to_s:g} s. Swap them, or leave one out"


WHOLE_FILE = PlaybackRange()


def parse_seconds(option: str, text: str) -> float:
    """Parse 12, 12s, 12.5s, 1:30 or 1:02:03 into seconds; raise `UsageError` otherwise."""
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?s?", text):
        raise UsageError(f"{option} is {text!r}; want seconds such as 12s or 1.5s, or 1:30")
    total = 0.0
    for part in text.removesuffix("s").split(":"):
        total = 60 * total + float(part)
    return total


def parse_size_px(text: str) -> tuple[int, int]:
    """Parse 1280x720 into (width, height); raise `UsageError` otherwise."""
    match = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text)
    if match is None:
        raise UsageError(f"--size is {text!r}; want width and height such as 1280x720")
    return int(match[1]), int(match[2])


def parse_number(option: str, text: str) -> float:
    """Parse a finite number above 0; raise `UsageError` otherwise."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < math.inf:
        raise UsageError(f"{option} is {text!r}; want a number above 0")
    return value
