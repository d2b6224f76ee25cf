"""Recognition mode over labelled clips: what every tick's PBs say, by the recogniser that runs live.

Boosters learn from what the live loop gives them, with its strides and its number of steps, or they would learn another
distribution than the one that they judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.data.replay_track import replay_ticks
from engines.engine import Engine
from realtime.core.messages import Estimate, Floats
from realtime.motion.basis import MovementBasis
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.recognition.recogniser import RecogniserSet, RecognitionConfig
from realtime.verdict.features import INPUTS, FeatureExtractor, ReadOut, mean_log_odds
from realtime.verdict.person_bias import PersonBias


@dataclass(frozen=True, slots=True, eq=False)
class TickFeatures:
    """Booster inputs (n, F) of every tick, with the clip (number in the dataset) and the time each belongs to."""

    inputs: Floats
    clip: NDArray[np.intp]
    at_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not len(self.inputs) == len(self.clip) == len(self.at_s):
            raise ValueError(
                f"{len(self.inputs)} inputs, {len(self.clip)} clips, {len(self.at_s)} times; want as many of each"
            )


@dataclass(frozen=True, slots=True, eq=False)
class ClipEstimates:
    """A clip as recognition saw it: the estimates of its networks at every tick."""

    clip: int
    at_s: tuple[float, ...]
    estimates: tuple[tuple[Estimate, ...], ...]

    def log_odds(self, read_outs: Sequence[ReadOut]) -> float | None:
        """What all its ticks say in the mean; None where there was no tick."""
        said = [mean_log_odds(read_outs, estimates) for estimates in self.estimates]
        return float(np.mean(said)) if said else None


class Watcher:
    """Runs the live loop of some networks over apex windows of a dataset."""

    def __init__(
        self,
        data: Dataset,
        engines: Sequence[Engine],
        loop: RecognitionConfig,
        people: Population,
        basis: MovementBasis,
    ) -> None:
        self._data, self._people, self._basis = data.ranged(people.movement_range), people, basis
        self._recognisers = RecogniserSet(engines, loop)

    def see(self, clip: int, known: PersonStats | None) -> ClipEstimates:
        """Every tick in the clip's apex window, with `known` of the person."""
        data = self._data
        self._recognisers.reset()
        between_s = data.times_s(clip, data.frame_ranges[clip])
        against = data.reference_stats(clip, known)
        shown = replay_ticks(
            data.tracks[clip], data.timing, self._people, self._basis, against, between_s
        )
        found = [
            (tick.at_s, self._recognisers.tick(tick.window))
            for tick in shown
            if tick.window is not None
        ]
        return ClipEstimates(
            clip, tuple(at_s for at_s, _ in found), tuple(estimates for _, estimates in found)
        )


def knowledge(data: Dataset, clip: int, known: int, seed: int) -> NDArray[np.intp]:
    """The `known` other clips by which the person in `clip` is known, never the clip itself."""
    return data.others(clip, known, np.random.default_rng((seed, clip)))


def gathered(seen: ClipEstimates, read_outs: Sequence[ReadOut], level: PersonBias) -> TickFeatures:
    """The booster inputs of a clip's ticks, as the live evidence gathers them."""
    evidence = FeatureExtractor(read_outs, read_outs, level)
    rows = [evidence.features(estimates) for estimates in seen.estimates]
    inputs = np.array(rows, np.float32).reshape(len(rows), len(INPUTS))
    return TickFeatures(
        inputs, np.full(len(rows), seen.clip, np.intp), np.array(seen.at_s, np.float64)
    )


def joined(parts: Iterable[TickFeatures]) -> TickFeatures:
    """Several clips' harvests as one; clips without a tick leave nothing."""
    some = [part for part in parts if len(part.clip)]
    return TickFeatures(
        *(
            np.concatenate([getattr(part, name) for part in some])
            for name in ("inputs", "clip", "at_s")
        )
    )


def level_of(seen: Iterable[ClipEstimates], shared: Sequence[ReadOut]) -> PersonBias:
    """The level of a person from clips that were seen of them, unlabelled."""
    said = [log_odds for clip in seen if (log_odds := clip.log_odds(shared)) is not None]
    return PersonBias(float(np.mean(said)), float(len(said))) if said else PersonBias()
