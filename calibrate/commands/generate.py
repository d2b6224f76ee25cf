"""`calibrate generate`: a prototype plays a face, or is compared with recorded clips."""

from __future__ import annotations

import argparse

import numpy as np

from calibrate.bundle import reader
from calibrate.data.tracks import load_tracks
from calibrate.data.usable_data import extracted_dataset
from calibrate.evaluation.generation_fidelity import lines, measure_fidelity
from calibrate.generation.generate import generate_stream, write
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.labels import LABELS


def run(options: argparse.Namespace) -> None:
    """Write the landmarks of prototypes; with `--check`, print their fidelity instead."""
    folder = options.bundle or DEFAULT_BUNDLE
    if options.check:
        learned, timing, _ = reader.load_networks(folder)
        tracks = load_tracks(options.check)
        data = extracted_dataset(tracks, timing, learned.population.sees_appearance)
        print("\n".join(lines(measure_fidelity(learned, data, np.arange(len(data))))))
        return
    labels = LABELS if options.pb == "both" else (options.pb,)
    bundle = Bundle.load(folder)
    streams = [generate_stream(bundle, options.emotion, label, options.seconds) for label in labels]
    write(options.out, streams)
    print(f"{options.emotion}, {' and '.join(labels)}, in {options.out}")
