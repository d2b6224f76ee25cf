"""`calibrate sample`: frames with a teacher's blendshapes, for the expression read-out."""

from __future__ import annotations

import argparse

from calibrate.commands.support.progress import progress_bar
from calibrate.data.clips import DataError
from calibrate.data.expression_samples import (
    find_taught_clips,
    join_samples,
    sample_clip,
    save_samples,
)
from calibrate.parallel import run_tasks


def run(options: argparse.Namespace) -> None:
    """Read the clips with the live code and write the features of their faces."""
    clips = [clip for data in options.data for clip in find_taught_clips(data)]
    found = {}
    with progress_bar("clips", len(clips)) as step:
        for clip, samples in run_tasks(sample_clip, clips, options.jobs):
            found[clip.path] = samples
            step(None)
    parts = [part for clip in clips if (part := found[clip.path]) is not None]
    if not parts:
        raise DataError(f"none of the {len(clips)} clips shows a face to both; want other clips")
    samples = join_samples(parts)
    save_samples(options.out, samples)
    people = len({*samples.person.tolist()})
    print(f"{len(samples.teacher)} frames of {people} people in {options.out}")
