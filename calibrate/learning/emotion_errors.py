"""How badly each emotion's network predicts a movement, as the live gauge has it tick by tick.

From it come the limits beyond which the gauge says other_emotion, one tick in twenty of an emotion's own movement,
whoever shows it and however little is known of them; and how often `--emotion auto` names the emotion of people that
no network saw.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.data.replay_track import replay_ticks
from calibrate.learning.fit import LearnedNetworks
from calibrate.learning.out_of_fold import knowledge
from engines.registry import create_engine
from realtime.core.labels import ANY
from realtime.recognition.recogniser import RecogniserSet
from realtime.verdict.emotion_fit import EmotionErrors, emotion_of

ClipFits = dict[int, dict[str, float]]  # clip -> emotion -> misfit
WITHIN = 95  # percentile of the misfits of an emotion's own movement


def prediction_error_limits(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp]
) -> dict[str, float]:
    """The limit of every emotion that has a network and that `clips` show, and of any emotion."""
    names: dict[str, list[str]] = {}
    for network in learned.networks:
        names.setdefault(emotion_of(network), []).append(network)
    limits = {}
    for emotion, networks in sorted(names.items()):
        chosen = clips if emotion == ANY else clips[data.emotions[clips] == emotion]
        found = list(prediction_errors(learned, data, chosen, networks))
        if found:
            limits[emotion] = round(float(np.percentile(found, WITHIN)), 4)
    return limits


def prediction_errors(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp], networks: Iterable[str]
) -> Iterator[float]:
    """What the gauge would have for a misfit at every tick of the apex windows of `clips`, by `networks` of an emotion.

    The person is known by as many clips as boosters are fitted with, each in turn.
    """
    fitter = Fitter(learned, data, networks)
    for clip in map(int, clips):
        for known in learned.plan.known_clip_counts:
            for found in fitter.misfits(clip, known):
                yield from found.values()


def score_emotion_errors(
    learned: LearnedNetworks, data: Dataset, clips: Iterable[int], known: int
) -> ClipFits:
    """The misfit of every emotion that has a network, at the last tick of those of `clips` whose emotion has one.

    The person is known by so many other clips as `known` says.
    """
    names = [
        name for name in learned.networks if emotion_of(name) == name and name not in learned.bag
    ]
    if not names:
        return {}
    fitter = Fitter(learned, data, names)
    found = {
        clip: list(fitter.misfits(clip, known))
        for clip in clips
        if str(data.emotions[clip]) in names
    }
    return {clip: ticks[-1] for clip, ticks in found.items() if ticks}


class Fitter:
    """Runs the live loop of some networks over apex windows and keeps what `--emotion auto` compares."""

    def __init__(self, learned: LearnedNetworks, data: Dataset, networks: Iterable[str]) -> None:
        self._learned, self._data = learned, data.ranged(learned.population.movement_range)
        engines = [create_engine("native", learned.networks[name]) for name in networks]
        self._recognisers, self._fits = (
            RecogniserSet(engines, learned.plan.loop(data.timing.frames)),
            EmotionErrors(),
        )

    def misfits(self, clip: int, known: int) -> Iterator[dict[str, float]]:
        """The misfit of every emotion after each tick of a clip, with `known` other clips of the person."""
        data, learned = self._data, self._learned
        against = data.reference_stats(
            clip, data.stats_from_clips(knowledge(data, clip, known, learned.plan.seed))
        )
        self._recognisers.reset()
        self._fits.reset()
        between_s = data.times_s(clip, data.frame_ranges[clip])
        for tick in replay_ticks(
            data.tracks[clip], data.timing, learned.population, learned.basis, against, between_s
        ):
            if tick.window is not None:
                self._fits.add(
                    tick.window, self._recognisers.tick_subset(tick.window, self._recognisers.names)
                )
                yield self._fits.mean_errors()
