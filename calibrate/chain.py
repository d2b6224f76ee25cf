"""The whole chain of learning: population, basis, networks, evidence, boosters; fitted on some people, asked about others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calibrate.boost import Boosted, Examples, Trees, boost
from calibrate.dataset import Dataset, population
from calibrate.harvest import Harvest, Watcher, gathered, joined, knowledge, level_of
from calibrate.learn import Epoch, Learned, Recipe, learn
from calibrate.metrics import person_folds
from calibrate.sequences import Sequences, Variety, profiles
from engines.engine import Engine, Network
from engines.registry import create
from engines.shape import PRESETS
from realtime.load import ANY
from realtime.motion.basis import Basis, fit_basis
from realtime.motion.person import Population
from realtime.recognition.refine import Loop
from realtime.verdict.booster import Booster
from realtime.verdict.evidence import Level, ReadOut

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a bundle is learned by. Figures behind the choices: calibrate/RESULTS.md."""

    recipe: Recipe = field(default_factory=lambda: Recipe(PRESETS["live"]))
    variety: Variety = field(default_factory=Variety)
    trees: Trees = field(default_factory=Trees)
    bags: int = 8  # networks for any emotion, each learned without one part of the people
    both: int = 20  # principal directions of what both halves of the face do
    differing: int = 20  # and of how far they differ
    headroom: float = 3.0
    settled_speed: float = 2.0
    known: int = 10  # clips of a person that boosters are fitted with
    seed: int = 0

    def loop(self, frames: int) -> Loop:
        """The recognition loop that runs live."""
        return Loop(self.recipe.steps, frames, self.recipe.carry, self.settled_speed)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What was learned: enough to judge with, before any of it is on disk."""

    plan: Plan
    people: Population
    basis: Basis
    networks: Mapping[str, Network]
    read_outs: Mapping[str, Mapping[str, ReadOut]]  # by network, then emotion
    boosted: Mapping[str, Boosted]  # by emotion
    curves: Mapping[str, list[Epoch]]

    def bag(self) -> tuple[str, ...]:
        """The networks that were learned on all emotions."""
        return tuple(f"{ANY}-{number}" for number in range(self.plan.bags))

    def read_by(self, networks: Iterable[str], emotion: str) -> list[ReadOut]:
        """How `networks` are read when `emotion` is asked about."""
        return [self.read_outs[name][emotion] for name in networks]


def fit(data: Dataset, clips: NDArray[np.intp], plan: Plan, told: Told) -> Model:
    """Learn everything from `clips`. Deterministic in the plan's seed."""
    people = population(data, clips)
    known = {int(clip): profiles(data, int(clip), people, plan.variety, plan.seed) for clip in clips}
    movement = np.concatenate([known[int(clip)][0].movement(data.window(int(clip))) for clip in clips])
    basis = fit_basis(movement, plan.both, plan.differing, plan.headroom)
    told("population")
    parts = person_folds([str(s) for s in data.subjects[clips]], plan.bags, plan.seed)
    learned: dict[str, Learned] = {}
    for name, chosen in _lessons(data, clips, parts, plan):
        seen = Sequences(data, chosen, known, basis, plan.variety)
        learned[name] = learn(name, seen, plan.recipe, plan.seed + len(learned))
        told(f"network {name}")
    boosted: dict[str, Boosted] = {}
    model = Model(
        plan,
        people,
        basis,
        {name: one.network for name, one in learned.items()},
        {name: one.read_outs for name, one in learned.items()},
        boosted,
        {name: one.curve for name, one in learned.items()},
    )
    boosted.update(_boosted(model, data, clips, parts))
    told("boosters")
    return model


def _lessons(
    data: Dataset, clips: NDArray[np.intp], parts: NDArray[np.int64], plan: Plan
) -> Iterable[tuple[str, NDArray[np.intp]]]:
    """Which clips each network learns from: the bag for any emotion, then one network for each."""
    for number in range(plan.bags):
        yield f"{ANY}-{number}", clips[parts != number]
    for emotion in np.unique(data.emotions[clips]):
        yield str(emotion), clips[data.emotions[clips] == emotion]


def _boosted(model: Model, data: Dataset, clips: NDArray[np.intp], parts: NDArray[np.int64]) -> dict[str, Boosted]:
    """Boosters on what each network of the bag says of the people whom it never saw."""
    found: list[Harvest] = []
    for number, name in enumerate(model.bag()):
        reader = Reader(model, data, [name])
        found.extend(reader.harvest(int(clip), str(data.emotions[clip]), model.plan.known) for clip in clips[parts == number])
    harvest = joined(found)
    examples = Examples(harvest.inputs, data.genuine[harvest.clip], data.subjects[harvest.clip], data.emotions[harvest.clip])
    return boost(examples, model.plan.trees, model.plan.seed)


class Reader:
    """Reads clips with some of a model's networks as the live gauge does, without its gate."""

    def __init__(self, model: Model, data: Dataset, networks: Iterable[str] | None = None) -> None:
        self._model, self._data = model, data
        self._names = tuple(networks or model.bag())
        engines: list[Engine] = [create("native", model.networks[name]) for name in self._names]
        loop = model.plan.loop(data.timing.frames)
        self._watcher = Watcher(data, engines, loop, model.people, model.basis)
        self._boosters = {e: Booster(boosted.trees, boosted.start, e) for e, boosted in model.boosted.items()}

    def harvest(self, clip: int, emotion: str, known: int) -> Harvest:
        """Booster inputs of every tick of `clip`, with `known` other clips of the person."""
        data, model = self._data, self._model
        others = knowledge(data, clip, known, model.plan.seed)
        knows = data.known(others)
        read_outs = model.read_by(self._names, emotion)
        seen = {int(other): self._watcher.see(int(other), knows) for other in others}
        level = level_of(seen, seen, read_outs) if seen else Level()
        return gathered(self._watcher.see(clip, knows), read_outs, data.timing.ticks, level)

    def scores(self, clip: int, emotion: str, known: int) -> list[float]:
        """The score of every tick of `clip`, by the booster of `emotion`."""
        booster = self._boosters[emotion]
        return [booster.score(row) for row in self.harvest(clip, emotion, known).inputs]
