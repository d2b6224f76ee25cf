"""Two clips of one person and emotion, which is the more genuine: the paper's test protocol, on apex windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.learning.fit import ClipReader, FittedModel, score_models
from realtime.person.stats import PersonStats, estimate_stats
from realtime.verdict.person_bias import PersonBias

PairScores = tuple[
    tuple[int, int, float, float], ...
]  # a felt and an acted clip, with the score of each
SUGGESTED = 0.7  # share of what two apexes let guess in the neutral: they themselves hold hardly a face at rest
EACH = 3  # pairs of a person and emotion, no clip twice


class PairScorer:
    """Scores two clips of a person beside each other: what is known of them is what the two apex windows show."""

    def __init__(self, model: FittedModel, data: Dataset) -> None:
        self._people = model.learned.population
        self._data = data.ranged(self._people.movement_range)
        self._reader, self._boosters = ClipReader(model.learned, data), score_models(model)

    def scores(self, clips: tuple[int, int], emotion: str) -> tuple[float | None, float | None]:
        """The log odds of genuine of each, comparable with one another alone; None of one that was not to be seen."""
        windows = [self._data.window(clip) for clip in clips]
        known = estimate_stats(windows)
        neutral = (
            SUGGESTED * self._people.guess_neutral_from(windows) + (1 - SUGGESTED) * known.neutral
        )
        known = replace(known, neutral=np.asarray(neutral, np.float32))
        one, other = (self._score(clip, emotion, known) for clip in clips)
        return one, other

    def _score(self, clip: int, emotion: str, known: PersonStats) -> float | None:
        rows = self._reader.read(clip, emotion, known, PersonBias()).inputs
        return (
            float(np.mean([self._boosters[emotion].score(row) for row in rows]))
            if len(rows)
            else None
        )


def score_pairs(model: FittedModel, data: Dataset, clips: Iterable[int]) -> PairScores:
    """The scores of pairs among `clips`, drawn at random."""
    comparer, rng = PairScorer(model, data), np.random.default_rng(model.learned.plan.seed)
    scored = [
        (a, b, *comparer.scores((a, b), str(data.emotions[a])))
        for a, b in _pairs(data, np.array(list(clips)), rng)
    ]
    return tuple(
        (a, b, felt, acted)
        for a, b, felt, acted in scored
        if felt is not None and acted is not None
    )


def _pairs(
    data: Dataset, clips: NDArray[np.intp], rng: np.random.Generator
) -> Iterator[tuple[int, int]]:
    for subject in np.unique(data.subjects[clips]):
        for emotion in np.unique(data.emotions[clips]):
            here = clips[(data.subjects[clips] == subject) & (data.emotions[clips] == emotion)]
            felt, acted = (
                rng.permutation(here[data.genuine[here] == truth])[:EACH] for truth in (True, False)
            )
            yield from zip(felt.tolist(), acted.tolist(), strict=False)
