"""Faults of real cameras as scripts for `FakeCamera`, each between good frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from realtime.core.messages import Image
from realtime.testing.fake_camera import Nothing, Pause, Stamped, Step, Unplug

HZ = 30.0
SLOW_HZ = 5.0
JUMP_S = 3600.0

Picture = Callable[[int], Image]  # picture by number, from 0
Fault = Callable[[Picture, float], Iterator[Step]]  # good pictures, duration in s -> bad steps


def good(picture: Picture, for_s: float, hz: float = HZ) -> Iterator[Step]:
    """Yield pictures for `for_s` seconds at `hz`."""
    for number in range(round(for_s * hz)):
        yield picture(number)
        yield Pause(1 / hz)


def with_good_frames_around(
    bad: Fault, picture: Picture, for_s: float, before_s: float, after_s: float
) -> Iterator[Step]:
    """Yield good pictures for `before_s`, the fault for `for_s`, good pictures for `after_s`."""
    yield from good(picture, before_s)
    yield from bad(picture, for_s)
    yield from good(picture, after_s)


def unplugged(picture: Picture, for_s: float) -> Iterator[Step]:
    """Disconnect the camera, then reconnect it."""
    yield Unplug(for_s)


def blocked(picture: Picture, for_s: float) -> Iterator[Step]:
    """Block every read; the camera can be reopened meanwhile, but delivers nothing."""
    yield Pause(for_s)


def repeating(picture: Picture, for_s: float) -> Iterator[Step]:
    """Repeat the same picture."""
    last = picture(0)
    yield from good(lambda number: last.copy(), for_s)


def empty_reads(picture: Picture, for_s: float) -> Iterator[Step]:
    """Report successful reads without a picture."""
    yield Nothing(for_s)


def black(picture: Picture, for_s: float) -> Iterator[Step]:
    """Show a covered lens: black with slight noise, so that no picture repeats."""
    noise = np.random.default_rng(0)
    shape = picture(0).shape
    yield from good(lambda number: noise.integers(0, 4, shape, np.uint8), for_s)


def resizing(picture: Picture, for_s: float) -> Iterator[Step]:
    """Change the size with every picture."""
    yield from good(lambda number: np.ascontiguousarray(picture(number)[number % 2 + 1 :]), for_s)


def slow(picture: Picture, for_s: float) -> Iterator[Step]:
    """Deliver five frames per second."""
    yield from good(picture, for_s, SLOW_HZ)


def ahead(picture: Picture, for_s: float) -> Iterator[Step]:
    """Shift timestamps an hour ahead and back, every 0.4 s."""
    yield from _stamped(picture, for_s, JUMP_S)


def back(picture: Picture, for_s: float) -> Iterator[Step]:
    """Shift timestamps an hour back and forth, every 0.4 s."""
    yield from _stamped(picture, for_s, -JUMP_S)


def _stamped(picture: Picture, for_s: float, off_s: float) -> Iterator[Step]:
    for number in range(round(for_s * HZ)):
        yield Stamped(picture(number), off_s if number // 6 % 2 == 0 else 0.0)
        yield Pause(1 / HZ)


FAULTS: dict[str, Fault] = {
    "unplugged": unplugged,
    "blocked": blocked,
    "repeating": repeating,
    "hollow": empty_reads,
    "black": black,
    "resizing": resizing,
    "slow": slow,
    "ahead": ahead,
    "back": back,
}
