"""Recognition mode over labelled clips: every tick's PBs, by the recogniser that runs live.

Boosters learn from what the live loop gives them, with its strides and its number of steps, or they would learn another
distribution than the one that they judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.dataset import Dataset
from calibrate.live import ticks
from engines.engine import Engine
from realtime.motion.person import Population, Profile
from realtime.recognition.refine import Loop, Recognisers
from realtime.values import Floats
from realtime.verdict.booster import features


@dataclass(frozen=True, slots=True, eq=False)
class Harvest:
    """Booster inputs (n, F) of every tick, with the clip (number in the dataset) and the time each belongs to."""

    inputs: Floats
    clip: NDArray[np.intp]
    at_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        if not len(self.inputs) == len(self.clip) == len(self.at_s):
            raise ValueError(f"{len(self.inputs)} inputs, {len(self.clip)} clips, {len(self.at_s)} times; want as many of each")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How much is known of each person: profiles of `known` other clips, drawn `draws` times (0 clips: live, from nothing)."""

    known: int
    draws: int
    seed: int


def harvest(
    data: Dataset,
    clips: Iterable[int] | NDArray[np.intp],
    engines: Iterable[Engine],
    loop: Loop,
    population: Population,
    knowledge: Knowledge,
    told: Callable[[], None] | None = None,
) -> Harvest:
    """The live loop over the apex window of each clip; `told` hears of every clip."""
    recognisers = Recognisers(tuple(engines), loop)
    rows: list[tuple[Floats, int, float]] = []
    for clip in clips:
        for known in profiles(data, int(clip), population, knowledge):
            rows.extend(_clip_rows(data, int(clip), recognisers, population, known))
        if told is not None:
            told()
    inputs, numbers, times = zip(*rows, strict=True)
    return Harvest(np.array(inputs, np.float32), np.array(numbers, np.intp), np.array(times, np.float64))


def profiles(data: Dataset, clip: int, population: Population, knowledge: Knowledge) -> list[Profile | None]:
    """What may be known of the person in `clip`, never from the clip itself; None is nothing at all."""
    if knowledge.known == 0:
        return [None]
    rng = np.random.default_rng((knowledge.seed, clip))
    drawn = (data.others(clip, knowledge.known, rng) for _ in range(knowledge.draws))
    return [data.profile(others, population) if len(others) else None for others in drawn]


def _clip_rows(
    data: Dataset, clip: int, recognisers: Recognisers, population: Population, known: Profile | None
) -> list[tuple[Floats, int, float]]:
    recognisers.reset()
    between_s = data.times_s(clip, data.apexes[clip])
    seen = ticks(data.tracks[clip], data.timing, population, known, between_s)
    return [(features(recognisers.tick(tick.window)), clip, tick.at_s) for tick in seen if tick.window is not None]
