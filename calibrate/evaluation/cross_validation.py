"""Cross-validation by person: everything is fitted again for each fold and scored on its people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from calibrate.data.dataset import APEX, WHOLE, ApexWindows, Dataset
from calibrate.data.folds import Folds
from calibrate.evaluation.online_profile import OnlineRows, score_online
from calibrate.evaluation.pairs import PairScores, score_pairs
from calibrate.learning.calibration import fit_platt_scaling
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.emotions.errors import ClipMismatches, score_emotion_mismatches
from calibrate.learning.fit import FittedModel, LearningConfig, clip_scorer, fit_model
from calibrate.learning.fit_whole_clips import fit_whole_clips_model, score_whole_clips
from calibrate.learning.gate_thresholds import fit_expression_thresholds
from calibrate.learning.population import fit_population
from calibrate.metrics import Numbers, Scored
from calibrate.parallel import Jobs, atomic_write, run_tasks
from realtime.core.labels import ANY

Scores = dict[int, dict[int, list[float]]]  # known clips -> clip -> score of every tick
PARTS = ("scores", "uncut", "streams", "pairs", "fits", "as any")  # keys of a fold's file
# Version of the code that fits boosters and scores; raise it when finished folds would differ.
REVISION = 2
NETWORKS = "networks"  # folder of checkpoints beside the folds' files


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """What a cross-validation fits and scores; each person is scored with `known` clips known.

    The headline metrics are those with `headline` clips known.
    """

    plan: LearningConfig
    protocol: str
    known: tuple[int, ...]
    headline: int


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidation:
    """Scores of every clip, by known clips of the person; `folds` is None for a given bundle.

    With folds, no model saw the person that it scores. `part` is the part of each clip that was
    scored; `whole_clip_scores` are those of the same models on whole clips, `any_scores` those
    without a given emotion.
    """

    folds: Folds | None
    scores: Scores
    part: str = APEX
    whole_clip_scores: Scores = field(default_factory=dict)
    online_scores: OnlineRows = field(default_factory=dict)
    pairs: PairScores = ()
    emotion_mismatches: ClipMismatches = field(default_factory=dict)
    edge_free: tuple[bool, ...] = ()  # whether the apex window of each clip touches no edge
    any_scores: Scores = field(default_factory=dict)

    def clip_scores(self, data: Dataset, known: int) -> Numbers:
        """Return one score per clip (n,): the mean over its ticks, 0 without a tick."""
        return _means(self.scores[known], len(data))

    def until(self, data: Dataset, known: int, ticks: int) -> Numbers:
        """Return `clip_scores` of each clip's first `ticks` ticks."""
        some = {clip: scores[:ticks] for clip, scores in self.scores[known].items()}
        return _means(some, len(data))

    def probabilities(
        self, data: Dataset, score: Numbers, fitted_to: Numbers | None = None
    ) -> Numbers:
        """Return `score` (n,) as probabilities, calibrated on the other folds; else the sigmoid.

        The calibration is fitted to the scores `fitted_to` (n,); None: to `score` itself.
        """
        p_genuine = np.asarray(1 / (1 + np.exp(-score)), np.float64)
        known = score if fitted_to is None else fitted_to
        for training, held_out in self.folds.splits() if self.folds else ():
            slope, intercept = fit_platt_scaling(known[training], data.genuine[training])
            p_genuine[held_out] = 1 / (1 + np.exp(-(slope * score[held_out] + intercept)))
        return p_genuine

    def scored(self, data: Dataset, known: int) -> Scored:
        """Return probabilities with label, person and emotion."""
        return self._scored(data, self.clip_scores(data, known))

    def scored_whole_clips(self, data: Dataset, known: int) -> Scored:
        """Return the same for whole clips."""
        return self._scored(data, _means(self.whole_clip_scores[known], len(data)))

    def scored_as_any(self, data: Dataset, known: int) -> Scored:
        """Return the same without a given emotion.

        The calibration is that with the emotion given: a bundle has one for both.
        """
        score, given = self.clip_scores_as_any(data, known), self.clip_scores(data, known)
        p_genuine = self.probabilities(data, score, given)
        return Scored(p_genuine, data.genuine, data.subjects, data.emotions)

    def clip_scores_as_any(self, data: Dataset, known: int) -> Numbers:
        """Return `clip_scores` without a given emotion."""
        return _means(self.any_scores[known], len(data))

    def _scored(self, data: Dataset, score: Numbers) -> Scored:
        return Scored(self.probabilities(data, score), data.genuine, data.subjects, data.emotions)


def _means(by_clip: dict[int, list[float]], clips: int) -> Numbers:
    """Return the mean of each of `clips` clips, 0 for one without a tick or not in `by_clip`."""
    ticks = (by_clip.get(clip) for clip in range(clips))
    return np.array([np.mean(scores) if scores else 0.0 for scores in ticks])


def cross_validate(
    data: Dataset,
    config: EvaluationConfig,
    fold_count: int,
    checkpoints: Path,
    jobs: Jobs,
    progress: Callable[[str], None],
) -> CrossValidation:
    """Fit and score `fold_count` folds, `jobs` at a time; finished folds stay in `checkpoints`.

    A fold is found again by data, configuration and `REVISION`, not by this code: empty the folder
    after a change of the code that learns.
    """
    folds = Folds.by_person([str(s) for s in data.subjects], fold_count, config.plan.seed)
    checkpoints.mkdir(parents=True, exist_ok=True)
    key = repr((REVISION, config, fold_count, data.digest, data.faces_digest, PARTS))
    name = sha256(key.encode()).hexdigest()[:16]
    files = [checkpoints / f"{name}-fold{fold}.json" for fold in range(fold_count)]
    todo = [fold for fold in range(fold_count) if not files[fold].exists()]
    for fold, _ in run_tasks(partial(_run_fold, data, config, folds, files), todo, jobs):
        progress(f"fold {fold + 1} of {fold_count}")
    part = WHOLE if config.protocol == "whole" else APEX
    merged = _merge_folds(folds, part, [json.loads(file.read_text()) for file in files])
    return replace(merged, edge_free=_edge_free(data, folds) if part == APEX else ())


def edge_free_windows(windows: ApexWindows) -> tuple[bool, ...]:
    """Return whether the window of each clip touches neither end of its clip."""
    return tuple(not windows.touches_edge(clip) for clip in range(len(windows.data)))


def _edge_free(data: Dataset, folds: Folds) -> tuple[bool, ...]:
    """Return `edge_free_windows`, each clip's window found as by the model that never saw it."""
    free = np.zeros(len(data), bool)
    for training, held_out in folds.splits():
        windows = data.windows(fit_population(data, training).movement_range)
        free[held_out] = np.array(edge_free_windows(windows))[held_out]
    return tuple(free.tolist())


def score_clips(
    model: FittedModel,
    windows: ApexWindows,
    clips: Iterable[int],
    known: Iterable[int],
    emotion: str | None = None,
) -> Scores:
    """Score `clips` by a model as `emotion`, for each number of known clips of the person.

    None: as the emotion of each.
    """
    scorer, chosen, emotions = clip_scorer(model, windows), list(clips), windows.data.emotions
    return {k: {i: scorer.scores(i, emotion or str(emotions[i]), k) for i in chosen} for k in known}


def _run_fold(
    data: Dataset, config: EvaluationConfig, folds: Folds, files: Sequence[Path], fold: int
) -> None:
    (training, held_out), file = folds.split(fold), files[fold]
    clips = held_out.tolist()
    whole, online, pairs, mismatches = Scores(), OnlineRows(), PairScores(), ClipMismatches()
    as_any = Scores()
    if config.protocol == "whole":
        # Networks of one emotion rank emotions; they score nothing.
        plan = replace(config.plan, single_emotion_epochs_factor=0)
        whole_model = fit_whole_clips_model(data, training, plan, lambda done: None)
        scores = {k: score_whole_clips(whole_model, data, clips, k) for k in config.known}
    else:
        store = CheckpointStore(file.parent / NETWORKS)
        model = fit_model(data, training, config.plan, lambda done: None, store)
        learned, windows = model.learned, model.learned.windows(data)
        scores = score_clips(model, windows, clips, config.known)
        whole = score_clips(model, learned.windows(data, WHOLE), clips, {config.headline})
        thresholds = fit_expression_thresholds(data, training, learned.population)
        online = score_online(model, data, clips, thresholds)
        pairs = score_pairs(model, windows, clips)
        mismatches = score_emotion_mismatches(model, data, clips, config.headline)
        known = {0, config.headline} & {*config.known}
        as_any = score_clips(model, windows, clips, known, ANY)
    parts = (scores, whole, online, pairs, mismatches, as_any)
    with atomic_write(file) as unfinished:
        unfinished.write_text(json.dumps(dict(zip(PARTS, parts, strict=True))))


def _merge_folds(folds: Folds, part: str, done: Sequence[dict[str, Any]]) -> CrossValidation:
    """Return the contents of all folds' files as one."""
    online = OnlineRows()
    for fold in done:
        for condition, rows in fold["streams"].items():
            online.setdefault(condition, []).extend(tuple(row) for row in rows)
    pairs = tuple(tuple(pair) for fold in done for pair in fold["pairs"])
    mismatches = {int(clip): by for fold in done for clip, by in fold["fits"].items()}
    scores, whole, as_any = (_merge_scores(done, key) for key in ("scores", "uncut", "as any"))
    return CrossValidation(folds, scores, part, whole, online, pairs, mismatches, any_scores=as_any)


def _merge_scores(done: Sequence[dict[str, Any]], key: str) -> Scores:
    scores: Scores = {}
    for fold in done:
        for known, by_clip in fold[key].items():
            ticks = {int(clip): ticks for clip, ticks in by_clip.items()}
            scores.setdefault(int(known), {}).update(ticks)
    return scores
