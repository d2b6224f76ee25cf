"""Training batches: apex windows as movement, with augmentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from calibrate.data.dataset import ApexWindows, Dataset, FrameRange
from realtime.core.messages import Floats
from realtime.motion.basis import MovementBasis
from realtime.person.population import PersonProfile, Population


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Augmentation of training windows.

    `shift_s` moves the window, `noise` (in movement ranges) jitters the points. `draws` holds pairs
    (other clips of the person that a profile is estimated from, number of such profiles): the
    network is trained under the uncertainty about the person that it meets live. This helps most.
    `rater_weight` w: target = (1 - w) label + w share of raters who said genuine; training only.
    `mixup` is the Beta parameter of the mixup shares (Zhang et al. 2018), 0 for none.
    """

    shift_s: float = 0.5
    noise: float = 0.1
    draws: tuple[tuple[int, int], ...] = ((5, 5), (10, 10), (20, 5))
    rater_weight: float = 0.5
    mixup: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Training batch: windows (B, T, 80) of `lengths` (B,) frames, targets and weights (B,)."""

    windows: Tensor
    lengths: Tensor
    emotion: Tensor
    target: Tensor
    weight: Tensor


class TrainingSet:
    """Apex windows of some clips, each with several profiles of its person."""

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
            np.zeros((len(chosen), frames, self._windows.data.width), np.float32),
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
        """Return the mixup partner of each row (B,): a random other row of its emotion."""
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
    """Return the mixup share of each of `count` windows: at least half, so the emotion stays."""
    drawn = rng.beta(blend, blend, count)
    return np.maximum(drawn, 1 - drawn).astype(np.float32)


def training_targets(data: Dataset, clips: NDArray[np.intp], believed: float) -> Floats:
    """Return the training targets (n,) of `clips`: labels blended with the raters' share."""
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
    """Return weights (n,) that balance genuine and fake within each emotion."""
    weight = np.ones(len(emotion), np.float32)
    for number in np.unique(emotion):
        of_emotion = emotion == number
        for label in (True, False):
            chosen = of_emotion & (genuine == label)
            if chosen.any():
                weight[chosen] = of_emotion.sum() / 2 / chosen.sum()
    return weight
