"""Measure what each view and each input adds to the score, on people whom nothing used has seen.

    python -m calibrate.experiments.ablation TRACKS.npz -o FOLDER

`TRACKS.npz` is what `calibrate extract` wrote. For the landmarks, the appearance and both, and for
both with a neutral that is estimated from movement alone, without the expression read-out, the
held-out networks of `calibrate learn` are trained, and kept in `FOLDER`. The read-out was learned
from the faces of the same people, not from whether they are genuine. The inputs of each clip
are those of the network that never saw its person; the linear scores of all emotions are fitted on
the other folds of people, with all inputs or all but one. Several deals of the people into folds
are averaged. One line is for all emotions by one score, which does not know the emotion.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calibrate.data.clips import DataError
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.folds import Folds
from calibrate.data.tracks import Track, have_appearance, load_tracks
from calibrate.data.usable_data import usable_dataset
from calibrate.learning.boosting import LabelledFeatures, fit_linear_score, fit_own_score
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.fit import (
    LearnedNetworks,
    LearningConfig,
    label_features,
    learn_networks,
    out_of_fold_features,
)
from calibrate.learning.out_of_fold import TickFeatures
from calibrate.metrics import Flags, Numbers, Scored, auc, balanced_accuracy, bootstrap, pairs
from realtime.core.labels import ANY
from realtime.core.messages import Floats
from realtime.verdict.features import MOVEMENT_INPUTS

FOLDS, DEALS = 7, 3
LeftOut = tuple[slice, float]  # inputs, and what stands for them where nothing is known
WITHOUT_ONSET: LeftOut = (slice(MOVEMENT_INPUTS, None), math.nan)
WITHOUT_PERSON: LeftOut = (slice(1, MOVEMENT_INPUTS), 0.0)
INPUTS_LEFT_OUT = {"without the onset": WITHOUT_ONSET, "without the person bias": WITHOUT_PERSON}
BOTH, LANDMARKS_ALONE, APPEARANCE_ALONE = ("all", "without the appearance", "without the landmarks")
WITHOUT_READ_OUT = "without the read-out"
AS_ANY = "as any"


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """The clips of `data` and the inputs of their ticks, by number of known clips."""

    data: Dataset
    features: dict[int, TickFeatures]

    def variant(self, known: int, left_out: LeftOut | None) -> LabelledFeatures:
        """Return the labelled inputs, as if nothing were known of those `left_out`."""
        features = self.features[known]
        inputs = features.inputs.copy()
        if left_out is not None:
            which, unknown = left_out
            inputs[:, which] = unknown
        return label_features(replace(features, inputs=inputs), self.data)

    def clip_means(self, known: int, ticks: Floats) -> Numbers:
        """Return the mean of the values (n,) of each clip's ticks, 0 for a clip without a tick."""
        clip, count = self.features[known].clip, len(self.data)
        sums = np.bincount(clip, ticks, count)
        return sums / np.maximum(np.bincount(clip, minlength=count), 1)

    def onset_seen(self, known: int) -> Flags:
        """Return which clips (n,) show their onset at a tick."""
        features = self.features[known]
        seen = np.zeros(len(self.data), bool)
        seen[features.clip[np.isfinite(features.inputs[:, MOVEMENT_INPUTS])]] = True
        return seen


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    tracks, folder = read_arguments("ablation", __doc__, arguments)
    learned = {name: learn(name, tracks, folder) for name in configurations()}
    views = {name: measure(*found) for name, found in learned.items()}
    print("\n".join(report_lines(views, measure(*learned[BOTH], ANY))))
    return 0


def read_arguments(
    name: str, about: str | None, arguments: Sequence[str] | None
) -> tuple[Sequence[Track], Path]:
    """Return the tracks and the folder of the networks that the command of an experiment is given.

    Raises `DataError` for tracks without the appearance.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m calibrate.experiments.{name}", description=(about or "").splitlines()[0]
    )
    parser.add_argument("tracks", type=Path)
    parser.add_argument("-o", dest="out", type=Path, required=True, help="folder of the networks")
    chosen = parser.parse_args(arguments)
    tracks = load_tracks(chosen.tracks)
    if not have_appearance(tracks):
        raise DataError(f"{chosen.tracks} holds no appearance; make it again by calibrate extract")
    return tracks, chosen.out


def configurations() -> dict[str, LearningConfig]:
    """Return how the held-out networks of each view are learned, and no other networks."""
    config = replace(LearningConfig(), ensemble_size=0, single_emotion_epochs_factor=0)
    blind = replace(config, symmetric_components=0, asymmetric_components=0)
    return {
        BOTH: config,
        LANDMARKS_ALONE: config,
        APPEARANCE_ALONE: blind,
        WITHOUT_READ_OUT: config,
    }


def learn(view: str, tracks: Sequence[Track], folder: Path) -> tuple[LearnedNetworks, Dataset]:
    """Return the held-out networks of `view`, from `folder` if they are there, and their data."""
    appearance, read_out = view != LANDMARKS_ALONE, view != WITHOUT_READ_OUT
    data, notes = usable_dataset(tracks, LIVE, appearance=appearance, read_out=read_out)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)

    def progress(done: str) -> None:
        print(f"{view}: {done}", file=sys.stderr, flush=True)

    store = CheckpointStore(folder / view.replace(" ", "-"))
    everyone = np.arange(len(data))
    return learn_networks(data, everyone, configurations()[view], progress, store), data


def measure(learned: LearnedNetworks, data: Dataset, emotion: str | None = None) -> Corpus:
    """Return the inputs of all clips, for each number of known clips; None: the emotion of each."""
    config, features = learned.learning_config, {}
    for known in config.known_clip_counts:
        one = replace(learned, learning_config=replace(config, known_clip_counts=(known,)))
        features[known] = out_of_fold_features(
            one, data, np.arange(len(data)), lambda: None, emotion
        )
    return Corpus(data, features)


def held_out_scores(
    corpus: Corpus, known: int, left_out: LeftOut | None = None, asked: Corpus | None = None
) -> Numbers:
    """Return one score (n,) for each clip, the mean over `DEALS` deals of the people into folds.

    The clips are scored as they are in `asked`; None: as in `corpus`, which all is fitted on.
    """
    asked = asked or corpus
    rows = asked.variant(known, left_out)
    ticks = np.zeros(len(rows.inputs))
    for held_out, examples in _training(corpus, left_out):
        shared = fit_linear_score(examples)
        for emotion in np.unique(examples.emotion):
            own = fit_own_score(examples.where(examples.emotion == emotion), shared)
            here = np.isin(rows.subject, held_out) & (rows.emotion == emotion)
            ticks[here] += own.score(rows.inputs[here]) / DEALS
    return asked.clip_means(known, np.asarray(ticks, np.float32))


def scores_of_any(corpus: Corpus, known: int, asked: Corpus) -> Numbers:
    """Return the same by the score of `any`, which does not know the emotion of a clip."""
    rows = asked.variant(known, None)
    ticks = np.zeros(len(rows.inputs))
    for held_out, examples in _training(corpus, None):
        here = np.isin(rows.subject, held_out)
        ticks[here] += fit_linear_score(examples).score(rows.inputs[here]) / DEALS
    return asked.clip_means(known, np.asarray(ticks, np.float32))


def _training(
    corpus: Corpus, left_out: LeftOut | None
) -> Iterator[tuple[NDArray[np.str_], LabelledFeatures]]:
    """Yield the people of a fold with the examples of all others, for each deal and fold."""
    subjects = corpus.data.subjects
    each_known = [corpus.variant(known, left_out) for known in corpus.features]
    for deal in range(DEALS):
        for _, outside in Folds.by_person(subjects.tolist(), FOLDS, deal).splits():
            held_out = np.unique(subjects[outside])
            others = [each.where(~np.isin(each.subject, held_out)) for each in each_known]
            yield held_out, joined(others)


def joined(parts: Sequence[LabelledFeatures]) -> LabelledFeatures:
    """Return the examples of all `parts` as one."""
    return LabelledFeatures(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.genuine for part in parts]),
        np.concatenate([part.subject for part in parts]),
        np.concatenate([part.emotion for part in parts]),
    )


def report_lines(views: dict[str, Corpus], read_as_any: Corpus) -> Iterator[str]:
    """Yield a line for each variant: on all clips, and on those that show their onset."""
    whole = views[BOTH]
    data = whole.data
    yield f"{len(np.unique(data.subjects))} people, {len(data)} clips"
    for known in whole.features:
        found = {name: held_out_scores(corpus, known) for name, corpus in views.items()}
        found |= {
            name: held_out_scores(whole, known, inputs) for name, inputs in INPUTS_LEFT_OUT.items()
        }
        found[AS_ANY] = scores_of_any(whole, known, read_as_any)
        groups = {"all clips": np.ones(len(data), bool), "onset seen": whole.onset_seen(known)}
        for group, keep in groups.items():
            scored = {name: scored_clips(data, score, keep) for name, score in found.items()}
            yield from compared(f"{known} known, {group} ({keep.sum()})", scored)


def compared(group: str, scored: Mapping[str, Scored]) -> Iterator[str]:
    """Yield a line for each of `scored`, all but the first with the change from the first."""
    first, *_ = scored.values()
    for name, one in scored.items():
        change = "" if one is first else _change(first, one)
        yield f"{group}, {name}: {_figures(one)}{change}"


def scored_clips(data: Dataset, score: Numbers, keep: Flags) -> Scored:
    """Return the probabilities of the scores (n,) of the clips of `data` that `keep` selects."""
    p_genuine = np.asarray(1 / (1 + np.exp(-score)), np.float64)
    return Scored(p_genuine, data.genuine, data.subjects, data.emotions).where(keep)


def _figures(scored: Scored) -> str:
    area, right, ordered = auc(scored), balanced_accuracy(scored), pairs(scored)
    if area is None or right is None or ordered is None:
        return "not defined"
    spread = _interval(bootstrap(scored, auc))
    return f"AUC {area:.3f}{spread}, balanced {right:.3f}, pairs {ordered:.3f}"


def _change(first: Scored, other: Scored) -> str:
    """Return the change of the AUC from `first` to `other`, with its interval over people."""
    numbers = replace(first, p_genuine=np.arange(len(first.genuine), dtype=np.float64))

    def change(drawn: Scored) -> float | None:
        clips = drawn.p_genuine.astype(np.intp)  # the same ones of both
        before, after = auc(first.where(clips)), auc(other.where(clips))
        return None if before is None or after is None else after - before

    found = change(numbers)
    return "" if found is None else f", change {found:+.3f}{_interval(bootstrap(numbers, change))}"


def _interval(ends: tuple[float | None, float | None]) -> str:
    low, high = ends
    return "" if low is None or high is None else f" ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    sys.exit(main())
