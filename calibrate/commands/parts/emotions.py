"""`calibrate emotions`: landmark tracks to the emotion classifier of a bundle."""

from __future__ import annotations

import argparse

import numpy as np

from calibrate.bundle import reader
from calibrate.bundle.classifier_part import add_emotion_classifier
from calibrate.commands.support.progress import print_notes
from calibrate.data.tracks import load_tracks
from calibrate.data.usable_data import usable_dataset
from calibrate.learning.fit import fit_classifier
from engines.bundle.bundle import Bundle
from realtime.core.labels import ANY


def run(options: argparse.Namespace) -> None:
    """Learn to distinguish the emotions of the bundle by the movement that its networks see."""
    bundle = Bundle.load(options.bundle)  # a damaged one is refused before the work
    learned, timing, _ = reader.load_networks(options.bundle)
    tracks = load_tracks(options.tracks)
    judged = tuple(emotion for emotion in bundle.emotions if emotion != ANY)
    data, notes = usable_dataset(tracks, timing, judged, learned.population.sees_appearance)
    print_notes(notes)
    classifier = fit_classifier(learned, data, np.arange(len(data)))
    if classifier is None:
        print(f"the clips show one emotion alone; {options.bundle} stays as it is")
        return
    add_emotion_classifier(options.bundle, classifier)
    print(f"{options.bundle} distinguishes {', '.join(classifier.emotions)}")
