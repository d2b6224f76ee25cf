"""Measure what the onset adds to the score, on people whom nothing that is used has seen.

    python -m calibrate.experiments.score_inputs LEARNED TRACKS.npz

`LEARNED` is what `calibrate learn` wrote, `TRACKS.npz` the tracks that it learned from. The inputs
of each clip are those of the held-out network that never saw its person; the linear scores of all
emotions are fitted on the other folds of people, with and without the onset. Several deals of the
people into folds are averaged.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from calibrate.bundle import reader
from calibrate.data.dataset import Dataset
from calibrate.data.folds import Folds
from calibrate.data.tracks import load_tracks
from calibrate.data.usable_data import usable_dataset
from calibrate.learning.boosting import LabelledFeatures, fit_linear_score, fit_own_score
from calibrate.learning.fit import LearnedNetworks, label_features, out_of_fold_features
from calibrate.learning.out_of_fold import TickFeatures
from calibrate.metrics import Flags, Numbers, Scored, auc_point, balanced_accuracy, pairs
from realtime.core.messages import Floats
from realtime.verdict.features import MOVEMENT_INPUTS

FOLDS, DEALS = 7, 3
WITHOUT, WITH = "movement and person", "with the onset"


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """The clips of `data` and the inputs of their ticks, by number of known clips."""

    data: Dataset
    features: dict[int, TickFeatures]

    def variant(self, known: int, onset: bool) -> LabelledFeatures:
        """Return the labelled inputs; without the onset it counts as not seen."""
        features = self.features[known]
        inputs = features.inputs.copy()
        if not onset:
            inputs[:, MOVEMENT_INPUTS:] = np.nan
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
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.experiments.score_inputs",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("learned", type=Path)
    parser.add_argument("tracks", type=Path)
    chosen = parser.parse_args(arguments)
    learned, timing, _ = reader.load_networks(chosen.learned)
    tracks = load_tracks(chosen.tracks)
    appearance = learned.population.sees_appearance
    data, notes = usable_dataset(tracks, timing, learned.emotions, appearance)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    print("\n".join(report_lines(measure(learned, data))))
    return 0


def measure(learned: LearnedNetworks, data: Dataset) -> Corpus:
    """Return the inputs of all clips, for each number of known clips."""
    config, features = learned.learning_config, {}
    for known in config.known_clip_counts:
        one = replace(learned, learning_config=replace(config, known_clip_counts=(known,)))
        features[known] = out_of_fold_features(one, data, np.arange(len(data)), lambda: None)
    return Corpus(data, features)


def held_out_scores(corpus: Corpus, known: int, *, onset: bool) -> Numbers:
    """Return one score (n,) for each clip, the mean over `DEALS` deals of the people into folds."""
    data = corpus.data
    asked = corpus.variant(known, onset)
    fitted = [corpus.variant(count, onset) for count in corpus.features]
    ticks = np.zeros(len(asked.inputs))
    for deal in range(DEALS):
        for _, outside in Folds.by_person(data.subjects.tolist(), FOLDS, deal).splits():
            held_out = np.unique(data.subjects[outside])
            examples = joined([each.where(~np.isin(each.subject, held_out)) for each in fitted])
            shared = fit_linear_score(examples)
            for emotion in np.unique(examples.emotion):
                own = fit_own_score(examples.where(examples.emotion == emotion), shared)
                here = np.isin(asked.subject, held_out) & (asked.emotion == emotion)
                ticks[here] += own.score(asked.inputs[here]) / DEALS
    return corpus.clip_means(known, np.asarray(ticks, np.float32))


def joined(parts: Sequence[LabelledFeatures]) -> LabelledFeatures:
    """Return the examples of all `parts` as one."""
    return LabelledFeatures(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.genuine for part in parts]),
        np.concatenate([part.subject for part in parts]),
        np.concatenate([part.emotion for part in parts]),
    )


def report_lines(corpus: Corpus) -> Iterator[str]:
    """Yield a line for each variant: on all clips, and on those that show their onset."""
    data = corpus.data
    yield f"{len(np.unique(data.subjects))} people, {len(data)} clips"
    for known in corpus.features:
        scores = {WITHOUT: False, WITH: True}
        found = {name: held_out_scores(corpus, known, onset=on) for name, on in scores.items()}
        groups = {"all clips": np.ones(len(data), bool), "onset seen": corpus.onset_seen(known)}
        for group, keep in groups.items():
            for name, score in found.items():
                which = f"{known} known, {group} ({keep.sum()}), {name}"
                yield f"{which}: {_figures(data, score, keep)}"


def _figures(data: Dataset, score: Numbers, keep: Flags) -> str:
    p_genuine = 1 / (1 + np.exp(-score[keep]))
    scored = Scored(p_genuine, data.genuine[keep], data.subjects[keep], data.emotions[keep])
    area, right, ordered = auc_point(0.0, scored), balanced_accuracy(scored), pairs(scored)
    if area is None or right is None or ordered is None:
        return "not defined"
    spread = f"{area[2]:.3f}-{area[3]:.3f}"
    return f"AUC {area[1]:.3f} ({spread}), balanced {right:.3f}, pairs {ordered:.3f}"


if __name__ == "__main__":
    sys.exit(main())
