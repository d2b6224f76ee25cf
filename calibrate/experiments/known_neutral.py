"""Measure what a stranger's reading gains from the neutral face, by where it was seen.

    python -m calibrate.experiments.known_neutral TRACKS.npz -o FOLDER

On the clips that show at least half a second before their onset, of people whom nothing used has
seen: the neutral is guessed from the window alone, seen before the onset in the same clip (with the
weight that its time has live, and with that of ten clips), or known from ten other clips. Of how
far the person moves, and of the person bias, nothing is known. The networks are those of
`calibrate.experiments.ablation`, found in `FOLDER` or trained.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from calibrate.data.dataset import Dataset
from calibrate.experiments.ablation import (
    WITHOUT_READ_OUT,
    Corpus,
    compared,
    held_out_scores,
    learn,
    measure,
    read_arguments,
    scored_clips,
)
from calibrate.learning.clip_onsets import measure_clips
from calibrate.learning.clip_reader import ClipReader
from calibrate.learning.fit import LearnedNetworks
from calibrate.learning.out_of_fold import concatenate_features, other_clips
from calibrate.metrics import Numbers
from realtime.core.messages import Floats
from realtime.person.segment import CLIP_S
from realtime.person.stats import PersonStats
from realtime.verdict.person_bias import PersonBias

LEAST_REST_S, BEFORE_ONSET_S = 0.5, 0.1
MANY = 10.0  # clips
StatsOf = Callable[[int], PersonStats | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    tracks, folder = read_arguments("known_neutral", __doc__, arguments)
    print("\n".join(report_lines(*learn(WITHOUT_READ_OUT, tracks, folder))))
    return 0


def report_lines(learned: LearnedNetworks, data: Dataset) -> Iterator[str]:
    """Yield a line for each source of the neutral."""
    whole, rest = measure(learned, data), shapes_at_rest(learned, data)
    keep = np.isin(np.arange(len(data)), list(rest))

    def scores(stats_of: StatsOf) -> Numbers:
        asked = measure_known(learned, data, list(rest), stats_of)
        return held_out_scores(whole, 0, asked=asked)

    def from_others(clip: int) -> PersonStats | None:
        return data.stats_from_clips(other_clips(data, clip, round(MANY), learned.seed))

    found = {
        "neutral guessed": scores(lambda clip: None),
        "seen at rest": scores(lambda clip: neutral_alone(*rest[clip])),
        "seen at rest for long": scores(lambda clip: neutral_alone(rest[clip][0], MANY)),
        "known from ten other clips": scores(lambda clip: without_range(from_others(clip))),
        "all known from ten other clips": held_out_scores(whole, round(MANY)),
    }
    scored = {name: scored_clips(data, score, keep) for name, score in found.items()}
    yield from compared(f"{len(rest)} clips", scored)


def shapes_at_rest(learned: LearnedNetworks, data: Dataset) -> dict[int, tuple[Floats, float]]:
    """Return the mean shape (D,) before the onset of each clip that shows it, and its weight."""
    found: dict[int, tuple[Floats, float]] = {}
    shown = measure_clips(data, learned.population.movement_range, LEAST_REST_S + BEFORE_ONSET_S)
    for clip, onset in zip(map(int, shown.clips), shown.onsets, strict=True):
        shapes, newest_s = data.shapes[clip], float(data.tracks[clip].times_s[-1])
        times_s = newest_s - np.arange(len(shapes) - 1, -1, -1) / data.timing.rate_hz
        before = shapes[times_s < onset.start_s - BEFORE_ONSET_S]
        if len(before):
            seconds = len(before) / data.timing.rate_hz
            found[clip] = before.mean(axis=0), min(1.0, seconds / CLIP_S)
    return found


def neutral_alone(neutral: Floats, clips: float) -> PersonStats:
    """Return the stats of a person of whom only the neutral (D,) is known, with its weight."""
    return PersonStats(clips, np.asarray(neutral, np.float32), np.zeros_like(neutral), 0.0)


def without_range(stats: PersonStats | None) -> PersonStats | None:
    """Return the neutral of `stats` with its weight, and nothing of how far the person moves."""
    return None if stats is None else neutral_alone(stats.neutral, stats.clips)


def measure_known(
    learned: LearnedNetworks, data: Dataset, clips: Sequence[int], stats_of: StatsOf
) -> Corpus:
    """Return the inputs of `clips`, each of a person with the stats that `stats_of` gives it."""
    windows, parts = learned.windows(data), []
    fold_of = learned.learning_config.fold_of(data, np.arange(len(data)))
    for number, name in enumerate(learned.held_out_networks):
        reader = ClipReader(learned, windows, [name])
        for clip in (clip for clip in clips if fold_of[clip] == number):
            emotion = str(data.emotions[clip])
            parts.append(reader.features_given(clip, emotion, stats_of(clip), PersonBias()))
    return Corpus(data, {0: concatenate_features(parts)})


if __name__ == "__main__":
    sys.exit(main())
