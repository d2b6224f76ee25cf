"""Prediction error of every emotion's network, tick by tick, as the live gauge computes it.

From it come the limits above which the gauge reports other_emotion (one tick in twenty of an
emotion's own movement, for any person and any amount known of them). Weighed by the emotion
classifier, they rank the emotions as `--emotion auto` does, here for held-out people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import ApexWindows, Dataset
from calibrate.learning.fit import FittedModel, LearnedNetworks
from calibrate.learning.out_of_fold import other_clips
from calibrate.learning.recognise import errors_by_tick, mismatches_by_tick
from realtime.core.labels import ANY
from realtime.person.stats import PersonStats
from realtime.verdict.emotion_fit import emotion_of

ClipMismatches = dict[int, dict[str, float]]  # clip -> emotion -> how badly it fits
LIMIT_PERCENTILE = 95  # of the errors of an emotion's own movement


def prediction_error_limits(
    learned: LearnedNetworks, windows: ApexWindows, clips: NDArray[np.intp]
) -> dict[str, float]:
    """Return the limit of `any` and of every emotion that has a network and is among `clips`."""
    emotions = windows.data.emotions[clips]
    names: dict[str, list[str]] = {}
    for network in learned.networks:
        names.setdefault(emotion_of(network), []).append(network)
    limits = {}
    for emotion, networks in sorted(names.items()):
        chosen = clips if emotion == ANY else clips[emotions == emotion]
        errors = list(prediction_errors(learned, windows, chosen, networks))
        if errors:
            limits[emotion] = round(float(np.percentile(errors, LIMIT_PERCENTILE)), 4)
    return limits


def prediction_errors(
    learned: LearnedNetworks, windows: ApexWindows, clips: NDArray[np.intp], networks: Iterable[str]
) -> Iterator[float]:
    """Yield the error at every tick of the windows of `clips`, by `networks` of one emotion.

    Each clip is read for every number of known clips that boosters are fitted with.
    """
    recogniser = learned.recogniser(windows, networks)
    for clip in map(int, clips):
        for count in learned.learning_config.known_clip_counts:
            stats = _stats(learned, windows.data, clip, count)
            for errors in errors_by_tick(recogniser, clip, stats):
                yield from errors.values()


def score_emotion_mismatches(
    model: FittedModel, data: Dataset, clips: Iterable[int], known_clips: int
) -> ClipMismatches:
    """Return how badly every emotion fits the last tick of `clips` whose emotion is compared.

    That is one with a network, which the classifier knows, if there is one. The person is known
    from `known_clips` other clips.
    """
    learned = model.learned
    networks = [
        name
        for name in learned.networks
        if emotion_of(name) == name and name not in learned.held_out_networks
    ]
    known = {*networks} if model.classifier is None else {*model.classifier.emotions}
    compared = known.intersection(networks)
    if not compared:
        return {}
    recogniser = learned.recogniser(learned.windows(data), networks)
    last = {}
    for clip in clips:
        if str(data.emotions[clip]) in compared:
            stats = _stats(learned, data, clip, known_clips)
            for mismatches in mismatches_by_tick(recogniser, clip, stats, model.classifier):
                last[clip] = mismatches
    return last


def _stats(learned: LearnedNetworks, data: Dataset, clip: int, count: int) -> PersonStats | None:
    return data.stats_from_clips(other_clips(data, clip, count, learned.learning_config.seed))
