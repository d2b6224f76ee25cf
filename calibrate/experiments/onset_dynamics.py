"""Measure how well the onset of an expression alone separates genuine from fake.

    python -m calibrate.experiments.onset_dynamics TRACKS.npz [--before 0.5]

`TRACKS.npz` is what `calibrate extract` writes. Of each clip that shows the beginning of its
largest movement, the onset is measured as the live gauge does, with the neutral of the person's
other clips; the label is used by the last step alone. The movement range is that of all people.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.folds import Folds
from calibrate.data.tracks import load_tracks
from calibrate.learning.boosting import LabelledFeatures, fit_linear_score
from calibrate.learning.clip_onsets import ClipOnsets, measure_clips
from calibrate.learning.population import population_range
from calibrate.metrics import Numbers, Scored, auc_point

FOLDS = 7
ALL = "all"
# Measures of sizes and times are compared by their ratios, so the regression sees their logarithm.
RATIOS = ("duration_s", "amplitude", "largest_speed", "mean_speed", "relative_speed")
MEASURES = (*RATIOS, "symmetry", "mouth_lead_s", "plateau_s")
# The plateau lasts until the clip ends at the latest, and how clips are cut may tell the label.
LEARNED = tuple(name for name in MEASURES if name != "plateau_s")
CONTROL = "before_s"  # of the clip before its onset: tells how a clip was cut, not how a face moves


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.experiments.onset_dynamics",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("tracks", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--before",
        type=float,
        default=0.0,
        metavar="S",
        help="seconds that a clip shows before its onset at least: what is cut close may be cut by "
        "its label",
    )
    chosen = parser.parse_args(arguments)
    data = Dataset.of(load_tracks(chosen.tracks), LIVE)
    movement_range = population_range(data.stats_by_person().values())
    found = measure_clips(data, movement_range, chosen.before)
    print("\n".join(report_lines(found, chosen.seed)))
    return 0


def regression_inputs(found: ClipOnsets) -> Numbers:
    """Return the inputs (n, F) of the regression; parts without an order count as together."""
    columns = [found.measure(name) for name in LEARNED]
    logged = [np.log(c) if n in RATIOS else c for n, c in zip(LEARNED, columns, strict=True)]
    return np.asarray(np.nan_to_num(np.stack(logged, axis=1)), np.float64)


def held_out_scores(found: ClipOnsets, seed: int) -> Numbers:
    """Return the log odds (n,) of each clip by regressions that never saw its person.

    There is one regression for each emotion.
    """
    data, clips, inputs = found.data, found.clips, regression_inputs(found)
    emotions, subjects, genuine = (
        column[clips] for column in (data.emotions, data.subjects, data.genuine)
    )
    scores = np.zeros(len(clips))
    for inside, outside in Folds.by_person(subjects.tolist(), FOLDS, seed).splits():
        for emotion in np.unique(emotions[outside]):
            own, asked = inside[emotions[inside] == emotion], outside[emotions[outside] == emotion]
            if len(np.unique(genuine[own])) < 2:
                continue  # even odds
            mean, spread = inputs[own].mean(axis=0), inputs[own].std(axis=0) + 1e-6
            scaled = np.asarray((inputs - mean) / spread, np.float32)
            examples = LabelledFeatures(scaled[own], genuine[own], subjects[own], emotions[own])
            scores[asked] = fit_linear_score(examples).score(scaled[asked])
    return scores


def report_lines(found: ClipOnsets, seed: int) -> Iterator[str]:
    """Yield the table by emotion: clips, AUC of each measure alone, of all together, controls."""
    data, count = found.data, len(found.clips)
    yield f"{len(np.unique(data.subjects))} people, {len(data)} clips, {count} with onset"
    yield "AUC above 0.5: larger in genuine clips; in brackets 95 % by bootstrap over people"
    columns = {name: found.measure(name) for name in MEASURES} | {CONTROL: found.before_s}
    columns["together"] = held_out_scores(found, seed)
    for emotion in (*np.unique(data.emotions).tolist(), None):
        of_all = (data.emotions == emotion) | (emotion is None)
        shown = found.scored(found.before_s, emotion).genuine
        genuine = f"{shown.sum()} of {(of_all & data.genuine).sum()} genuine"
        fake = f"{(~shown).sum()} of {(of_all & ~data.genuine).sum()} fake clips"
        yield ""
        yield f"{emotion or ALL}: onset in {genuine} and {fake}"
        for name, values in columns.items():
            yield _line(name, found.scored(values, emotion))


def _line(name: str, scored: Scored) -> str:
    area, values, genuine = auc_point(0.0, scored), scored.p_genuine, scored.genuine
    if area is None:
        return f"  {name:<16}{len(values):>5}  not defined: one label only"
    medians = f"genuine {np.median(values[genuine]):.2f}, fake {np.median(values[~genuine]):.2f}"
    return f"  {name:<16}{len(values):>5}  {area[1]:.2f} ({area[2]:.2f}-{area[3]:.2f})   {medians}"


if __name__ == "__main__":
    sys.exit(main())
