"""Read and score clips by learned networks as the live gauge does, without its gate.

Needs no PyTorch: networks come from training (`LearnedNetworks`) or from a bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from calibrate.data.dataset import ApexWindows
from calibrate.learning.out_of_fold import (
    ClipEstimates,
    TickFeatures,
    estimate_bias,
    estimates_of_clip,
    extract_features,
    other_clips,
)
from calibrate.learning.recognise import ClipRecogniser
from realtime.core.labels import ANY
from realtime.person.stats import PersonStats
from realtime.verdict.booster import ScoreModel
from realtime.verdict.features import ReadOut
from realtime.verdict.person_bias import PersonBias


class ReadableNetworks(Protocol):
    """Networks with their read-outs, as `ClipReader` needs them."""

    @property
    def ensemble(self) -> tuple[str, ...]:
        """Networks of the live ensemble."""
        ...

    @property
    def read_outs(self) -> Mapping[str, Mapping[str, ReadOut]]:
        """Read-outs by network, then emotion."""
        ...

    @property
    def seed(self) -> int:
        """Seed of the draws of a person's known clips."""
        ...

    def recogniser(self, windows: ApexWindows, networks: Iterable[str]) -> ClipRecogniser:
        """Return the live loop of some of the networks over `windows`."""
        ...


class ClipReader:
    """Reads clips with some of the learned networks as the live gauge does, without its gate."""

    def __init__(
        self, learned: ReadableNetworks, windows: ApexWindows, networks: Sequence[str] | None = None
    ) -> None:
        self._learned, self._data = learned, windows.data
        self._names = tuple(networks or learned.ensemble)
        self._recogniser = learned.recogniser(windows, self._names)

    def features(self, clip: int, emotion: str, known_clips: int) -> TickFeatures:
        """Return the features of every tick of `clip`; the person is known from other clips."""
        others = other_clips(self._data, clip, known_clips, self._learned.seed)
        stats = self._data.stats_from_clips(others)
        return self.features_given(clip, emotion, stats, self.bias(others, stats))

    def features_given(
        self, clip: int, emotion: str, stats: PersonStats | None, bias: PersonBias
    ) -> TickFeatures:
        """Return the features of every tick of `clip` for a person with `stats` and `bias`."""
        estimates = self._estimates(clip, stats)
        onsets = self._recogniser.onsets(clip, estimates.frames, stats)
        return extract_features(estimates, onsets, self.read_outs(emotion), bias)

    def bias(self, clips: Iterable[int], stats: PersonStats | None) -> PersonBias:
        """Estimate the person bias from some of the person's clips."""
        return estimate_bias(
            (self._estimates(int(clip), stats) for clip in clips), self.read_outs(ANY)
        )

    def read_outs(self, emotion: str) -> list[ReadOut]:
        """Return the read-out of each network for `emotion`."""
        return [self._learned.read_outs[name][emotion] for name in self._names]

    def _estimates(self, clip: int, stats: PersonStats | None) -> ClipEstimates:
        return estimates_of_clip(self._recogniser, clip, stats)


class ClipScorer:
    """Scores the ticks of clips with a booster for each emotion."""

    def __init__(self, reader: ClipReader, boosters: Mapping[str, ScoreModel]) -> None:
        self._reader, self._boosters = reader, boosters

    def scores(self, clip: int, emotion: str, known_clips: int) -> list[float]:
        """Return the score (log odds) of every tick of `clip` by the booster of `emotion`."""
        features = self._reader.features(clip, emotion, known_clips)
        return [self._boosters[emotion].score(row) for row in features.inputs]
