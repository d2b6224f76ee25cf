"""The stages of the paper's protocol, each over many files: what lies on disk already is not done again."""

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
from calibrate.paper.crops import jittered_crops, motion_of
from calibrate.paper.protocol import ArtifactPaths, PaperProtocol
from calibrate.paper.recognise import recognised
from calibrate.paper.split import TRAIN, Split
from calibrate.paper.train import TrainedPbs, Trainer, learned_in
from calibrate.paper.training_config import PaperTrainingConfig
from calibrate.parallel import run_all
from engines.engine import Engine
from engines.registry import create_engine
from realtime.core.errors import SourceError
from realtime.core.labels import GENUINE
from realtime.core.messages import Floats

Task = TypeVar("Task", "CropTask", "RecognitionTask")
Result = TypeVar("Result")
Told = Callable[
    [int], None
]  # of how many pieces of work there are in all; called once for each that is done


@dataclass(frozen=True, slots=True)
class CropTask:
    """A clip to be read: in how many passes, and where they go."""

    clip: Clip
    passes: int
    protocol: PaperProtocol
    to: Path


@dataclass(frozen=True, slots=True)
class TrainTask:
    """A network to be learned: the clips of one emotion with their passes, and where it goes."""

    emotion: str
    clips: tuple[Clip, ...]
    motions: tuple[Path, ...]
    recipe: PaperTrainingConfig
    seed: int
    to: Path

    def genuine(self) -> NDArray[np.bool_]:
        """Whether each sequence, a pass over a clip, is genuine."""
        passes = [len(np.load(path, mmap_mode="r")) for path in self.motions]
        return np.repeat([clip.label == GENUINE for clip in self.clips], passes)

    def learned(self) -> TrainedPbs:
        """What was learned, once it was."""
        return learned_in(self.to, self.emotion, self.recipe)


@dataclass(frozen=True, slots=True)
class RecognitionTask:
    """Passes whose PBs are to be recognised by the network of a lesson, and where those go."""

    motion: Path
    lesson: TrainTask
    steps: int
    to: Path


def read(
    clips: Sequence[Clip], split: Split, shop: ArtifactPaths, jobs: int, told: Told
) -> tuple[dict[Clip, Path], list[SkippedClip]]:
    """Every clip's passes on disk, and the clips that gave none with the reason."""
    protocol = shop.protocol
    todo = [
        CropTask(c, protocol.passes_of(split.part(c.subject)), protocol, shop.motion(c, split))
        for c in clips
    ]
    left = [found for _, found in _each_new(_read, todo, jobs, told) if found is not None]
    return {task.clip: task.to for task in todo if task.to.exists()}, sorted(
        left, key=lambda item: item.name
    )


def lessons(motions: Mapping[Clip, Path], split: Split, shop: ArtifactPaths) -> list[TrainTask]:
    """One lesson for each emotion, from the people who are learned from."""
    found = []
    for number, emotion in enumerate(sorted({clip.emotion for clip in motions})):
        clips = tuple(c for c in motions if c.emotion == emotion and split.part(c.subject) == TRAIN)
        if len({clip.label for clip in clips}) < 2:
            raise DataError(
                f"{emotion}: those to learn from show no genuine or no fake clip; want both"
            )
        files, seed = tuple(motions[clip] for clip in clips), shop.protocol.seed + number
        recipe = shop.protocol.recipe
        found.append(
            TrainTask(emotion, clips, files, recipe, seed, shop.network(emotion, files, seed))
        )
    return found


def learn_all(todo: Sequence[TrainTask], jobs: int, told: Told) -> None:
    """Learn every network, an epoch at a time; a run that was broken off goes on after its last whole epoch."""
    every = sum(lesson.recipe.epochs for lesson in todo)
    before = {lesson: _epochs(lesson) for lesson in todo}
    for _ in range(sum(before.values())):
        told(every)
    unfinished = [lesson for lesson in todo if before[lesson] < lesson.recipe.epochs]
    for _ in run_all(
        _study,
        unfinished,
        jobs,
        lambda lesson, epochs: lesson if epochs < lesson.recipe.epochs else None,
    ):
        told(every)


def recognise_all(
    motions: Mapping[Clip, Path],
    learned: Sequence[TrainTask],
    shop: ArtifactPaths,
    jobs: int,
    told: Told,
) -> dict[Clip, Floats]:
    """The PBs (passes, 64) of every clip, by the network of its emotion."""
    by_emotion = {lesson.emotion: lesson for lesson in learned}
    todo = {}
    for clip in sorted(
        motions, key=lambda clip: (clip.emotion, clip.name)
    ):  # a worker holds one network at a time
        motion, lesson = motions[clip], by_emotion[clip.emotion]
        todo[clip] = RecognitionTask(
            motion, lesson, shop.protocol.steps, shop.pbs(clip, motion, lesson.to)
        )
    for _ in _each_new(_listen, list(todo.values()), jobs, told):
        pass
    return {clip: np.load(task.to) for clip, task in todo.items()}


def _each_new(
    work: Callable[[Task], Result], tasks: Sequence[Task], jobs: int, told: Told
) -> Iterator[tuple[Task, Result]]:
    """`each` of the tasks whose file is not there yet; those that are count as done."""
    todo = [task for task in tasks if not task.to.exists()]
    for _ in range(len(tasks) - len(todo)):
        told(len(tasks))
    for task, result in run_all(work, todo, jobs):
        told(len(tasks))
        yield task, result


def _read(task: CropTask) -> SkippedClip | None:
    protocol = task.protocol
    try:
        motion = motion_of(
            task.clip, jittered_crops(task.clip.name, task.passes, protocol.seed), protocol.hz
        )
    except (SourceError, DataError) as error:
        return SkippedClip(task.clip.name, str(error))
    _keep(task.to, motion)
    return None


def _epochs(lesson: TrainTask) -> int:
    """How many epochs of a lesson lie on disk."""
    return len(lesson.learned().curve) if lesson.to.exists() else 0


def _study(lesson: TrainTask) -> int:
    """Learn one more epoch of a lesson; how many there are then."""
    course = Trainer(lesson.emotion, _sequences(lesson.motions), lesson.recipe, lesson.seed)
    if lesson.to.exists():
        course.resume(lesson.to)
    course.epoch()
    course.save(lesson.to)
    return len(course.curve)


@lru_cache(maxsize=1)
def _sequences(motions: tuple[Path, ...]) -> list[Floats]:
    return [one for path in motions for one in np.load(path)]


def _listen(task: RecognitionTask) -> None:
    lesson = task.lesson
    engine = _engine(lesson.emotion, lesson.to, lesson.recipe)
    _keep(task.to, recognised(engine, np.load(task.motion), task.steps))


@lru_cache(maxsize=1)
def _engine(emotion: str, network: Path, recipe: PaperTrainingConfig) -> Engine:
    return create_engine("native", learned_in(network, emotion, recipe).network)


def _keep(path: Path, array: Floats) -> None:
    """Write an array whole or not at all."""
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("wb") as file:
        np.save(file, array)
    unfinished.rename(path)
