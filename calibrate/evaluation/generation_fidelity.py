"""Fidelity of generation: distance to the class mean, and recognition of the generated movement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import Dataset
from calibrate.generation.generate import from_neutral
from calibrate.learning.fit import LearnedNetworks
from calibrate.learning.prototypes import encoded_windows, fitted_pbs
from engines.model.network import Ints
from realtime.core.labels import ANY, LABELS
from realtime.core.messages import Floats

# Step lengths of a recognition that converges.
HEARING = tuple(float(length) for length in np.geomspace(0.5, 0.01, 80))


@dataclass(frozen=True, slots=True)
class Fidelity:
    """Fidelity of one prototype: mean squared distances in encoded movement, and cosines of PBs.

    `own` and `other` are the distances of the generated movement to the mean clip of its own and of
    the other class; `still` is that of no movement to its own class. `heard` is the cosine between
    the prototype and the PB recognised from its movement, `clips_heard` the mean over the clips.
    """

    emotion: str
    label: str
    own: float
    still: float
    other: float
    heard: float
    clips_heard: float

    @property
    def holds(self) -> bool:
        """Whether it plays its own class, rather than nothing or the other one."""
        return self.own < min(self.still, self.other)


def measure_fidelity(
    learned: LearnedNetworks, data: Dataset, clips: NDArray[np.intp]
) -> list[Fidelity]:
    """Both classes of every emotion that has prototypes and whose `clips` show both."""
    found: list[Fidelity] = []
    windows = learned.windows(data)
    for name in learned.prototypes:
        chosen = clips[data.emotions[clips] == name]
        if not name.startswith(ANY) and len(np.unique(data.genuine[chosen])) == len(LABELS):
            found.extend(
                _of_emotion(
                    learned, name, data.genuine[chosen], *encoded_windows(learned, windows, chosen)
                )
            )
    return found


def lines(found: Sequence[Fidelity]) -> list[str]:
    """Return a table, distances in thousandths, and how many emotions hold in both classes."""
    table = [
        f"{'':10} {'':8} {'own':>6} {'still':>6} {'other':>6} {'heard':>7} {'clips heard':>12}"
    ]
    for one in found:
        far = " ".join(f"{1000 * distance:6.2f}" for distance in (one.own, one.still, one.other))
        table.append(
            f"{one.emotion:10} {one.label:8} {far} {one.heard:7.3f} {one.clips_heard:12.3f}"
        )
    emotions = {one.emotion for one in found}
    hold = emotions - {one.emotion for one in found if not one.holds}
    return [
        *table,
        f"{len(hold)} of {len(emotions)} emotions:"
        " each class nearer to its own mean clip than still or the other",
    ]


def _of_emotion(
    learned: LearnedNetworks, name: str, genuine: NDArray[np.bool_], seen: Floats, lengths: Ints
) -> list[Fidelity]:
    network, by_label = learned.networks[name], learned.prototypes[name]
    pbs = fitted_pbs(network, seen, lengths)
    classes = dict(zip(LABELS, (genuine, ~genuine), strict=True))
    means = {label: mean_clip(seen[rows], lengths[rows]) for label, rows in classes.items()}
    found = []
    for label, other in zip(LABELS, LABELS[::-1], strict=True):
        known = np.concatenate((by_label[label][None], pbs[classes[label]]))
        played = from_neutral(network, known, seen.shape[1])
        cosines = cosine(
            known, fitted_pbs(network, played, np.full(len(played), played.shape[1]), HEARING)
        )
        own, still = _far(played[0], means[label]), _far(0 * played[0], means[label])
        away = _far(played[0], means[other])
        found.append(
            Fidelity(name, label, own, still, away, float(cosines[0]), float(cosines[1:].mean()))
        )
    return found


def mean_clip(seen: Floats, lengths: Ints) -> Floats:
    """The mean (T, 80) of windows (n, T, 80), each over its own length."""
    inside = (np.arange(seen.shape[1]) < lengths[:, None])[:, :, None]
    return np.asarray((seen * inside).sum(axis=0) / inside.sum(axis=0).clip(min=1), np.float32)


def cosine(one: Floats, other: Floats) -> Floats:
    """The cosines (n,) between the rows of `one` and `other`."""
    norms = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / norms, np.float32)


def _far(played: Floats, mean: Floats) -> float:
    """Mean squared distance of (T, 80), without the first frame: that one is given, not played."""
    return float(np.square(played[1:] - mean[1:]).mean())
