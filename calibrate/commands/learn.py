"""`calibrate learn`: landmark tracks to trained networks."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from calibrate.bundle.writer import write_networks
from calibrate.commands.support.learning_options import (
    check_held_out_folds,
    learning_config,
    learns_appearance,
)
from calibrate.commands.support.progress import print_notes, progress_bar
from calibrate.data.dataset import APEX, LIVE, Dataset
from calibrate.data.tracks import load_tracks
from calibrate.data.usable_data import check_people, usable_dataset
from calibrate.evaluation import plots
from calibrate.learning.checkpoints import CheckpointStore
from calibrate.learning.emotions.errors import prediction_error_limits
from calibrate.learning.fit import LearningConfig, NetworkTraining, train_networks
from calibrate.learning.fit_whole_clips import PARTS
from calibrate.learning.gate_thresholds import fit_gate
from calibrate.learning.prototypes import class_prototypes
from calibrate.parallel import Jobs, check_jobs


def run(options: argparse.Namespace) -> None:
    """Train all networks; protocol `whole` gets one folder for each part of a clip."""
    check_jobs(options.jobs)
    config = learning_config(options)
    tracks = load_tracks(options.tracks)
    data, notes = usable_dataset(tracks, LIVE, appearance=learns_appearance(options, tracks))
    check_people(data)
    check_held_out_folds(options, len(np.unique(data.subjects)))
    print_notes(notes)
    if options.protocol == "whole":
        for part in PARTS:
            _learn(data, config, options.out / part, options.jobs, part)
    else:
        _learn(data, config, options.out, options.jobs)


def _learn(data: Dataset, config: LearningConfig, out: Path, jobs: Jobs, part: str = APEX) -> None:
    clips, checkpoints = np.arange(len(data)), CheckpointStore(out / "parts")
    count = config.ensemble_size + config.held_out_folds + len(np.unique(data.emotions)) + 1
    with progress_bar(f"networks, {part}", count) as step:
        training = NetworkTraining.of(data, clips, config, part)
        step(None)
        learned = train_networks(training, lambda done: step(None), checkpoints, jobs)
        windows = learned.windows(data, part)
        learned = replace(learned, prototypes=class_prototypes(learned, windows, clips))
    limits = prediction_error_limits(learned.without_held_out_networks(), windows, clips)
    gate = replace(fit_gate(data, learned.population), prediction_error_max=limits)
    write_networks(out, learned, data.timing, gate)
    plots.losses(out / "losses.png", learned.curves)
    checkpoints.clear()
    print(f"{len(learned.networks)} networks in {out}, loss curves in {out / 'losses.png'}")
