"""The whole chain of learning: population, networks, harvested PBs, boosters; fitted on some people, asked about others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calibrate.boost import Examples, Trees, boost
from calibrate.dataset import Dataset, population
from calibrate.harvest import Harvest, Knowledge, harvest
from calibrate.learn import Epoch, Recipe, learn
from calibrate.live import ticks
from calibrate.sequences import Sequences, Variety
from engines.engine import Network
from engines.registry import create
from engines.shape import PRESETS
from realtime.load import ANY
from realtime.motion.person import Population, Profile
from realtime.recognition.refine import Loop, Recognisers
from realtime.verdict.booster import Booster, features

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a bundle is learned by. Figures behind the choices: calibrate/RESULTS.md."""

    recipe: Recipe = field(default_factory=lambda: Recipe(PRESETS["live"]))
    variety: Variety = field(default_factory=Variety)
    trees: Trees = field(default_factory=Trees)
    warm: bool = False  # whether a tick starts from the last one's PB
    settled_speed: float = 1.0
    known: tuple[int, ...] = (10, 5, 2)  # clips of a person that profiles in learning come from
    draws: int = 6
    neutral_prior_s: float = 1.5
    range_prior_s: float = 30.0
    seed: int = 0

    def loop(self, frames: int) -> Loop:
        """The recognition loop that runs live."""
        return Loop(self.recipe.steps, frames, self.warm, self.settled_speed)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What was learned: enough to judge with, before any of it is on disk."""

    plan: Plan
    population: Population
    networks: Mapping[str, Network]
    boosters: Mapping[str, bytes]  # by emotion
    curves: Mapping[str, list[Epoch]]

    def names(self, emotion: str) -> tuple[str, ...]:
        """The networks that speak for `emotion`."""
        return (ANY,) if emotion == ANY else (emotion, ANY)


def fit(data: Dataset, clips: NDArray[np.intp], plan: Plan, told: Told) -> Model:
    """Learn everything from `clips`. Deterministic in the plan's seed."""
    people = population(data, clips, plan.neutral_prior_s, plan.range_prior_s)
    networks: dict[str, Network] = {}
    curves: dict[str, list[Epoch]] = {}
    boosters: dict[str, bytes] = {}
    for number, emotion in enumerate((ANY, *np.unique(data.emotions))):
        chosen = clips if emotion == ANY else clips[data.emotions[clips] == emotion]
        seen = Sequences(data, chosen, people, plan.known, plan.variety, plan.draws, plan.seed)
        networks[emotion], curves[emotion] = learn(emotion, seen, plan.recipe, plan.seed + number)
        told(f"network {emotion}")
    model = Model(plan, people, networks, boosters, curves)
    for emotion in networks:
        boosters[emotion] = _booster(model, data, clips, emotion)
        told(f"booster {emotion}")
    return model


def _booster(model: Model, data: Dataset, clips: NDArray[np.intp], emotion: str) -> bytes:
    chosen = clips if emotion == ANY else clips[data.emotions[clips] == emotion]
    found = harvested(model, data, chosen, emotion, Knowledge(10, 2, model.plan.seed))
    return boost(Examples(found.inputs, data.genuine[found.clip], data.subjects[found.clip]), model.plan.trees, model.plan.seed)


def harvested(model: Model, data: Dataset, clips: NDArray[np.intp], emotion: str, knowledge: Knowledge) -> Harvest:
    """Recognition mode over `clips` by the networks of `emotion`."""
    engines = [create("native", model.networks[name]) for name in model.names(emotion)]
    return harvest(data, clips, engines, model.plan.loop(data.timing.frames), model.population, knowledge)


class Reader:
    """Judges clips with a model as the live gauge does, without its gate: every tick with a window is scored."""

    def __init__(self, model: Model, data: Dataset) -> None:
        self._model, self._data = model, data
        loop = model.plan.loop(data.timing.frames)
        self._recognisers = {
            emotion: Recognisers([create("native", model.networks[name]) for name in model.names(emotion)], loop)
            for emotion in model.boosters
        }
        self._boosters = {emotion: Booster(raw, emotion) for emotion, raw in model.boosters.items()}

    def scores(self, clip: int, emotion: str, known: Profile | None) -> list[float]:
        """The score of every tick in the clip's apex window, as the booster of `emotion` gives it."""
        data, recognisers = self._data, self._recognisers[emotion]
        recognisers.reset()
        between_s = data.times_s(clip, data.apexes[clip])
        seen = ticks(data.tracks[clip], data.timing, self._model.population, known, between_s)
        booster = self._boosters[emotion]
        return [booster.score(features(recognisers.tick(tick.window))) for tick in seen if tick.window is not None]
