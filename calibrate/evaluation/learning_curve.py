"""Learning curve over people: how much a model gains from more of them.

The same held-out people are scored by models that learned from all the others, from half of them,
and so on. Smaller sets of people are parts of the larger ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.data.folds import Folds
from calibrate.evaluation.cross_validation import (
    REVISION,
    CrossValidation,
    EvaluationConfig,
    score_clips,
)
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.fit import fit_scores
from calibrate.metrics import BOOTSTRAPS, Point, Scored, auc, auc_point
from calibrate.parallel import Jobs, atomic_write, run_tasks

MIN_PEOPLE = 2  # to learn from: out-of-fold features need one to learn and one to read
Task = tuple[int, int]  # fold, and how often its people were halved
POINT, GAIN = ("people", "auc", "auc_low", "auc_high"), ("gain", "gain_low", "gain_high")
GAINS = (0.02, 0.05)  # of the AUC, for which the number of people needed is estimated
MOST_PEOPLE = 1_000_000  # beyond it a number would say nothing
NETWORKS = "networks"


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """AUC with its interval by people learned from, fewest first.

    `gain` is the AUC that each doubling adds; its 95 % interval is by the held-out people, None for
    one person.
    """

    points: tuple[Point, ...]
    gain: float
    gain_low: float | None
    gain_high: float | None

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON, rounded to four digits."""
        points = [
            dict(zip(POINT, (round(value, 4) for value in point), strict=True))
            for point in self.points
        ]
        gains = (self.gain, self.gain_low, self.gain_high)
        rounded = (None if gain is None else round(gain, 4) for gain in gains)
        return {"points": points, **dict(zip(GAIN, rounded, strict=True))}


@dataclass(frozen=True, slots=True)
class CurveWork:
    """How the work is done: finished parts stay in `folder`, `jobs` at a time."""

    folder: Path
    jobs: Jobs
    progress: Callable[[], None]


@dataclass(frozen=True, slots=True, eq=False)
class CurvePlan:
    """Parts of the people of each fold: half of those that it learns from, a quarter, and so on."""

    data: Dataset
    folds: Folds
    config: EvaluationConfig

    def halvings(self, most: int) -> list[int]:
        """Return up to `most` halvings after which every fold can still learn every emotion."""
        found = []
        for halving in range(1, most + 1):
            parts = [self.training(fold, halving) for fold in range(self.folds.count)]
            if not all(self._learnable(part) for part in parts):
                break
            found.append(halving)
        return found

    def training(self, fold: int, halving: int) -> NDArray[np.intp]:
        """Return the training clips of `fold` by a part of its people, after `halving` halvings."""
        clips, _ = self.folds.split(fold)
        subjects, seed = self.data.subjects[clips], (self.config.plan.seed, fold)
        people = np.random.default_rng(seed).permutation(np.unique(subjects))
        return clips[np.isin(subjects, people[: round(len(people) / 2**halving)])]

    def people(self, halving: int) -> float:
        """Return the number of people learned from, the mean over folds."""
        parts = (self.training(fold, halving) for fold in range(self.folds.count))
        return float(np.mean([len(np.unique(self.data.subjects[part])) for part in parts]))

    def score(self, fold: int, halving: int, networks: Path) -> dict[int, list[float]]:
        """Train on a part of the people of `fold`; return the scores of its held-out clips."""
        # Networks of one emotion rank emotions; they score nothing.
        config = replace(self.config.plan, single_emotion_epochs_factor=0)
        training, (_, held_out) = self.training(fold, halving), self.folds.split(fold)
        store = CheckpointStore(networks)
        model = fit_scores(self.data, training, config, lambda done: None, store)
        known = self.config.headline
        windows = model.learned.windows(self.data)
        return score_clips(model, windows, held_out.tolist(), {known})[known]

    def _learnable(self, clips: NDArray[np.intp]) -> bool:
        emotions, genuine = self.data.emotions[clips], self.data.genuine[clips]
        pairs = set(zip(emotions.tolist(), genuine.tolist(), strict=True))
        people = len(np.unique(self.data.subjects[clips]))
        return people >= MIN_PEOPLE and len(pairs) == 2 * len(np.unique(self.data.emotions))


def measure_curve(
    plan: CurvePlan, done: CrossValidation, halvings: Sequence[int], work: CurveWork
) -> LearningCurve | None:
    """Train with fewer people as `halvings` say, and compare with `done`, which had all of them.

    Returns None without halvings, or where an AUC is undefined.
    """
    data, known = plan.data, plan.config.headline
    work.folder.mkdir(parents=True, exist_ok=True)
    key = repr((REVISION, plan.config, plan.folds.count, data.digest))
    name = sha256(key.encode()).hexdigest()[:16]
    tasks = [(fold, halving) for halving in halvings for fold in range(plan.folds.count)]
    files = {task: work.folder / f"{name}-fold{task[0]}-halving{task[1]}.json" for task in tasks}
    todo = [task for task in tasks if not files[task].exists()]
    for _ in range(len(tasks) - len(todo)):
        work.progress()
    for _ in run_tasks(partial(_score_part, plan, files), todo, work.jobs):
        work.progress()
    scored = [done.scored(data, known)]
    for halving in halvings:
        parts = (json.loads(files[task].read_text()) for task in tasks if task[1] == halving)
        scores = {int(clip): ticks for part in parts for clip, ticks in part.items()}
        scored.append(CrossValidation(plan.folds, {known: scores}).scored(data, known))
    people = [plan.people(halving) for halving in (0, *halvings)]
    return _curve(people[::-1], scored[::-1], plan.config.plan.seed)


def curve_lines(values: dict[str, object]) -> list[str]:
    """Return a curve, from `LearningCurve.as_dict`, as lines of text."""
    points, (gain, low, high) = values["points"], (values[key] for key in GAIN)
    assert isinstance(points, list)
    assert isinstance(gain, float)
    along = ", ".join(f"{p['auc']:.3f} with {p['people']:.0f} people" for p in points)
    interval = f" (95 %: {low:.3f} to {high:.3f})" if isinstance(low, float) else ""
    lines = [f"learning curve: AUC {along}", f"each doubling of people adds {gain:.3f}{interval}"]
    if not isinstance(low, float) or low <= 0:
        return [*lines, "that is no more than chance may give: more such people may not help"]
    last = points[-1]
    needed = (
        f"{last['auc'] + more:.3f} {_people(last['people'] * 2 ** (more / gain))}"
        for more in GAINS
        if last["auc"] + more < 1
    )
    return [
        *lines,
        f"at that rate AUC {', '.join(needed)}; a curve flattens in the end, so take that as the "
        "least",
    ]


def _people(count: float) -> str:
    if count > MOST_PEOPLE:
        return f"takes more than {MOST_PEOPLE:,} people"
    return f"takes {count:.0f} people"


def _curve(people: Sequence[float], scored: Sequence[Scored], seed: int) -> LearningCurve | None:
    """Return the curve of models that learned from `people`, by the same clips' scores."""
    found = [auc_point(count, each) for count, each in zip(people, scored, strict=True)]
    points = [point for point in found if point is not None]
    if len(points) < max(2, len(found)):
        return None
    gain = _slope(people, [area for _, area, _, _ in points])
    return LearningCurve(tuple(points), gain, *_interval(people, scored, seed))


def _slope(people: Sequence[float], areas: Sequence[float]) -> float:
    """Return the AUC that each doubling of people adds, by least squares."""
    doublings = np.log2(np.asarray(people))
    centred = doublings - doublings.mean()
    return float(centred @ np.asarray(areas) / (centred @ centred))


def _interval(
    people: Sequence[float], scored: Sequence[Scored], seed: int
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of the slope; each draw of people is scored at every size."""
    subjects = scored[0].subject
    clips_of = [np.flatnonzero(subjects == subject) for subject in np.unique(subjects)]
    if len(clips_of) < 2:
        return None, None
    rng, slopes = np.random.default_rng(seed), []
    for _ in range(BOOTSTRAPS):
        drawn = rng.integers(0, len(clips_of), len(clips_of))
        clips = np.concatenate([clips_of[i] for i in drawn])
        areas = [auc(each.where(clips)) for each in scored]
        known = [area for area in areas if area is not None]
        if len(known) == len(areas):
            slopes.append(_slope(people, known))
    if not slopes:
        return None, None
    low, high = np.percentile(slopes, (2.5, 97.5))
    return float(low), float(high)


def _score_part(plan: CurvePlan, files: Mapping[Task, Path], task: Task) -> None:
    """Write the scores of one fold by a part of its people."""
    scores = plan.score(*task, files[task].parent / NETWORKS)
    with atomic_write(files[task]) as unfinished:
        unfinished.write_text(json.dumps(scores))
