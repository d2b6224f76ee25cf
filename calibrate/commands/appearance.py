"""`calibrate appearance`: sampled faces to the components of the appearance."""

from __future__ import annotations

import argparse
import io

import numpy as np

from calibrate.data.expression_samples import load_samples
from calibrate.learning.frames.appearance import fit_appearance
from calibrate.parallel import atomic_write


def run(options: argparse.Namespace) -> None:
    """Learn the components and write them as float16 (.npy)."""
    samples = load_samples(options.samples)
    components = fit_appearance(samples).components
    file = io.BytesIO()
    np.save(file, components.astype(np.float16))
    with atomic_write(options.out) as unfinished:
        unfinished.write_bytes(file.getvalue())
    unlabelled = ~samples.labelled
    people = len({*samples.person[unlabelled].tolist()})
    print(
        f"{len(components)} components of {unlabelled.sum()} frames of {people} people in "
        f"{options.out}"
    )
