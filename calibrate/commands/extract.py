"""`calibrate extract`: labelled clips to landmark tracks."""

from __future__ import annotations

import argparse

from calibrate.commands.support.progress import print_notes, print_skipped, progress_bar
from calibrate.data import extract
from calibrate.data.clips import find_clips, missing_files
from calibrate.data.label_check import check_clips
from calibrate.parallel import check_jobs


def run(options: argparse.Namespace) -> None:
    """Extract the tracks of all clips and list the clips that gave none, with the reason."""
    check_jobs(options.jobs)
    clips = find_clips(options.data)
    print_notes(check_clips(clips))
    with progress_bar("clips", None) as step:
        tracks, skipped = extract.extract_tracks(
            options.data, options.out, options.jobs, lambda done, clips: step(clips)
        )
    print_skipped(skipped, {clip.name for clip in missing_files(clips)})
    print(f"{len(tracks)} tracks in {options.out}, {len(skipped)} clips skipped")
