"""Prototypes: the mean PB of genuine and of fake expressions in a network, played by generation.

Learning finds a PB for every sequence; the prototype of a class is the mean over its sequences.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.learning.fit import LearnedNetworks
from calibrate.learning.out_of_fold import other_clips
from engines.model.network import Ints, Network
from engines.model.shape import LANDMARKS, PB
from engines.registry import create_engine
from realtime.core.labels import ANY, LABELS
from realtime.core.messages import Floats

# Live, one long step separates movements; to play a movement its PB must fit it. With twice as many
# steps a PB fits its own clip better, but the class mean fits the mean movement worse.
STEP_LENGTHS = (0.5,) * 10 + (0.2,) * 10 + (0.05,) * 10


def class_prototypes(
    learned: LearnedNetworks, windows: ApexWindows, clips: NDArray[np.intp]
) -> dict[str, dict[str, Floats]]:
    """Return the PB (64,) of each class by network and label, where `clips` show both classes."""
    prototypes = {}
    for name, chosen in _clips_of_networks(learned, windows.data, clips):
        genuine = windows.data.genuine[chosen]
        if genuine.any() and not genuine.all():
            pbs = fitted_pbs(learned.networks[name], *encoded_windows(learned, windows, chosen))
            means = (pbs[genuine].mean(axis=0), pbs[~genuine].mean(axis=0))
            prototypes[name] = dict(zip(LABELS, means, strict=True))
    return prototypes


def fitted_pbs(
    network: Network, motion: Floats, lengths: Ints, steps: tuple[float, ...] = STEP_LENGTHS
) -> Floats:
    """Return the PBs (n, 64) that make `network` play `motion` (n, T, 80).

    `steps` are the lengths of the gradient steps.
    """
    engine = create_engine("native", replace(network, rule=replace(network.rule, lengths=steps)))
    return engine.refine(motion, lengths, np.zeros((len(motion), PB), np.float32), len(steps)).pb


def encoded_windows(
    learned: LearnedNetworks, windows: ApexWindows, clips: NDArray[np.intp]
) -> tuple[Floats, Ints]:
    """Return the windows of `clips` as network input (n, T, 80), with lengths (n,).

    Other clips of the person give the neutral.
    """
    data, config = windows.data, learned.learning_config
    motion = np.zeros((len(clips), data.timing.frames, LANDMARKS), np.float32)
    lengths = np.zeros(len(clips), np.int64)
    for row, clip in enumerate(map(int, clips)):
        shapes = windows.window(clip)
        others = other_clips(data, clip, max(config.known_clip_counts), config.seed)
        reference = windows.reference_stats(clip, data.stats_from_clips(others))
        movement = learned.population.profile_of(shapes, reference).movement(shapes)
        motion[row, : len(shapes)] = learned.basis.encode(movement)
        lengths[row] = len(shapes)
    return motion, lengths


def _clips_of_networks(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp]
) -> Iterable[tuple[str, NDArray[np.intp]]]:
    yield f"{ANY}-0", clips
    for emotion in np.unique(data.emotions[clips]):
        if str(emotion) in learned.networks:
            yield str(emotion), clips[data.emotions[clips] == emotion]
