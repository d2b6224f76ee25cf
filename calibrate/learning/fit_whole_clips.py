"""Protocol `whole`: clips with their edges, as human raters and the paper saw them.

It serves comparison alone: the cut of a clip gives its label away, and a camera has no cuts, so
nothing learned here is shipped. Separate networks read the first window of each clip, the apex, the
last window, and the rise from the clip's first frames to its apex; a booster joins their scores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibrate.data.dataset import APEX, FIRST, LAST, RISE, Dataset
from calibrate.learning.boosting import FittedBooster, LabelledFeatures, fit_booster
from calibrate.learning.clip_reader import ClipReader
from calibrate.learning.fit import LearnedNetworks, LearningConfig, Progress, learn_networks
from realtime.core.messages import Floats
from realtime.verdict.booster import ScoreModel
from realtime.verdict.features import MOVEMENT_INPUTS

PARTS = (FIRST, APEX, LAST, RISE)


@dataclass(frozen=True, slots=True, eq=False)
class WholeClipModel:
    """Networks for each of `PARTS`, and boosters by emotion over all of them."""

    learned: tuple[LearnedNetworks, ...]
    boosted: Mapping[str, FittedBooster]


class WholeClipReaders:
    """Reads a clip part by part: with the ensembles, or with one held-out network of each."""

    def __init__(
        self, learned: Sequence[LearnedNetworks], data: Dataset, held_out: int | None = None
    ) -> None:
        self._readers = [
            ClipReader(
                one,
                one.windows(data, part),
                None if held_out is None else [one.held_out_networks[held_out]],
            )
            for one, part in zip(learned, PARTS, strict=True)
        ]

    def inputs(self, clip: int, emotion: str, known_clips: int) -> Floats:
        """Return booster inputs (5,): mean log odds of each part, and the mean person bias."""
        by_part = [reader.features(clip, emotion, known_clips).inputs for reader in self._readers]
        none = np.zeros(MOVEMENT_INPUTS)
        means = np.array(
            [rows[:, :MOVEMENT_INPUTS].mean(axis=0) if len(rows) else none for rows in by_part]
        )
        return np.append(means[:, 0], means[:, 1].mean()).astype(np.float32)


def fit_whole_clips_model(
    data: Dataset, clips: NDArray[np.intp], config: LearningConfig, progress: Progress
) -> WholeClipModel:
    """Fit everything on `clips`. Deterministic in the seed of `config`."""
    learned = tuple(learn_networks(data, clips, config, progress, part=part) for part in PARTS)
    features = _out_of_fold_features(learned, data, clips)
    return WholeClipModel(learned, fit_booster(features, config.boosting, config.seed))


def score_whole_clips(
    model: WholeClipModel, data: Dataset, clips: Iterable[int], known_clips: int
) -> dict[int, list[float]]:
    """Return one score (log odds) for each of `clips`; `known_clips` others show the person."""
    readers = WholeClipReaders(model.learned, data)
    boosters = {
        e: ScoreModel(boosted.trees, boosted.start, e) for e, boosted in model.boosted.items()
    }
    emotions = {clip: str(data.emotions[clip]) for clip in clips}
    return {
        clip: [boosters[e].score(readers.inputs(clip, e, known_clips))]
        for clip, e in emotions.items()
    }


def _out_of_fold_features(
    learned: Sequence[LearnedNetworks], data: Dataset, clips: NDArray[np.intp]
) -> LabelledFeatures:
    """Return inputs of `clips`, each from the held-out networks that never saw its person."""
    config, rows, of = learned[0].learning_config, [], []
    fold_of = config.fold_of(data, clips)
    for number in range(config.held_out_folds):
        readers = WholeClipReaders(learned, data, number)
        for clip in clips[fold_of == number]:
            for count in config.known_clip_counts:
                rows.append(readers.inputs(int(clip), str(data.emotions[clip]), count))
                of.append(clip)
    return LabelledFeatures(
        np.array(rows, np.float32),
        data.genuine[of],
        data.subjects[of],
        data.emotions[of],
        (*[1] * len(PARTS), -1),
    )
