"""Protocol `whole`: clips as human raters and the paper saw them, with their edges.

It is there to compare with them and nothing else: where a clip was cut gives the label away, and a camera has no cuts,
so what is learned here is never shipped. One bag of networks sees the first window of each clip, one the apex, one the
last, and one how far the clip rises from its own beginning to its apex; a booster joins what they say into one score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import APEX, FIRST, LAST, RISE, Dataset
from calibrate.learning.boosting import FittedBooster, LabelledFeatures, fit_booster
from calibrate.learning.fit import ClipReader, LearnedNetworks, LearningConfig, Told, learn_networks
from realtime.core.messages import Floats
from realtime.verdict.booster import ScoreModel

PARTS = (FIRST, APEX, LAST, RISE)


@dataclass(frozen=True, slots=True, eq=False)
class WholeClipModel:
    """Networks for each of `PARTS`, and boosters by emotion over all of them."""

    learned: tuple[LearnedNetworks, ...]
    boosted: Mapping[str, FittedBooster]


class WholeClipReaders:
    """Reads a clip part by part: by all networks, or by the one of each bag with the number `unseen`."""

    def __init__(
        self, learned: Sequence[LearnedNetworks], data: Dataset, unseen: int | None = None
    ) -> None:
        self._readers = [
            ClipReader(one, data.at(part), None if unseen is None else [one.bag[unseen]])
            for one, part in zip(learned, PARTS, strict=True)
        ]

    def inputs(self, clip: int, emotion: str, known: int) -> Floats:
        """Booster inputs (5,) of `clip`: the mean log odds of each part's ticks, and the person's level in the mean."""
        found = [reader.harvest(clip, emotion, known).inputs for reader in self._readers]
        means = np.array([rows.mean(axis=0) if len(rows) else np.zeros(2) for rows in found])
        return np.append(means[:, 0], means[:, 1].mean()).astype(np.float32)


def fit_whole_clips_model(
    data: Dataset, clips: NDArray[np.intp], plan: LearningConfig, told: Told
) -> WholeClipModel:
    """Learn everything from `clips`. Deterministic in the plan's seed."""
    learned = tuple(learn_networks(data.at(part), clips, plan, told) for part in PARTS)
    return WholeClipModel(
        learned, fit_booster(_unseen(learned, data, clips), plan.boosting, plan.seed)
    )


def score_whole_clips(
    model: WholeClipModel, data: Dataset, clips: Iterable[int], known: int
) -> dict[int, list[float]]:
    """The score (log odds) of each of `clips`, one each, with `known` other clips of the person."""
    readers = WholeClipReaders(model.learned, data)
    boosters = {
        e: ScoreModel(boosted.trees, boosted.start, e) for e, boosted in model.boosted.items()
    }
    emotions = {clip: str(data.emotions[clip]) for clip in clips}
    return {
        clip: [boosters[e].score(readers.inputs(clip, e, known))] for clip, e in emotions.items()
    }


def _unseen(
    learned: Sequence[LearnedNetworks], data: Dataset, clips: NDArray[np.intp]
) -> LabelledFeatures:
    """What networks say of the people in `clips` whom they never saw: what boosters learn from."""
    plan, rows, of = learned[0].plan, [], []
    parts = plan.parts(data, clips)
    for number in range(plan.held_out_folds):
        readers = WholeClipReaders(learned, data, number)
        for clip in clips[parts == number]:
            for known in plan.known_clip_counts:
                rows.append(readers.inputs(int(clip), str(data.emotions[clip]), known))
                of.append(clip)
    return LabelledFeatures(
        np.array(rows, np.float32), data.genuine[of], data.subjects[of], data.emotions[of]
    )
