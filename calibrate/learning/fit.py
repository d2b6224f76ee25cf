"""The whole chain of learning: population, basis, networks, evidence, boosters; fitted on some people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset, population
from calibrate.learning.batches import Sequences, Variety, profiles
from calibrate.learning.boosting import Boosted, Examples, Trees, boost
from calibrate.learning.checkpoints import Keep
from calibrate.learning.out_of_fold import Harvest, Watcher, gathered, joined, knowledge, level_of
from calibrate.learning.train import Epoch, Learned, Recipe, learn
from calibrate.metrics import person_folds
from engines.engine import Engine, Network
from engines.model.shape import PRESETS
from engines.registry import create
from realtime.core.messages import Floats
from realtime.motion.basis import Basis, fit_basis
from realtime.person.population import Known, Population
from realtime.recognition.recogniser import Loop
from realtime.runtime.stages_from_bundle import ANY
from realtime.verdict.booster import Booster
from realtime.verdict.features import Level, ReadOut

Told = Callable[[str], None]
UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a bundle is learned by. Figures behind the choices: docs/RESULTS.md."""

    recipe: Recipe = field(default_factory=lambda: Recipe(PRESETS["live"]))
    variety: Variety = field(default_factory=Variety)
    trees: Trees = field(default_factory=Trees)
    alone: int = 4  # times as many epochs for a network of one emotion: it has a sixth of the clips; 0: learn none
    judges: int = 3  # networks for any emotion that are averaged live; learned from everybody, for people are few
    bags: int = 4  # more of them, each learned without one part of the people: boosters hear how strangers are read
    both: int = 20  # principal directions of what both halves of the face do
    differing: int = 20  # and of how far they differ
    headroom: float = 3.0
    settled_speed: float = (
        5.0  # of the PB a second: a face that holds its expression; one that moves has 7 to 10
    )
    known: tuple[int, ...] = (
        0,
        10,
    )  # clips of a person that boosters are fitted with: a stranger, and somebody known
    seed: int = 0

    def recipe_of(self, network: str) -> Recipe:
        """How one of the networks is learned."""
        times = 1 if network.startswith((ANY, UNSEEN)) else self.alone
        return replace(self.recipe, epochs=self.recipe.epochs * times)

    def loop(self, frames: int) -> Loop:
        """The recognition loop that runs live."""
        return Loop(self.recipe.steps, frames, self.recipe.carry, self.settled_speed)

    def parts(self, data: Dataset, clips: NDArray[np.intp]) -> NDArray[np.int64]:
        """Which network of the bag never sees each clip (n,): by person."""
        return person_folds([str(s) for s in data.subjects[clips]], self.bags, self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class Networks:
    """What learning mode leaves: networks with their read-outs, and how movement is laid out for them."""

    plan: Plan
    people: Population
    basis: Basis
    networks: Mapping[str, Network]
    read_outs: Mapping[str, Mapping[str, ReadOut]]  # by network, then emotion
    curves: Mapping[str, list[Epoch]]
    prototypes: Mapping[str, Mapping[str, Floats]] = field(
        default_factory=dict
    )  # PB (64,) by network and label

    @property
    def judges(self) -> tuple[str, ...]:
        """The networks for any emotion that judge."""
        return tuple(f"{ANY}-{number}" for number in range(self.plan.judges))

    @property
    def bag(self) -> tuple[str, ...]:
        """The networks for any emotion that each never saw one part of the people."""
        return tuple(f"{UNSEEN}-{number}" for number in range(self.plan.bags))

    def without_bag(self) -> Networks:
        """What is shipped: once boosters are grown nobody asks the bag again."""
        networks = {name: one for name, one in self.networks.items() if name not in self.bag}
        return replace(
            self, networks=networks, read_outs={name: self.read_outs[name] for name in networks}
        )


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Networks with their boosters by emotion: enough to judge with."""

    learned: Networks
    boosted: Mapping[str, Boosted]


def fit(
    data: Dataset, clips: NDArray[np.intp], plan: Plan, told: Told, keep: Keep | None = None
) -> Model:
    """Learn everything from `clips`, but networks that are in `keep`. Deterministic in the plan's seed."""
    learned = learn_networks(data, clips, plan, told, keep)
    harvest = harvest_unseen(learned, data, clips, lambda: None)
    told("harvest")
    return Model(learned, boost(examples(harvest, data), plan.trees, plan.seed))


def learn_networks(
    data: Dataset, clips: NDArray[np.intp], plan: Plan, told: Told, keep: Keep | None = None
) -> Networks:
    """Learning mode: judges and a bag of networks for any emotion, and one network for each emotion, from `clips`.

    What an earlier, broken run left in `keep` is not learned again.
    """
    people = population(data, clips)
    data = data.ranged(people.movement_range)
    known = {
        int(clip): profiles(data, int(clip), people, plan.variety, plan.seed) for clip in clips
    }
    movement = np.concatenate(
        [known[int(clip)][0].movement(data.window(int(clip))) for clip in clips]
    )
    basis = fit_basis(movement, plan.both, plan.differing, plan.headroom)
    told("population")
    learned: dict[str, Learned] = {}
    for name, chosen in _lessons(data, clips, plan):
        seen = Sequences(data, chosen, known, basis, plan.variety)
        lesson = partial(learn, name, seen, plan.recipe_of(name), plan.seed + len(learned))
        by = (plan, data.digest, clips.tolist(), chosen.tolist())
        learned[name] = keep.learned(name, by, lesson) if keep else lesson()
        told(f"network {name}")
    return Networks(
        plan,
        people,
        basis,
        {name: one.network for name, one in learned.items()},
        {name: one.read_outs for name, one in learned.items()},
        {name: one.curve for name, one in learned.items()},
    )


def _lessons(
    data: Dataset, clips: NDArray[np.intp], plan: Plan
) -> Iterable[tuple[str, NDArray[np.intp]]]:
    """Which clips each network learns from."""
    for number in range(plan.judges):
        yield f"{ANY}-{number}", clips
    parts = plan.parts(data, clips)
    for number in range(plan.bags):
        yield f"{UNSEEN}-{number}", clips[parts != number]
    for emotion in np.unique(data.emotions[clips]) if plan.alone else ():
        yield str(emotion), clips[data.emotions[clips] == emotion]


def harvest_unseen(
    learned: Networks, data: Dataset, clips: NDArray[np.intp], told: Callable[[], None]
) -> Harvest:
    """What each network of the bag says of the people in `clips` whom it never saw: what boosters learn from."""
    parts, plan = learned.plan.parts(data, clips), learned.plan
    found: list[Harvest] = []
    for number, name in enumerate(learned.bag):
        reader = Reader(learned, data, [name])
        for clip in clips[parts == number]:
            found.extend(
                reader.harvest(int(clip), str(data.emotions[clip]), known) for known in plan.known
            )
            told()
    return joined(found)


def examples(harvest: Harvest, data: Dataset) -> Examples:
    """The harvest with the truth beside it."""
    clip = harvest.clip
    return Examples(harvest.inputs, data.genuine[clip], data.subjects[clip], data.emotions[clip])


class Reader:
    """Reads clips with some of the learned networks as the live gauge does, without its gate."""

    def __init__(
        self, learned: Networks, data: Dataset, networks: Iterable[str] | None = None
    ) -> None:
        self._learned, self._data = learned, data
        self._names = tuple(networks or learned.judges)
        engines: list[Engine] = [create("native", learned.networks[name]) for name in self._names]
        loop = learned.plan.loop(data.timing.frames)
        self._watcher = Watcher(data, engines, loop, learned.people, learned.basis)

    def harvest(self, clip: int, emotion: str, known: int) -> Harvest:
        """Booster inputs of every tick of `clip`, with `known` other clips of the person."""
        data = self._data
        others = knowledge(data, clip, known, self._learned.plan.seed)
        knows = data.known(others)
        return self.read(clip, emotion, knows, self.level(others, knows))

    def read(self, clip: int, emotion: str, known: Known | None, level: Level) -> Harvest:
        """The same, with what is `known` of the person given."""
        return gathered(self._watcher.see(clip, known), self.read_outs(emotion), level)

    def level(self, clips: Iterable[int], known: Known | None) -> Level:
        """The person's level by some of their clips."""
        return level_of(
            (self._watcher.see(int(clip), known) for clip in clips), self.read_outs(ANY)
        )

    def read_outs(self, emotion: str) -> list[ReadOut]:
        return [self._learned.read_outs[name][emotion] for name in self._names]


class Scorer:
    """Scores clips with a whole model: what the needle would be fed with."""

    def __init__(self, model: Model, data: Dataset) -> None:
        self._reader = Reader(model.learned, data)
        self._boosters = boosters(model)

    def scores(self, clip: int, emotion: str, known: int) -> list[float]:
        """The score (log odds) of every tick of `clip`, by the booster of `emotion`."""
        booster = self._boosters[emotion]
        return [booster.score(row) for row in self._reader.harvest(clip, emotion, known).inputs]


def boosters(model: Model) -> dict[str, Booster]:
    """The model's boosters by emotion, ready to score."""
    return {e: Booster(boosted.trees, boosted.start, e) for e, boosted in model.boosted.items()}
