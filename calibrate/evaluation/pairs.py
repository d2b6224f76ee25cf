"""2AFC pairs, the paper's protocol: which of two clips of a person and emotion is genuine?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.learning.clip_reader import ClipReader, ClipScorer
from calibrate.learning.fit import FittedModel, score_models
from realtime.person.stats import PersonStats, estimate_stats
from realtime.verdict.person_bias import PersonBias

PairScores = tuple[tuple[int, int, float, float], ...]  # genuine clip, fake clip, score of each
GUESS_WEIGHT = 0.7  # of the neutral guessed from two apexes: they hold hardly a neutral frame
MAX_PAIRS = 3  # of a person and emotion, each clip in one


class PairScorer:
    """Scores two clips of a person; their two windows are all that is known of the person."""

    def __init__(self, model: FittedModel, windows: ApexWindows) -> None:
        self._population, self._windows = model.learned.population, windows
        self._reader = ClipReader(model.learned, windows)
        self._scorer = ClipScorer(self._reader, score_models(model), model.classifier)

    def scores(self, clips: tuple[int, int], emotion: str) -> tuple[float | None, float | None]:
        """Return the log odds of both clips, comparable with each other alone.

        None for a clip without a tick, such as one with a shot cut at its apex.
        """
        windows = [self._windows.window(clip) for clip in clips]
        stats = estimate_stats(windows)
        guess = self._population.guess_neutral_from(windows)
        neutral = GUESS_WEIGHT * guess + (1 - GUESS_WEIGHT) * stats.neutral
        stats = replace(stats, neutral=np.asarray(neutral, np.float32))
        first, second = (self._score(clip, emotion, stats) for clip in clips)
        return first, second

    def _score(self, clip: int, emotion: str, stats: PersonStats) -> float | None:
        reading = self._reader.read(clip, stats, PersonBias())
        ticks = [score.log_odds for score in self._scorer.explained(reading, emotion)]
        return float(np.mean(ticks)) if ticks else None


def score_pairs(model: FittedModel, windows: ApexWindows, clips: Iterable[int]) -> PairScores:
    """Score random pairs among `clips`."""
    scorer, rng = (
        PairScorer(model, windows),
        np.random.default_rng(model.learned.learning_config.seed),
    )
    data, scored = windows.data, []
    for genuine, fake in _pairs(data, np.array(list(clips)), rng):
        first, second = scorer.scores((genuine, fake), str(data.emotions[genuine]))
        if first is not None and second is not None:
            scored.append((genuine, fake, first, second))
    return tuple(scored)


def _pairs(
    data: Dataset, clips: NDArray[np.intp], rng: np.random.Generator
) -> Iterator[tuple[int, int]]:
    for subject in np.unique(data.subjects[clips]):
        for emotion in np.unique(data.emotions[clips]):
            here = clips[(data.subjects[clips] == subject) & (data.emotions[clips] == emotion)]
            genuine, fake = (
                rng.permutation(here[data.genuine[here] == label])[:MAX_PAIRS]
                for label in (True, False)
            )
            yield from zip(genuine.tolist(), fake.tolist(), strict=False)
