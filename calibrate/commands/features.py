"""`calibrate features`: out-of-fold features for the boosters."""

from __future__ import annotations

import argparse

import numpy as np

from calibrate.bundle import reader
from calibrate.commands.support.progress import print_notes, progress_bar
from calibrate.data.tracks import load_tracks
from calibrate.data.usable_data import usable_dataset
from calibrate.learning.fit import label_features, out_of_fold_features


def run(options: argparse.Namespace) -> None:
    """Compute the booster inputs of each clip with networks that never saw its person."""
    tracks = load_tracks(options.tracks)
    learned, timing, _ = reader.load_networks(options.learned)
    data, notes = usable_dataset(
        tracks, timing, learned.emotions, learned.population.sees_appearance
    )
    print_notes(notes)
    with progress_bar("clips", len(data)) as step:
        features = out_of_fold_features(learned, data, np.arange(len(data)), lambda: step(None))
    labelled = label_features(features, data)
    reader.save_features(options.out, labelled)
    print(f"features of {len(labelled.inputs)} ticks in {options.out}")
