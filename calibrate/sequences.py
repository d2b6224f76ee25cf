"""What learning sees of each clip: its apex window as movement, varied a little anew every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from calibrate.dataset import Dataset, Span, mirror
from engines.shape import LANDMARKS
from realtime.motion.person import Population, Profile
from realtime.values import Floats


@dataclass(frozen=True, slots=True)
class Variety:
    """How sequences are varied: the window moves by up to `shift_s`, half are mirrored, points get `noise`."""

    shift_s: float = 0.3
    mirror: bool = True
    noise: float = 0.0  # standard deviation in movement ranges


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Movement (B, T, 80) of `lengths` (B,) frames, with the truth and its weight (B,)."""

    windows: Tensor
    lengths: Tensor
    emotion: Tensor
    genuine: Tensor
    weight: Tensor


class Sequences:
    """The apex windows of some clips of a dataset, each seen from several profiles of its person.

    A profile comes from `known` other clips, drawn several times: the network meets in learning the same uncertainty
    about the person that it meets live.
    """

    def __init__(
        self,
        data: Dataset,
        clips: NDArray[np.intp],
        population: Population,
        known: Sequence[int],
        variety: Variety,
        draws: int,
        seed: int,
    ) -> None:
        self._data, self._clips, self._variety = data, clips, variety
        self.emotions = tuple(np.unique(data.emotions))
        rng = np.random.default_rng(seed)
        self._profiles = [
            [_profile(data, clip, population, known[d % len(known)], rng) for d in range(draws)] for clip in clips
        ]
        self._emotion = np.searchsorted(self.emotions, data.emotions[clips])
        self._genuine = data.genuine[clips]
        self._weight = balanced(self._emotion, self._genuine)

    def __len__(self) -> int:
        return len(self._clips)

    def batch(self, chosen: NDArray[np.intp], rng: np.random.Generator) -> Batch:
        """The sequences number `chosen` (B,), varied by `rng`."""
        frames = self._data.timing.frames
        windows, lengths = np.zeros((len(chosen), frames, LANDMARKS), np.float32), np.zeros(len(chosen), np.int64)
        for row, number in enumerate(chosen):
            movement = self._varied(int(number), rng)
            windows[row, : len(movement)] = movement
            lengths[row] = len(movement)
        return Batch(
            torch.from_numpy(windows),
            torch.from_numpy(lengths),
            torch.from_numpy(self._emotion[chosen].astype(np.int64)),
            torch.from_numpy(self._genuine[chosen].astype(np.float32)),
            torch.from_numpy(self._weight[chosen]),
        )

    def _varied(self, number: int, rng: np.random.Generator) -> Floats:
        clip = self._clips[number]
        profiles = self._profiles[number]
        span = shifted(self._data.apexes[clip], self._variety.shift_s, self._data, clip, rng)
        profile = profiles[rng.integers(len(profiles))]
        movement = profile.movement(self._data.shapes[clip][span.start : span.stop])
        if self._variety.mirror and rng.random() < 0.5:
            movement = mirror(movement)
        if self._variety.noise:
            movement = movement + rng.normal(0, self._variety.noise, movement.shape).astype(np.float32)
        return movement


def shifted(span: Span, most_s: float, data: Dataset, clip: int, rng: np.random.Generator) -> Span:
    """`span` moved by up to `most_s`, still inside the clip."""
    most = round(most_s * data.timing.rate_hz)
    length = span.stop - span.start
    start = int(np.clip(span.start + rng.integers(-most, most + 1), 0, len(data.shapes[clip]) - length))
    return Span(start, start + length)


def balanced(emotion: NDArray[np.intp], genuine: NDArray[np.bool_]) -> Floats:
    """Weights (n,) under which felt and acted count the same within each emotion."""
    weight = np.ones(len(emotion), np.float32)
    for number in np.unique(emotion):
        of_emotion = emotion == number
        for felt in (True, False):
            chosen = of_emotion & (genuine == felt)
            if chosen.any():
                weight[chosen] = of_emotion.sum() / 2 / chosen.sum()
    return weight


def _profile(data: Dataset, clip: int, population: Population, known: int, rng: np.random.Generator) -> Profile:
    others = data.others(clip, known, rng)
    if not len(others):
        return data.profile([clip], population)
    return data.profile(others, population)
