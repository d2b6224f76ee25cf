"""The whole chain of learning: population, basis, networks, evidence, boosters; fitted on some people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset, population
from calibrate.learning.batches import Augmentation, TrainingSet, sampled_profiles
from calibrate.learning.boosting import BoostingConfig, FittedBooster, LabelledFeatures, fit_booster
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.out_of_fold import (
    TickFeatures,
    Watcher,
    gathered,
    joined,
    knowledge,
    level_of,
)
from calibrate.learning.train import EpochLosses, TrainedNetwork, TrainingConfig, train_network
from calibrate.metrics import person_folds
from engines.engine import Engine
from engines.model.network import Network
from engines.model.shape import PRESETS
from engines.registry import create_engine
from realtime.core.labels import ANY
from realtime.core.messages import Floats
from realtime.motion.basis import MovementBasis, fit_basis
from realtime.person.population import Population
from realtime.person.stats import PersonStats
from realtime.recognition.recogniser import RecognitionConfig
from realtime.verdict.booster import ScoreModel
from realtime.verdict.features import ReadOut
from realtime.verdict.person_bias import PersonBias

Told = Callable[[str], None]
UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class LearningConfig:
    """Everything that a bundle is learned by. Figures behind the choices: docs/RESULTS.md."""

    training: TrainingConfig = field(default_factory=lambda: TrainingConfig(PRESETS["live"]))
    augmentation: Augmentation = field(default_factory=Augmentation)
    boosting: BoostingConfig = field(default_factory=BoostingConfig)
    single_emotion_epochs_factor: int = 4  # times as many epochs for a network of one emotion: it has a sixth of the clips; 0: learn none
    ensemble_size: int = 3  # networks for any emotion that are averaged live; learned from everybody, for people are few
    held_out_folds: int = 4  # more of them, each learned without one part of the people: boosters hear how strangers are read
    symmetric_components: int = 20  # principal directions of what both halves of the face do
    asymmetric_components: int = 20  # and of how far they differ
    headroom: float = 3.0
    settled_speed: float = (
        5.0  # of the PB a second: a face that holds its expression; one that moves has 7 to 10
    )
    known_clip_counts: tuple[int, ...] = (
        0,
        10,
    )  # clips of a person that boosters are fitted with: a stranger, and somebody known
    seed: int = 0

    def recipe_of(self, network: str) -> TrainingConfig:
        """How one of the networks is learned."""
        times = 1 if network.startswith((ANY, UNSEEN)) else self.single_emotion_epochs_factor
        return replace(self.training, epochs=self.training.epochs * times)

    def loop(self, frames: int) -> RecognitionConfig:
        """The recognition loop that runs live."""
        return RecognitionConfig(
            self.training.steps, frames, self.training.carry, self.settled_speed
        )

    def parts(self, data: Dataset, clips: NDArray[np.intp]) -> NDArray[np.int64]:
        """Which network of the bag never sees each clip (n,): by person."""
        return person_folds([str(s) for s in data.subjects[clips]], self.held_out_folds, self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class LearnedNetworks:
    """What learning mode leaves: networks with their read-outs, and how movement is laid out for them."""

    plan: LearningConfig
    population: Population
    basis: MovementBasis
    networks: Mapping[str, Network]
    read_outs: Mapping[str, Mapping[str, ReadOut]]  # by network, then emotion
    curves: Mapping[str, list[EpochLosses]]
    prototypes: Mapping[str, Mapping[str, Floats]] = field(
        default_factory=dict
    )  # PB (64,) by network and label

    @property
    def judges(self) -> tuple[str, ...]:
        """The networks for any emotion that judge."""
        return tuple(f"{ANY}-{number}" for number in range(self.plan.ensemble_size))

    @property
    def bag(self) -> tuple[str, ...]:
        """The networks for any emotion that each never saw one part of the people."""
        return tuple(f"{UNSEEN}-{number}" for number in range(self.plan.held_out_folds))

    def without_bag(self) -> LearnedNetworks:
        """What is shipped: once boosters are grown nobody asks the bag again."""
        networks = {name: one for name, one in self.networks.items() if name not in self.bag}
        return replace(
            self, networks=networks, read_outs={name: self.read_outs[name] for name in networks}
        )


@dataclass(frozen=True, slots=True, eq=False)
class FittedModel:
    """Networks with their boosters by emotion: enough to judge with."""

    learned: LearnedNetworks
    boosted: Mapping[str, FittedBooster]


def fit_model(
    data: Dataset,
    clips: NDArray[np.intp],
    plan: LearningConfig,
    told: Told,
    keep: CheckpointStore | None = None,
) -> FittedModel:
    """Learn everything from `clips`, but networks that are in `keep`. Deterministic in the plan's seed."""
    learned = learn_networks(data, clips, plan, told, keep)
    harvest = out_of_fold_features(learned, data, clips, lambda: None)
    told("harvest")
    return FittedModel(learned, fit_booster(examples(harvest, data), plan.boosting, plan.seed))


def learn_networks(
    data: Dataset,
    clips: NDArray[np.intp],
    plan: LearningConfig,
    told: Told,
    keep: CheckpointStore | None = None,
) -> LearnedNetworks:
    """Learning mode: judges and a bag of networks for any emotion, and one network for each emotion, from `clips`.

    What an earlier, broken run left in `keep` is not learned again.
    """
    people = population(data, clips)
    data = data.ranged(people.movement_range)
    known = {
        int(clip): sampled_profiles(data, int(clip), people, plan.augmentation, plan.seed)
        for clip in clips
    }
    movement = np.concatenate(
        [known[int(clip)][0].movement(data.window(int(clip))) for clip in clips]
    )
    basis = fit_basis(
        movement, plan.symmetric_components, plan.asymmetric_components, plan.headroom
    )
    told("population")
    learned: dict[str, TrainedNetwork] = {}
    for name, chosen in _lessons(data, clips, plan):
        seen = TrainingSet(data, chosen, known, basis, plan.augmentation)
        lesson = partial(train_network, name, seen, plan.recipe_of(name), plan.seed + len(learned))
        by = (plan, data.digest, clips.tolist(), chosen.tolist())
        learned[name] = keep.load_or_train(name, by, lesson) if keep else lesson()
        told(f"network {name}")
    return LearnedNetworks(
        plan,
        people,
        basis,
        {name: one.network for name, one in learned.items()},
        {name: one.read_outs for name, one in learned.items()},
        {name: one.curve for name, one in learned.items()},
    )


def _lessons(
    data: Dataset, clips: NDArray[np.intp], plan: LearningConfig
) -> Iterable[tuple[str, NDArray[np.intp]]]:
    """Which clips each network learns from."""
    for number in range(plan.ensemble_size):
        yield f"{ANY}-{number}", clips
    parts = plan.parts(data, clips)
    for number in range(plan.held_out_folds):
        yield f"{UNSEEN}-{number}", clips[parts != number]
    for emotion in np.unique(data.emotions[clips]) if plan.single_emotion_epochs_factor else ():
        yield str(emotion), clips[data.emotions[clips] == emotion]


def out_of_fold_features(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp], told: Callable[[], None]
) -> TickFeatures:
    """What each network of the bag says of the people in `clips` whom it never saw: what boosters learn from."""
    parts, plan = learned.plan.parts(data, clips), learned.plan
    found: list[TickFeatures] = []
    for number, name in enumerate(learned.bag):
        reader = ClipReader(learned, data, [name])
        for clip in clips[parts == number]:
            found.extend(
                reader.harvest(int(clip), str(data.emotions[clip]), known)
                for known in plan.known_clip_counts
            )
            told()
    return joined(found)


def examples(harvest: TickFeatures, data: Dataset) -> LabelledFeatures:
    """The harvest with the truth beside it."""
    clip = harvest.clip
    return LabelledFeatures(
        harvest.inputs, data.genuine[clip], data.subjects[clip], data.emotions[clip]
    )


class ClipReader:
    """Reads clips with some of the learned networks as the live gauge does, without its gate."""

    def __init__(
        self, learned: LearnedNetworks, data: Dataset, networks: Iterable[str] | None = None
    ) -> None:
        self._learned, self._data = learned, data
        self._names = tuple(networks or learned.judges)
        engines: list[Engine] = [
            create_engine("native", learned.networks[name]) for name in self._names
        ]
        loop = learned.plan.loop(data.timing.frames)
        self._watcher = Watcher(data, engines, loop, learned.population, learned.basis)

    def harvest(self, clip: int, emotion: str, known: int) -> TickFeatures:
        """Booster inputs of every tick of `clip`, with `known` other clips of the person."""
        data = self._data
        others = knowledge(data, clip, known, self._learned.plan.seed)
        knows = data.stats_from_clips(others)
        return self.read(clip, emotion, knows, self.level(others, knows))

    def read(
        self, clip: int, emotion: str, known: PersonStats | None, level: PersonBias
    ) -> TickFeatures:
        """The same, with what is `known` of the person given."""
        return gathered(self._watcher.see(clip, known), self.read_outs(emotion), level)

    def level(self, clips: Iterable[int], known: PersonStats | None) -> PersonBias:
        """The person's level by some of their clips."""
        return level_of(
            (self._watcher.see(int(clip), known) for clip in clips), self.read_outs(ANY)
        )

    def read_outs(self, emotion: str) -> list[ReadOut]:
        return [self._learned.read_outs[name][emotion] for name in self._names]


class ClipScorer:
    """Scores clips with a whole model: what the needle would be fed with."""

    def __init__(self, model: FittedModel, data: Dataset) -> None:
        self._reader = ClipReader(model.learned, data)
        self._boosters = score_models(model)

    def scores(self, clip: int, emotion: str, known: int) -> list[float]:
        """The score (log odds) of every tick of `clip`, by the booster of `emotion`."""
        booster = self._boosters[emotion]
        return [booster.score(row) for row in self._reader.harvest(clip, emotion, known).inputs]


def score_models(model: FittedModel) -> dict[str, ScoreModel]:
    """The model's boosters by emotion, ready to score."""
    return {e: ScoreModel(boosted.trees, boosted.start, e) for e, boosted in model.boosted.items()}
