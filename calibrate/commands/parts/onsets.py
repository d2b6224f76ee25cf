"""`calibrate onsets`: landmark tracks to the speeds of known onsets in a bundle."""

from __future__ import annotations

import argparse

from calibrate.bundle.onset_part import add_onsets
from calibrate.data.dataset import LIVE
from calibrate.data.tracks import load_tracks
from calibrate.data.usable_data import extracted_dataset
from calibrate.learning.clip_onsets import LEAST_ONSETS, known_onsets, measure_clips
from calibrate.learning.population import population_range
from engines.bundle.bundle import Bundle
from realtime.runtime.stages_from_bundle import create_gate, population


def run(options: argparse.Namespace) -> None:
    """Measure the onsets of all clips as the live gauge does, and add their speeds."""
    bundle = Bundle.load(options.bundle)  # a damaged one is refused before the work
    gate, tracks = create_gate(bundle), load_tracks(options.tracks)
    data = extracted_dataset(tracks, LIVE, read_out=population(bundle).sees_appearance)
    found = measure_clips(data, population_range(data.stats_by_person().values()))
    known = known_onsets(found, gate.onset_threshold)
    add_onsets(options.bundle, known)
    emotions = ", ".join(known.genuine)
    if emotions:
        print(f"speeds of the onsets of {emotions} in {options.bundle}")
    else:
        print(f"no emotion has {LEAST_ONSETS} onsets of each label; {options.bundle} knows none")
