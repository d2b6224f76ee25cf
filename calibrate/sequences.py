"""What learning sees of each clip: its apex window as movement, varied a little anew every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from calibrate.dataset import Dataset, Span
from engines.shape import LANDMARKS
from realtime.motion.basis import Basis
from realtime.motion.person import Population, Profile
from realtime.values import Floats


@dataclass(frozen=True, slots=True)
class Variety:
    """How sequences are varied: the window moves up to `shift_s`, points get `noise` (in ranges), profiles are redrawn.

    `draws` says from how many other clips of the person a profile comes, and how many such profiles there are: the
    network meets in learning the very uncertainty about the person that it meets live. Worth more than all else here.
    """

    shift_s: float = 0.5
    noise: float = 0.1
    draws: tuple[tuple[int, int], ...] = ((5, 5), (10, 10), (20, 5))


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What the network sees (B, T, 80) in `lengths` (B,) frames, with the truth and its weight (B,)."""

    windows: Tensor
    lengths: Tensor
    emotion: Tensor
    genuine: Tensor
    weight: Tensor


class Sequences:
    """The apex windows of some clips of a dataset, each seen with several profiles of its person."""

    def __init__(
        self,
        data: Dataset,
        clips: NDArray[np.intp],
        profiles: Mapping[int, list[Profile]],
        basis: Basis,
        variety: Variety,
    ) -> None:
        self._data, self._clips, self._basis, self._variety = data, clips, basis, variety
        self._profiles = profiles
        self.emotions = tuple(str(emotion) for emotion in np.unique(data.emotions))
        self._emotion = np.searchsorted(self.emotions, data.emotions[clips])
        self._genuine = data.genuine[clips]
        self._weight = balanced(self._emotion, self._genuine)

    def __len__(self) -> int:
        return len(self._clips)

    def batch(self, chosen: NDArray[np.intp], rng: np.random.Generator) -> Batch:
        """The sequences number `chosen` (B,), varied by `rng`."""
        frames = self._data.timing.frames
        movement, lengths = np.zeros((len(chosen), frames, LANDMARKS), np.float32), np.zeros(len(chosen), np.int64)
        for row, number in enumerate(chosen):
            varied = self._varied(int(number), rng)
            movement[row, : len(varied)] = varied
            lengths[row] = len(varied)
        return Batch(
            torch.from_numpy(self._basis.fold(movement)),
            torch.from_numpy(lengths),
            torch.from_numpy(self._emotion[chosen].astype(np.int64)),
            torch.from_numpy(self._genuine[chosen].astype(np.float32)),
            torch.from_numpy(self._weight[chosen]),
        )

    def _varied(self, number: int, rng: np.random.Generator) -> Floats:
        clip = int(self._clips[number])
        profiles = self._profiles[clip]
        profile = profiles[rng.integers(len(profiles))]
        span = shifted(self._data.apexes[clip], self._variety.shift_s, self._data, clip, rng)
        movement = profile.movement(self._data.shapes[clip][span.start : span.stop])
        return movement + rng.normal(0, self._variety.noise, movement.shape).astype(np.float32)


def profiles(data: Dataset, clip: int, people: Population, variety: Variety, seed: int) -> list[Profile]:
    """Profiles of the person in `clip` from other clips as `variety` says; from the window where there are none."""
    rng, window = np.random.default_rng((seed, clip)), data.window(clip)
    return [
        people.profile(window, data.known(data.others(clip, k, rng)))
        for k, times in variety.draws
        for _ in range(times)
    ]


def shifted(span: Span, most_s: float, data: Dataset, clip: int, rng: np.random.Generator) -> Span:
    """`span` moved by up to `most_s`, still inside the clip."""
    most = round(most_s * data.timing.rate_hz)
    length = span.stop - span.start
    start = int(np.clip(span.start + rng.integers(-most, most + 1), 0, len(data.shapes[clip]) - length))
    return Span(start, start + length)


def balanced(emotion: NDArray[np.intp], genuine: NDArray[np.bool_]) -> Floats:
    """Weights (n,) under which felt and acted count the same within each emotion: base rates are not to be learned."""
    weight = np.ones(len(emotion), np.float32)
    for number in np.unique(emotion):
        of_emotion = emotion == number
        for felt in (True, False):
            chosen = of_emotion & (genuine == felt)
            if chosen.any():
                weight[chosen] = of_emotion.sum() / 2 / chosen.sum()
    return weight
