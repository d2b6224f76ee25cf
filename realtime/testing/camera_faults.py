"""What real cameras do wrong, as scripts for `FakeCamera`: each fault lasts a while, with good pictures around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from realtime.core.messages import Image
from realtime.testing.fake_camera import Nothing, Pause, Stamped, Step, Unplug

HZ = 30.0
SLOW_HZ = 5.0
JUMP_S = 3600.0

Picture = Callable[[int], Image]  # the number of a picture, from 0, to the picture
Bad = Callable[
    [Picture, float], Iterator[Step]
]  # good pictures and seconds to a stretch of bad ones


def good(picture: Picture, for_s: float, hz: float = HZ) -> Iterator[Step]:
    """`for_s` seconds of pictures, `hz` a second."""
    for number in range(round(for_s * hz)):
        yield picture(number)
        yield Pause(1 / hz)


def around(
    bad: Bad, picture: Picture, for_s: float, before_s: float, after_s: float
) -> Iterator[Step]:
    """Good pictures for `before_s`, the fault for `for_s`, and good ones again for `after_s`."""
    yield from good(picture, before_s)
    yield from bad(picture, for_s)
    yield from good(picture, after_s)


def unplugged(picture: Picture, for_s: float) -> Iterator[Step]:
    """Away, and then back."""
    yield Unplug(for_s)


def blocked(picture: Picture, for_s: float) -> Iterator[Step]:
    """A read that does not return for so long; it can be opened meanwhile, and still gives nothing."""
    yield Pause(for_s)


def repeating(picture: Picture, for_s: float) -> Iterator[Step]:
    """The same picture over and over."""
    last = picture(0)
    yield from good(lambda number: last.copy(), for_s)


def hollow(picture: Picture, for_s: float) -> Iterator[Step]:
    """Success after success, and no picture in any."""
    yield Nothing(for_s)


def black(picture: Picture, for_s: float) -> Iterator[Step]:
    """A covered lens: black with a little noise, so that no picture repeats."""
    noise = np.random.default_rng(0)
    shape = picture(0).shape
    yield from good(lambda number: noise.integers(0, 4, shape, np.uint8), for_s)


def resizing(picture: Picture, for_s: float) -> Iterator[Step]:
    """Another size with every picture."""
    yield from good(lambda number: np.ascontiguousarray(picture(number)[number % 2 + 1 :]), for_s)


def slow(picture: Picture, for_s: float) -> Iterator[Step]:
    """Five frames a second."""
    yield from good(picture, for_s, SLOW_HZ)


def ahead(picture: Picture, for_s: float) -> Iterator[Step]:
    """Timestamps that jump an hour ahead and back, once in 0.4 s."""
    yield from _stamped(picture, for_s, JUMP_S)


def back(picture: Picture, for_s: float) -> Iterator[Step]:
    """Timestamps that go an hour back and return, once in 0.4 s."""
    yield from _stamped(picture, for_s, -JUMP_S)


def _stamped(picture: Picture, for_s: float, off_s: float) -> Iterator[Step]:
    for number in range(round(for_s * HZ)):
        yield Stamped(picture(number), off_s if number // 6 % 2 == 0 else 0.0)
        yield Pause(1 / HZ)


FAULTS: dict[str, Bad] = {
    "unplugged": unplugged,
    "blocked": blocked,
    "repeating": repeating,
    "hollow": hollow,
    "black": black,
    "resizing": resizing,
    "slow": slow,
    "ahead": ahead,
    "back": back,
}
