"""Features of labelled clips for the boosters, from networks that never saw the person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.learning.recognise import ClipRecogniser
from realtime.core.messages import Estimate, Floats, Onset
from realtime.person.stats import PersonStats
from realtime.verdict.features import INPUTS, FeatureExtractor, ReadOut, mean_log_odds
from realtime.verdict.person_bias import PersonBias


@dataclass(frozen=True, slots=True, eq=False)
class TickFeatures:
    """Booster inputs (n, F) of ticks, with the clip (number in the dataset) and time of each."""

    inputs: Floats
    clip: NDArray[np.intp]
    at_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not len(self.inputs) == len(self.clip) == len(self.at_s):
            raise ValueError(
                f"{len(self.inputs)} inputs, {len(self.clip)} clips, {len(self.at_s)} times; "
                "want as many of each"
            )


@dataclass(frozen=True, slots=True, eq=False)
class ClipEstimates:
    """Estimates of all networks at every tick of one clip, with time, newest frame and movement
    (T, 80) of each.
    """

    clip: int
    at_s: tuple[float, ...]
    estimates: tuple[tuple[Estimate, ...], ...]
    frames: tuple[int, ...]
    motions: tuple[Floats, ...]

    def log_odds(self, read_outs: Sequence[ReadOut]) -> float | None:
        """Return the mean log odds over all ticks; None without a tick."""
        by_tick = [mean_log_odds(read_outs, estimates) for estimates in self.estimates]
        return float(np.mean(by_tick)) if by_tick else None


def estimates_of_clip(
    recogniser: ClipRecogniser, clip: int, stats: PersonStats | None
) -> ClipEstimates:
    """Run `recogniser` over the window of `clip`, for a person with `stats`."""
    ticks = list(recogniser.ticks(clip, stats))
    return ClipEstimates(
        clip,
        tuple(tick.at_s for tick, _ in ticks),
        tuple(tuple(by.values()) for _, by in ticks),
        tuple(tick.frame for tick, _ in ticks),
        tuple(tick.window.motion for tick, _ in ticks),
    )


def other_clips(data: Dataset, clip: int, count: int, seed: int) -> NDArray[np.intp]:
    """Return the `count` other clips from which the person in `clip` is known."""
    return data.others(clip, count, np.random.default_rng((seed, clip)))


def extract_features(
    clip: ClipEstimates,
    onsets: Sequence[Onset | None],
    read_outs: Sequence[ReadOut],
    bias: PersonBias,
) -> TickFeatures:
    """Return the booster inputs of the ticks of `clip`, as the live gauge computes them.

    `onsets` are those seen at each tick.
    """
    extractor = FeatureExtractor(read_outs, read_outs, bias)
    pairs = zip(clip.estimates, onsets, strict=True)
    rows = [extractor.features(estimates, onset) for estimates, onset in pairs]
    inputs = np.array(rows, np.float32).reshape(len(rows), len(INPUTS))
    return TickFeatures(
        inputs, np.full(len(rows), clip.clip, np.intp), np.array(clip.at_s, np.float64)
    )


def concatenate_features(parts: Iterable[TickFeatures]) -> TickFeatures:
    """Return the features of several clips as one; clips without a tick add no row."""
    some = [part for part in parts if len(part.clip)]
    return TickFeatures(
        *(np.concatenate([getattr(p, name) for p in some]) for name in ("inputs", "clip", "at_s"))
    )


def estimate_bias(clips: Iterable[ClipEstimates], shared: Sequence[ReadOut]) -> PersonBias:
    """Estimate a person's bias from unlabelled clips by the read-outs for any emotion."""
    means = [log_odds for clip in clips if (log_odds := clip.log_odds(shared)) is not None]
    return PersonBias(float(np.mean(means)), float(len(means))) if means else PersonBias()
