"""`calibrate extract`: labelled clips to landmark tracks."""

from __future__ import annotations

import argparse

from calibrate.commands.progress import print_skipped, progress_bar
from calibrate.data import extract


def run(options: argparse.Namespace) -> None:
    """Extract the tracks of all clips and list the clips that gave none, with the reason."""
    with progress_bar("clips", None) as step:
        tracks, skipped = extract.extract_tracks(
            options.data, options.out, options.jobs, lambda done, clips: step(clips)
        )
    print_skipped(skipped)
    print(f"{len(tracks)} tracks in {options.out}, {len(skipped)} clips skipped")
