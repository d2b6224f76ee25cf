"""Read and score clips by learned networks as the live gauge does, without its gate.

Needs no PyTorch: networks come from training (`LearnedNetworks`) or from a bundle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
from realtime.core.messages import Onset
from realtime.person.stats import PersonStats
from realtime.verdict.booster import Score, ScoreModel
from realtime.verdict.emotion_classifier import EmotionClassifier, mixed
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


@dataclass(frozen=True, slots=True, eq=False)
class ClipReading:
    """What the networks make of a clip, the onset seen at each tick, and the bias of its person."""

    estimates: ClipEstimates
    onsets: tuple[Onset | None, ...]
    bias: PersonBias


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
        return self.features_of(self.read_known(clip, known_clips), emotion)

    def read_known(self, clip: int, known_clips: int) -> ClipReading:
        """Read every tick of `clip`; the person is known from other clips."""
        others = other_clips(self._data, clip, known_clips, self._learned.seed)
        stats = self._data.stats_from_clips(others)
        return self.read(clip, stats, self.bias(others, stats))

    def features_given(
        self, clip: int, emotion: str, stats: PersonStats | None, bias: PersonBias
    ) -> TickFeatures:
        """Return the features of every tick of `clip` for a person with `stats` and `bias`."""
        return self.features_of(self.read(clip, stats, bias), emotion)

    def read(self, clip: int, stats: PersonStats | None, bias: PersonBias) -> ClipReading:
        """Read every tick of `clip`, for a person with `stats` and `bias`."""
        estimates = self._estimates(clip, stats)
        onsets = self._recogniser.onsets(clip, estimates.frames, stats)
        return ClipReading(estimates, onsets, bias)

    def features_of(self, reading: ClipReading, emotion: str) -> TickFeatures:
        """Return the features of every tick of `reading` for `emotion`."""
        return extract_features(
            reading.estimates, reading.onsets, self.read_outs(emotion), reading.bias
        )

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
    """Scores the ticks of clips with a booster for each emotion.

    With a `classifier`, any emotion is scored by all its emotions, as the live judge does.
    """

    def __init__(
        self,
        reader: ClipReader,
        boosters: Mapping[str, ScoreModel],
        classifier: EmotionClassifier | None = None,
    ) -> None:
        self._reader, self._boosters, self._classifier = reader, boosters, classifier

    def scores(self, clip: int, emotion: str, known_clips: int) -> list[float]:
        """Return the score (log odds) of every tick of `clip` as `emotion`."""
        reading = self._reader.read_known(clip, known_clips)
        return [score.log_odds for score in self.explained(reading, emotion)]

    def explained(self, reading: ClipReading, emotion: str) -> list[Score]:
        """Return the score of every tick of `reading` as `emotion`, and what makes it."""
        if emotion != ANY or self._classifier is None:
            return self._by_one(reading, emotion)
        names = self._classifier.emotions
        by_tick = zip(*(self._by_one(reading, name) for name in names), strict=True)
        pairs = zip(by_tick, reading.estimates.motions, strict=True)
        return [
            mixed(dict(zip(names, scores, strict=True)), self._classifier.probabilities(motion))
            for scores, motion in pairs
        ]

    def _by_one(self, reading: ClipReading, emotion: str) -> list[Score]:
        features, booster = self._reader.features_of(reading, emotion), self._boosters[emotion]
        return [booster.explained(row) for row in features.inputs]
