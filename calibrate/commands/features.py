"""`calibrate features`: out-of-fold features for the boosters."""

from __future__ import annotations

import argparse

import numpy as np

from calibrate.bundle import reader
from calibrate.commands.progress import progress_bar
from calibrate.data.dataset import Dataset
from calibrate.data.tracks import load_tracks
from calibrate.learning.fit import label_features, out_of_fold_features


def run(options: argparse.Namespace) -> None:
    """Compute the booster inputs of each clip with networks that never saw its person."""
    learned, timing, _ = reader.load_networks(options.learned)
    data = Dataset.of(load_tracks(options.tracks), timing)
    with progress_bar("clips", len(data)) as step:
        features = out_of_fold_features(learned, data, np.arange(len(data)), lambda: step(None))
    labelled = label_features(features, data)
    reader.save_features(options.out, labelled)
    print(f"features of {len(labelled.inputs)} ticks in {options.out}")
