"""Measure what the recording tells of the label, beside the expression.

    python -m calibrate.experiments.recordings_tell TRACKS.npz -o FOLDER

People may hold their face in one way in genuine and in another in fake recordings, before any
expression. First, the neutral of a held-out person comes from five genuine and five fake other
clips, from five of the label of the clip that is read, or from five of the other label; the gauge
knows nothing else, and live it never knows a label. If the expression alone were read, the last two
would do alike. Second, a linear classifier of the face at rest before the onset, less the person's
own, tells the label of people whom it has not seen. The networks are those of
`calibrate.experiments.ablation`, found in `FOLDER` or trained.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.experiments.ablation import (
    WITHOUT_READ_OUT,
    compared,
    held_out_scores,
    learn,
    measure,
    read_arguments,
    scored_clips,
)
from calibrate.experiments.known_neutral import MANY, measure_known, neutral_alone, shapes_at_rest
from calibrate.learning.fit import LearnedNetworks
from calibrate.metrics import Flags, Numbers
from realtime.core.messages import Floats
from realtime.person.stats import PersonStats

OF_EACH_LABEL = 5  # other clips
COMPONENTS = (5, 10, 20)  # of the face at rest; all are reported: none was chosen
RIDGE = 10.0  # clips that weigh against a coefficient of a whitened component
OWN, OTHER = (True,), (False,)  # whether the label of a clip is that of the clip that is read


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    tracks, folder = read_arguments("recordings_tell", __doc__, arguments)
    learned, data = learn(WITHOUT_READ_OUT, tracks, folder)
    for lines in (neutral_lines(learned, data), rest_lines(learned, data)):
        print("\n".join(lines), flush=True)
    return 0


def neutral_lines(learned: LearnedNetworks, data: Dataset) -> Iterator[str]:
    """Yield a line for each label of the clips that the neutral comes from."""
    whole, clips = measure(learned, data), clips_with_others(data)
    asked_for = {
        "neutral guessed": (),
        "of genuine and fake clips": (*OWN, *OTHER),
        "of clips of its own label": OWN,
        "of clips of the other label": OTHER,
    }
    found = {}
    for name, labels in asked_for.items():
        stats_of = partial(stats_by_label, data, labels=labels, seed=learned.seed)
        asked = measure_known(learned, data, clips.tolist(), stats_of)
        score = held_out_scores(whole, 0, asked=asked)
        found[name] = scored_clips(data, score, np.isin(np.arange(len(data)), clips))
    yield from compared(f"{len(clips)} clips", found)


def clips_with_others(data: Dataset) -> NDArray[np.intp]:
    """Return the clips whose person has enough other clips of either label."""
    enough = [
        min(len(others_of_label(data, clip, own)) for own in (True, False)) >= OF_EACH_LABEL
        for clip in range(len(data))
    ]
    return np.flatnonzero(enough)


def others_of_label(data: Dataset, clip: int, own: bool) -> NDArray[np.intp]:
    """Return the person's other clips with the label of `clip` (`own`) or with the other one."""
    same = (data.subjects == data.subjects[clip]) & ((data.genuine == data.genuine[clip]) == own)
    same[clip] = False
    return np.flatnonzero(same)


def stats_by_label(
    data: Dataset, clip: int, labels: Sequence[bool], seed: int
) -> PersonStats | None:
    """Return the neutral from five other clips of each of `labels`, with the weight of ten."""
    if not labels:
        return None
    drawn = [
        np.random.default_rng((seed, clip)).permutation(others_of_label(data, clip, own))
        for own in labels
    ]
    stats = data.stats_from_clips(np.concatenate([each[:OF_EACH_LABEL] for each in drawn]))
    assert stats is not None
    return neutral_alone(stats.neutral, MANY)


def rest_lines(learned: LearnedNetworks, data: Dataset) -> Iterator[str]:
    """Yield a line for each number of components of the face at rest."""
    rest = shapes_at_rest(learned, data)
    clips = np.array(list(rest), np.intp)
    at_rest = np.array([rest[int(clip)][0] for clip in clips], np.float32)
    shapes = np.asarray(at_rest / learned.population.movement_range, np.float32)
    held, known = less_own(shapes, data.genuine[clips], data.subjects[clips])
    clips, keep = clips[known], np.isin(np.arange(len(data)), clips[known])
    scored = {}
    for count in COMPONENTS:
        score = np.zeros(len(data))
        score[clips] = told_by_rest(held, data.genuine[clips], data.subjects[clips], count)
        scored[f"face at rest, {count} components"] = scored_clips(data, score, keep)
    yield from compared(f"{len(clips)} clips before their onset", scored)


def less_own(shapes: Floats, genuine: Flags, subjects: NDArray[np.str_]) -> tuple[Floats, Flags]:
    """Return `shapes` (n, D) less the mean of the person's other clips, and which have one.

    Both labels have the same weight in the mean, so that their numbers tell nothing; rows of people
    without other clips of both are left out.
    """
    held, known = [], np.zeros(len(shapes), np.bool_)
    for clip, shape in enumerate(shapes):
        own = (subjects == subjects[clip]) & (np.arange(len(shapes)) != clip)
        sides = [shapes[own & (genuine == label)] for label in (True, False)]
        known[clip] = all(map(len, sides))
        if known[clip]:
            held.append(shape - np.mean([side.mean(axis=0) for side in sides], axis=0))
    return np.array(held, np.float32).reshape(len(held), shapes.shape[1]), known


def told_by_rest(
    held: Floats, genuine: Flags, subjects: NDArray[np.str_], components: int
) -> Numbers:
    """Return a score (n,) of each row of `held` (n, D), learned from the other people alone."""
    score = np.zeros(len(held))
    for subject in np.unique(subjects):
        inside = subjects != subject
        mean = held[inside].mean(axis=0)
        _, spread, directions = np.linalg.svd(held[inside] - mean, full_matrices=False)
        whitened = directions[:components].T / (spread[:components] / np.sqrt(inside.sum()))
        inputs = (held - mean) @ whitened
        aim = genuine[inside] - genuine[inside].mean()
        ridge = RIDGE * np.eye(inputs.shape[1])
        weights = np.linalg.solve(inputs[inside].T @ inputs[inside] + ridge, inputs[inside].T @ aim)
        score[~inside] = inputs[~inside] @ weights
    return score


if __name__ == "__main__":
    sys.exit(main())
