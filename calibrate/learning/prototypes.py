"""Prototypes: the PB of felt and of acted expressions in a network, which generation mode plays (the paper's two PBs).

Learning finds a PB for every sequence; the prototype of a class is the mean of its sequences' PBs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.learning.fit import LearnedNetworks
from calibrate.learning.out_of_fold import knowledge
from engines.model.network import Ints, Network
from engines.model.shape import LANDMARKS, PB
from engines.registry import create_engine
from realtime.core.labels import ANY, LABELS
from realtime.core.messages import Floats

# Live, one long step tells one movement from another; to play a movement its PB must fit it. With twice as many steps
# a PB fits its own clip better, and the mean of a class fits the class's mean movement worse.
FITTING = (0.5,) * 10 + (0.2,) * 10 + (0.05,) * 10


def class_prototypes(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp]
) -> dict[str, dict[str, Floats]]:
    """The PB (64,) of each class by network and label, from `clips`: for any emotion, and for each that shows both."""
    found = {}
    for name, chosen in _lessons(learned, data, clips):
        genuine = data.genuine[chosen]
        if genuine.any() and not genuine.all():
            pbs = fitted_pbs(learned.networks[name], *windows(learned, data, chosen))
            means = (pbs[genuine].mean(axis=0), pbs[~genuine].mean(axis=0))
            found[name] = dict(zip(LABELS, means, strict=True))
    return found


def fitted_pbs(
    network: Network, seen: Floats, lengths: Ints, steps: tuple[float, ...] = FITTING
) -> Floats:
    """The PBs (n, 64) under which `network` plays the windows `seen` (n, T, 80), found by steps of these lengths."""
    engine = create_engine("native", replace(network, rule=replace(network.rule, lengths=steps)))
    return engine.refine(seen, lengths, np.zeros((len(seen), PB), np.float32), len(steps)).pb


def windows(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp]
) -> tuple[Floats, Ints]:
    """The apex windows of `clips` as networks see them (n, T, 80), with lengths (n,); others tell the neutral."""
    data = data.ranged(learned.population.movement_range)
    seen = np.zeros((len(clips), data.timing.frames, LANDMARKS), np.float32)
    lengths = np.zeros(len(clips), np.int64)
    for row, clip in enumerate(clips):
        shapes, plan = data.window(int(clip)), learned.plan
        others = knowledge(data, int(clip), max(plan.known_clip_counts), plan.seed)
        against = data.reference_stats(int(clip), data.stats_from_clips(others))
        movement = learned.population.profile_of(shapes, against).movement(shapes)
        seen[row, : len(shapes)] = learned.basis.encode(movement)
        lengths[row] = len(shapes)
    return seen, lengths


def _lessons(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp]
) -> Iterable[tuple[str, NDArray[np.intp]]]:
    yield f"{ANY}-0", clips
    for emotion in np.unique(data.emotions[clips]):
        if str(emotion) in learned.networks:
            yield str(emotion), clips[data.emotions[clips] == emotion]
