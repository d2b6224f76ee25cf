"""Everything learned anew for each fold of people and asked about those left out: the figures that may be claimed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibrate.boost import platt
from calibrate.chain import Model, Plan, Scorer, fit
from calibrate.dataset import Dataset
from calibrate.metrics import Numbers, Scored, person_folds

Scores = dict[int, dict[int, list[float]]]  # known clips -> clip -> score of every tick


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """Scores of every clip by a model that never saw its person, for each amount of knowledge of that person."""

    folds: NDArray[np.int64]
    scores: Scores

    def clip_scores(self, known: int) -> Numbers:
        """One score for each clip (n,): the mean over its ticks, as the live verdict on a clip; 0 without a tick."""
        by_clip = self.scores[known]
        return np.array([np.mean(by_clip[i]) if by_clip.get(i) else 0.0 for i in range(len(self.folds))])

    def until(self, known: int, ticks: int) -> Numbers:
        """As `clip_scores`, of each clip's first `ticks` ticks alone."""
        by_clip = self.scores[known]
        return np.array([np.mean(by_clip[i][:ticks]) if by_clip.get(i) else 0.0 for i in range(len(self.folds))])

    def probabilities(self, data: Dataset, score: Numbers) -> Numbers:
        """`score` (n,) as probabilities, each map fitted on the other folds; unmapped where there is one fold."""
        if not self.folds.any():
            return np.asarray(1 / (1 + np.exp(-score)), np.float64)
        p_genuine = np.zeros(len(score))
        for fold in np.unique(self.folds):
            inside = self.folds != fold
            slope, shift = platt(score[inside], data.genuine[inside])
            p_genuine[~inside] = 1 / (1 + np.exp(-(slope * score[~inside] + shift)))
        return p_genuine

    def scored(self, data: Dataset, known: int) -> Scored:
        """Probabilities beside the truth."""
        p_genuine = self.probabilities(data, self.clip_scores(known))
        return Scored(p_genuine, data.genuine, data.subjects, data.emotions)


def cross_validate(
    data: Dataset, plan: Plan, folds: int, known: Sequence[int], keep: Path, jobs: int, told: Callable[[str], None]
) -> CrossValidation:
    """Fit and ask `folds` times, `jobs` at a time. What is done lies in `keep` and is not done again by a next run."""
    fold_of = person_folds([str(s) for s in data.subjects], folds, plan.seed)
    keep.mkdir(parents=True, exist_ok=True)
    name = sha256(repr((plan, tuple(known), folds, _digest(data))).encode()).hexdigest()[:16]
    files = [keep / f"{name}-fold{fold}.json" for fold in range(folds)]
    todo = [fold for fold in range(folds) if not files[fold].exists()]
    with ProcessPoolExecutor(jobs) as pool:
        running = {pool.submit(_one_fold, data, plan, fold_of, fold, tuple(known), files[fold]): fold for fold in todo}
        for future in as_completed(running):
            future.result()
            told(f"fold {running[future] + 1} of {folds}")
    return CrossValidation(fold_of, _merged(files, known))


def ask(model: Model, data: Dataset, clips: Iterable[int], known: Sequence[int]) -> Scores:
    """The scores of `clips` by a model, for each amount of knowledge of the person."""
    scorer, chosen = Scorer(model, data), list(clips)
    return {k: {i: scorer.scores(i, str(data.emotions[i]), k) for i in chosen} for k in known}


def _one_fold(
    data: Dataset, plan: Plan, fold_of: NDArray[np.int64], fold: int, known: tuple[int, ...], file: Path
) -> None:
    judging = replace(plan, alone=0)  # networks of one emotion generate; they judge nothing
    model = fit(data, np.flatnonzero(fold_of != fold), judging, lambda done: None)
    scores = ask(model, data, np.flatnonzero(fold_of == fold).tolist(), known)
    unfinished = file.with_suffix(".tmp")
    unfinished.write_text(json.dumps(scores))
    unfinished.rename(file)


def _merged(files: Sequence[Path], known: Sequence[int]) -> Scores:
    scores: Scores = {k: {} for k in known}
    for file in files:
        for k, by_clip in json.loads(file.read_text()).items():
            scores[int(k)] |= {int(clip): ticks for clip, ticks in by_clip.items()}
    return scores


def _digest(data: Dataset) -> str:
    whole = sha256()
    for track, shapes in zip(data.tracks, data.shapes, strict=True):
        whole.update(repr(track.clip).encode() + shapes.tobytes())
    return whole.hexdigest()
