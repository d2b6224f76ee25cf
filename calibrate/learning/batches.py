"""What learning sees of each clip: its apex window as movement, varied a little anew every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from calibrate.data.dataset import ApexWindows, Dataset, FrameRange
from engines.model.shape import LANDMARKS
from realtime.core.messages import Floats
from realtime.motion.basis import MovementBasis
from realtime.person.population import PersonProfile, Population


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How sequences are varied: the window moves up to `shift_s`, points get `noise` (in ranges), profiles are redrawn.

    `draws` says from how many other clips of the person a profile comes, and how many such profiles there are: the
    network meets in learning the very uncertainty about the person that it meets live. Worth more than all else here.
    `believed` is the weight of the human raters' word beside the truth, where there is one: which felt clips look felt
    to people is told by them alone, and a label says less than their share does. Only learning hears of them.
    `blend` mixes each sequence with another one (mixup, Zhang et al. 2018): the parameter of the Beta distribution
    that their shares are drawn from, 0 for none. The people are few, and between two of them lies a third.
    """

    shift_s: float = 0.5
    noise: float = 0.1
    draws: tuple[tuple[int, int], ...] = ((5, 5), (10, 10), (20, 5))
    rater_weight: float = 0.5
    mixup: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What the network sees (B, T, 80) in `lengths` (B,) frames, with what it should say and its weight (B,)."""

    windows: Tensor
    lengths: Tensor
    emotion: Tensor
    target: Tensor
    weight: Tensor


class TrainingSet:
    """The apex windows of some clips of a dataset, each seen with several profiles of its person."""

    def __init__(
        self,
        windows: ApexWindows,
        clips: NDArray[np.intp],
        profiles: Mapping[int, list[PersonProfile]],
        basis: MovementBasis,
        augmentation: Augmentation,
    ) -> None:
        data = windows.data
        self._windows, self._clips, self._profiles, self._basis = windows, clips, profiles, basis
        self._augmentation = augmentation
        self.emotions = tuple(str(emotion) for emotion in np.unique(data.emotions))
        self._emotion = np.searchsorted(self.emotions, data.emotions[clips])
        self._target = training_targets(data, clips, augmentation.rater_weight)
        self._weight = balanced_weights(self._emotion, data.genuine[clips])

    def __len__(self) -> int:
        return len(self._clips)

    def batch(self, chosen: NDArray[np.intp], rng: np.random.Generator) -> Batch:
        """The sequences number `chosen` (B,), varied by `rng`."""
        frames = self._windows.data.timing.frames
        movement, lengths = (
            np.zeros((len(chosen), frames, LANDMARKS), np.float32),
            np.zeros(len(chosen), np.int64),
        )
        for row, number in enumerate(chosen):
            varied = self._varied(int(number), rng)
            movement[row, : len(varied)] = varied
            lengths[row] = len(varied)
        seen, aim = self._basis.encode(movement), self._target[chosen]
        if self._augmentation.mixup:
            other, share = (
                self._partners(chosen, rng),
                _shares(len(chosen), self._augmentation.mixup, rng),
            )
            seen = share[:, None, None] * seen + (1 - share)[:, None, None] * seen[other]
            aim = share * aim + (1 - share) * aim[other]
            lengths = np.minimum(lengths, lengths[other])
        emotion = self._emotion[chosen].astype(np.int64)
        return Batch(*map(torch.from_numpy, (seen, lengths, emotion, aim, self._weight[chosen])))

    def _partners(self, chosen: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.intp]:
        """Which row each row (B,) of a batch is blended with: a random one of its emotion, but for one an emotion."""
        order = np.lexsort((rng.random(len(chosen)), self._emotion[chosen]))
        partner = np.empty_like(order)
        partner[order] = np.roll(order, 1)
        return partner

    def _varied(self, number: int, rng: np.random.Generator) -> Floats:
        clip = int(self._clips[number])
        profiles = self._profiles[clip]
        profile = profiles[rng.integers(len(profiles))]
        frames = shifted_range(self._windows, clip, self._augmentation.shift_s, rng)
        movement = profile.movement(self._windows.data.shapes[clip][frames.start : frames.stop])
        return movement + rng.normal(0, self._augmentation.noise, movement.shape).astype(np.float32)


def sampled_profiles(
    windows: ApexWindows, clip: int, population: Population, augmentation: Augmentation, seed: int
) -> list[PersonProfile]:
    """Return profiles of the person in `clip` as `augmentation.draws` says.

    Without other clips a profile is guessed from the window alone.
    """
    rng, data = np.random.default_rng((seed, clip)), windows.data
    profiles = []
    for count, times in augmentation.draws:
        for _ in range(times):
            stats = data.stats_from_clips(data.others(clip, count, rng))
            reference = windows.reference_stats(clip, stats)
            profiles.append(population.profile_of(windows.window(clip), reference))
    return profiles


def _shares(count: int, blend: float, rng: np.random.Generator) -> Floats:
    """How much of itself each of `count` sequences keeps: half and more, so that its emotion stays its own."""
    drawn = rng.beta(blend, blend, count)
    return np.maximum(drawn, 1 - drawn).astype(np.float32)


def training_targets(data: Dataset, clips: NDArray[np.intp], believed: float) -> Floats:
    """What learning aims at for `clips` (n,): the truth, drawn to the raters' share by the weight `believed`."""
    truth, share = data.genuine[clips].astype(np.float64), data.rater_share[clips]
    return np.asarray(
        truth + believed * (np.where(np.isfinite(share), share, truth) - truth), np.float32
    )


def shifted_range(
    windows: ApexWindows, clip: int, shift_s: float, rng: np.random.Generator
) -> FrameRange:
    """Return the window of `clip` moved by up to `shift_s`, still inside the clip."""
    frames, data = windows.frame_ranges[clip], windows.data
    most, last = round(shift_s * data.timing.rate_hz), len(data.shapes[clip]) - len(frames)
    start = int(np.clip(frames.start + rng.integers(-most, most + 1), 0, last))
    return FrameRange(start, start + len(frames))


def balanced_weights(emotion: NDArray[np.intp], genuine: NDArray[np.bool_]) -> Floats:
    """Weights (n,) under which felt and acted count the same within each emotion: base rates are not to be learned."""
    weight = np.ones(len(emotion), np.float32)
    for number in np.unique(emotion):
        of_emotion = emotion == number
        for felt in (True, False):
            chosen = of_emotion & (genuine == felt)
            if chosen.any():
                weight[chosen] = of_emotion.sum() / 2 / chosen.sum()
    return weight
