"""`calibrate onsets`: landmark tracks to the speeds of known onsets in a bundle."""

from __future__ import annotations

import argparse

from calibrate.bundle.onset_part import add_onsets
from calibrate.data.dataset import LIVE, Dataset
from calibrate.data.tracks import load_tracks
from calibrate.data.usable_data import recorded_rest_limits
from calibrate.learning.clip_onsets import LEAST_ONSETS, known_onsets, measure_clips
from calibrate.learning.population import population_range
from engines.bundle.bundle import Bundle
from realtime.runtime.stages_from_bundle import create_gate


def run(options: argparse.Namespace) -> None:
    """Measure the onsets of all clips as the live gauge does, and add their speeds."""
    gate = create_gate(Bundle.load(options.bundle))  # a damaged bundle is refused before the work
    tracks = load_tracks(options.tracks)
    data = Dataset.of(tracks, LIVE, rest=recorded_rest_limits(tracks))
    found = measure_clips(data, population_range(data.stats_by_person().values()))
    known = known_onsets(found, gate.onset_threshold)
    add_onsets(options.bundle, known)
    emotions = ", ".join(known.genuine)
    if emotions:
        print(f"speeds of the onsets of {emotions} in {options.bundle}")
    else:
        print(f"no emotion has {LEAST_ONSETS} onsets of each label; {options.bundle} knows none")
