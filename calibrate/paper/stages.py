"""Resumable stages of the paper's protocol: work whose file exists is not repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import Clip, DataError
from calibrate.data.extract import SkippedClip
from calibrate.paper.crops import clip_motion, jittered_crops
from calibrate.paper.protocol import ArtifactPaths, PaperProtocol
from calibrate.paper.recognise import recognise_pbs
from calibrate.paper.split import TRAIN, Split
from calibrate.paper.train import TrainedPbs, Trainer, load_trained
from calibrate.paper.training_config import PaperTrainingConfig
from calibrate.parallel import atomic_write, run_tasks
from engines.engine import Engine
from engines.registry import create_engine
from realtime.core.errors import SourceError
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats

Task = TypeVar("Task", "CropTask", "RecognitionTask")
Result = TypeVar("Result")
Progress = Callable[[int], None]  # called with the number of all tasks after each one


@dataclass(frozen=True, slots=True)
class CropTask:
    """A clip to read in several passes, each with its own crop."""

    clip: Clip
    passes: int
    protocol: PaperProtocol
    path: Path


@dataclass(frozen=True, slots=True)
class TrainTask:
    """The network of one emotion to train on the passes over its clips."""

    emotion: str
    clips: tuple[Clip, ...]
    motions: tuple[Path, ...]
    config: PaperTrainingConfig
    seed: int
    path: Path

    def genuine(self) -> NDArray[np.bool_]:
        """Return whether each training sequence, a pass over a clip, is genuine."""
        passes = [len(np.load(path, mmap_mode="r")) for path in self.motions]
        return np.repeat([clip.label == GENUINE for clip in self.clips], passes)

    def trained(self) -> TrainedPbs:
        """Load the trained network and PBs."""
        return load_trained(self.path, self.emotion, self.config)


@dataclass(frozen=True, slots=True)
class RecognitionTask:
    """Passes over a clip whose PBs the network of a training task recognises."""

    motion: Path
    training: TrainTask
    steps: int
    path: Path


def extract_motions(
    clips: Sequence[Clip], split: Split, paths: ArtifactPaths, jobs: int, progress: Progress
) -> tuple[dict[Clip, Path], list[SkippedClip]]:
    """Read the passes over every clip; return their files and the skipped clips by name."""
    protocol = paths.protocol
    tasks = [
        CropTask(c, protocol.passes_of(split.part(c.subject)), protocol, paths.motion(c, split))
        for c in clips
    ]
    results = [skipped for _, skipped in _run_missing(_crop, tasks, jobs, progress)]
    skipped = sorted((s for s in results if s is not None), key=lambda clip: clip.name)
    return {task.clip: task.path for task in tasks if task.path.exists()}, skipped


def train_tasks(
    motions: Mapping[Clip, Path], split: Split, paths: ArtifactPaths
) -> list[TrainTask]:
    """Return one training task for each emotion, with the clips of the training people.

    Raises `DataError` if an emotion lacks genuine or fake clips.
    """
    tasks, config = [], paths.protocol.training
    for number, emotion in enumerate(sorted({clip.emotion for clip in motions})):
        clips = tuple(c for c in motions if c.emotion == emotion and split.part(c.subject) == TRAIN)
        if len({clip.label for clip in clips}) < 2:
            raise DataError(f"{emotion}: the training people show only one label; want both")
        files, seed = tuple(motions[clip] for clip in clips), paths.protocol.seed + number
        path = paths.network(emotion, files, seed)
        tasks.append(TrainTask(emotion, clips, files, config, seed, path))
    return tasks


def train_all(tasks: Sequence[TrainTask], jobs: int, progress: Progress) -> None:
    """Train every network, epoch by epoch; an interrupted run continues after its last epoch."""
    total = sum(task.config.epochs for task in tasks)
    finished = {task: _finished_epochs(task) for task in tasks}
    for _ in range(sum(finished.values())):
        progress(total)

    def unfinished(task: TrainTask, epochs: int) -> TrainTask | None:
        return task if epochs < task.config.epochs else None

    waiting = [task for task in tasks if unfinished(task, finished[task])]
    for _ in run_tasks(_train_epoch, waiting, jobs, unfinished):
        progress(total)


def recognise_all(
    motions: Mapping[Clip, Path],
    training: Sequence[TrainTask],
    paths: ArtifactPaths,
    jobs: int,
    progress: Progress,
) -> dict[Clip, Floats]:
    """Return the PBs (passes, 64) of every clip, recognised by the network of its emotion."""
    by_emotion = {task.emotion: task for task in training}
    tasks = {}
    # Sorted by emotion, because a worker holds one network at a time.
    for clip in sorted(motions, key=lambda clip: (clip.emotion, clip.name)):
        motion, trained = motions[clip], by_emotion[clip.emotion]
        path = paths.pbs(clip, motion, trained.path)
        tasks[clip] = RecognitionTask(motion, trained, paths.protocol.steps, path)
    for _ in _run_missing(_recognise, list(tasks.values()), jobs, progress):
        pass
    return {clip: np.load(task.path) for clip, task in tasks.items()}


def _run_missing(
    work: Callable[[Task], Result], tasks: Sequence[Task], jobs: int, progress: Progress
) -> Iterator[tuple[Task, Result]]:
    """Run the tasks whose file does not exist; the others count as finished."""
    missing = [task for task in tasks if not task.path.exists()]
    for _ in range(len(tasks) - len(missing)):
        progress(len(tasks))
    for task, result in run_tasks(work, missing, jobs):
        progress(len(tasks))
        yield task, result


def _crop(task: CropTask) -> SkippedClip | None:
    clip, protocol = task.clip, task.protocol
    try:
        crops = jittered_crops(clip.name, task.passes, protocol.seed)
        motion = clip_motion(clip, crops, protocol.hz)
    except (SourceError, DataError) as error:
        return SkippedClip(clip.name, str(error))
    _save(task.path, motion)
    return None


def _finished_epochs(task: TrainTask) -> int:
    return len(task.trained().curve) if task.path.exists() else 0


def _train_epoch(task: TrainTask) -> int:
    """Train one more epoch and return the number of epochs so far."""
    trainer = Trainer(task.emotion, _sequences(task.motions), task.config, task.seed)
    if task.path.exists():
        trainer.resume(task.path)
    trainer.epoch()
    trainer.save(task.path)
    return len(trainer.curve)


@lru_cache(maxsize=1)
def _sequences(motions: tuple[Path, ...]) -> list[Floats]:
    return [sequence for path in motions for sequence in np.load(path)]


def _recognise(task: RecognitionTask) -> None:
    training = task.training
    engine = _engine(training.emotion, training.path, training.config)
    _save(task.path, recognise_pbs(engine, np.load(task.motion), task.steps))


@lru_cache(maxsize=1)
def _engine(emotion: str, network: Path, config: PaperTrainingConfig) -> Engine:
    return create_engine("native", load_trained(network, emotion, config).network)


def _save(path: Path, array: Floats) -> None:
    with atomic_write(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, array)
