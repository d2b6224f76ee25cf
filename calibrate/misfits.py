"""How badly a network may predict a movement that is still taken for its emotion: learned on its own movement.

Beyond this limit the gauge says other_emotion. One tick in twenty of an emotion's own movement lies beyond it, whoever
shows it and however little is known of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from calibrate.chain import Networks
from calibrate.dataset import Dataset
from calibrate.harvest import knowledge
from calibrate.live import ticks
from engines.registry import create
from realtime.load import ANY
from realtime.recognition.refine import Recognisers
from realtime.verdict.fit import Fits, emotion_of

WITHIN = 95  # percentile of the misfits of an emotion's own movement


def misfit_limits(learned: Networks, data: Dataset, clips: NDArray[np.intp]) -> dict[str, float]:
    """The limit of every emotion that has a network and that `clips` show, and of any emotion."""
    names: dict[str, list[str]] = {}
    for network in learned.networks:
        names.setdefault(emotion_of(network), []).append(network)
    limits = {}
    for emotion, networks in sorted(names.items()):
        chosen = clips if emotion == ANY else clips[data.emotions[clips] == emotion]
        found = list(misfits(learned, data, chosen, networks))
        if found:
            limits[emotion] = round(float(np.percentile(found, WITHIN)), 4)
    return limits


def misfits(learned: Networks, data: Dataset, clips: NDArray[np.intp], networks: Iterable[str]) -> Iterator[float]:
    """What the gauge would have for a misfit at every tick of the apex windows of `clips`, by `networks` of an emotion.

    The person is known by as many clips as boosters are fitted with, each in turn.
    """
    plan, timing, data = learned.plan, data.timing, data.ranged(learned.people.movement_range)
    engines = [create("native", learned.networks[name]) for name in networks]
    recognisers, fits = Recognisers(engines, plan.loop(timing.frames)), Fits()
    for clip in map(int, clips):
        between_s = data.times_s(clip, data.spans[clip])
        for count in plan.known:
            known = data.seen_from(clip, data.known(knowledge(data, clip, count, plan.seed)))
            recognisers.reset()
            fits.reset()
            for tick in ticks(data.tracks[clip], timing, learned.people, learned.basis, known, between_s):
                if tick.window is not None:
                    fits.add(tick.window, recognisers.some(tick.window, recognisers.names))
                    yield from fits.misfits().values()
