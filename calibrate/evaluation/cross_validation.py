"""Everything learned anew for each fold of people and asked about those left out: the figures that may be claimed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import WHOLE, Dataset
from calibrate.evaluation.online_profile import Streams, score_online
from calibrate.evaluation.pairs import PairScores, score_pairs
from calibrate.learning.boosting import fit_platt_scaling
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.emotion_errors import ClipFits, score_emotion_errors
from calibrate.learning.fit import ClipScorer, FittedModel, LearningConfig, fit_model
from calibrate.learning.fit_whole_clips import fit_whole_clips_model, score_whole_clips
from calibrate.learning.gate_thresholds import fit_expression_thresholds
from calibrate.metrics import Numbers, Scored, person_folds

Scores = dict[int, dict[int, list[float]]]  # known clips -> clip -> score of every tick
PROTOCOLS = ("live", "whole")
PARTS = ("scores", "uncut", "streams", "pairs", "fits")  # of what lies in a fold's file
NETWORKS = "networks"  # the folder beside the folds' files: other questions are asked without learning again


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """What a cross-validation is of: how everything is learned, and with how many clips `known` each person is judged.

    The figures in front are those with `headline` clips known.
    """

    plan: LearningConfig
    protocol: str
    known: tuple[int, ...]
    headline: int


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """Scores of every clip by a model that never saw its person, for each amount of knowledge of that person.

    `uncut` are scores by the same models of the whole clips, edges and all, where they were asked for; `streams` of
    people got to know while they are watched, and `pairs` of two clips beside each other. `fits` are how badly each
    emotion's network predicts each clip.
    """

    folds: NDArray[np.int64]
    scores: Scores
    whole_clip_scores: Scores = field(default_factory=dict)
    online_scores: Streams = field(default_factory=dict)
    pairs: PairScores = ()
    emotion_errors: ClipFits = field(default_factory=dict)

    def clip_scores(self, known: int) -> Numbers:
        """One score for each clip (n,): the mean over its ticks, as the live verdict on a clip; 0 without a tick."""
        return self._means(self.scores[known])

    def _means(self, by_clip: dict[int, list[float]]) -> Numbers:
        return np.array(
            [np.mean(by_clip[i]) if by_clip.get(i) else 0.0 for i in range(len(self.folds))]
        )

    def until(self, known: int, ticks: int) -> Numbers:
        """As `clip_scores`, of each clip's first `ticks` ticks alone."""
        return self._means({clip: scores[:ticks] for clip, scores in self.scores[known].items()})

    def probabilities(self, data: Dataset, score: Numbers) -> Numbers:
        """`score` (n,) as probabilities, each map fitted on the other folds; unmapped where there is one fold."""
        if not self.folds.any():
            return np.asarray(1 / (1 + np.exp(-score)), np.float64)
        p_genuine = np.zeros(len(score))
        for fold in np.unique(self.folds):
            inside = self.folds != fold
            slope, shift = fit_platt_scaling(score[inside], data.genuine[inside])
            p_genuine[~inside] = 1 / (1 + np.exp(-(slope * score[~inside] + shift)))
        return p_genuine

    def scored(self, data: Dataset, known: int) -> Scored:
        """Probabilities beside the truth."""
        return self._scored(data, self.clip_scores(known))

    def scored_whole_clips(self, data: Dataset, known: int) -> Scored:
        """The same of the whole clips."""
        return self._scored(data, self._means(self.whole_clip_scores[known]))

    def _scored(self, data: Dataset, score: Numbers) -> Scored:
        return Scored(self.probabilities(data, score), data.genuine, data.subjects, data.emotions)


def cross_validate(
    data: Dataset,
    asked: EvaluationConfig,
    folds: int,
    keep: Path,
    jobs: int,
    told: Callable[[str], None],
) -> CrossValidation:
    """Fit and ask `folds` times, `jobs` at a time. What is done lies in `keep` and is not done again by a next run.

    It knows its data and plan, not this code: empty `keep` after a change of the code that learns.
    """
    fold_of = person_folds([str(s) for s in data.subjects], folds, asked.plan.seed)
    keep.mkdir(parents=True, exist_ok=True)
    name = sha256(repr((asked, folds, data.digest, data.looks_digest, PARTS)).encode()).hexdigest()[
        :16
    ]
    files = [keep / f"{name}-fold{fold}.json" for fold in range(folds)]
    todo = [fold for fold in range(folds) if not files[fold].exists()]
    with ProcessPoolExecutor(jobs) as pool:
        running = {
            pool.submit(_one_fold, data, asked, fold_of, fold, files[fold]): fold for fold in todo
        }
        for future in as_completed(running):
            future.result()
            told(f"fold {running[future] + 1} of {folds}")
    return _joined(fold_of, [json.loads(file.read_text()) for file in files])


def score_clips(
    model: FittedModel, data: Dataset, clips: Iterable[int], known: Iterable[int]
) -> Scores:
    """The scores of `clips` by a model, for each amount of knowledge of the person."""
    scorer, chosen = ClipScorer(model, data), list(clips)
    return {k: {i: scorer.scores(i, str(data.emotions[i]), k) for i in chosen} for k in known}


def _one_fold(
    data: Dataset, asked: EvaluationConfig, fold_of: NDArray[np.int64], fold: int, file: Path
) -> None:
    inside, outside = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold).tolist()
    uncut, streams, pairs, fits = Scores(), Streams(), PairScores(), ClipFits()
    if asked.protocol == "whole":
        judging = replace(
            asked.plan, single_emotion_epochs_factor=0
        )  # networks of one emotion tell which it is; they judge nothing
        joined = fit_whole_clips_model(data, inside, judging, lambda done: None)
        scores = {k: score_whole_clips(joined, data, outside, k) for k in asked.known}
    else:
        model = fit_model(
            data, inside, asked.plan, lambda done: None, CheckpointStore(file.parent / NETWORKS)
        )
        scores = score_clips(model, data, outside, asked.known)
        uncut = score_clips(model, data.at(WHOLE), outside, {asked.headline})
        streams = score_online(
            model, data, outside, fit_expression_thresholds(data, inside, model.learned.population)
        )
        pairs = score_pairs(model, data, outside)
        fits = score_emotion_errors(model.learned, data, outside, asked.headline)
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(
        json.dumps(dict(zip(PARTS, (scores, uncut, streams, pairs, fits), strict=True)))
    )
    unfinished.rename(file)


def _joined(fold_of: NDArray[np.int64], done: Sequence[dict[str, Any]]) -> CrossValidation:
    """All folds' files as one."""
    streams = Streams()
    for fold in done:
        for way, rows in fold["streams"].items():
            streams.setdefault(way, []).extend(tuple(row) for row in rows)
    pairs = tuple(tuple(pair) for fold in done for pair in fold["pairs"])
    fits = {int(clip): found for fold in done for clip, found in fold["fits"].items()}
    return CrossValidation(
        fold_of, _merged(done, "scores"), _merged(done, "uncut"), streams, pairs, fits
    )


def _merged(done: Sequence[dict[str, Any]], part: str) -> Scores:
    scores: Scores = {}
    for fold in done:
        for k, by_clip in fold[part].items():
            scores.setdefault(int(k), {}).update(
                {int(clip): ticks for clip, ticks in by_clip.items()}
            )
    return scores
