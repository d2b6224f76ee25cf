"""`calibrate paper`: the paper's protocol from clips to its tables."""

from __future__ import annotations

import argparse
import sys

from calibrate.commands.support.progress import print_notes, print_skipped, progress_bar
from calibrate.data.clips import find_clips, missing_files
from calibrate.data.label_check import check_clips
from calibrate.paper.protocol import PaperProtocol
from calibrate.paper.report import lines, write
from calibrate.paper.run import run_protocol
from calibrate.paper.training_config import PaperTrainingConfig
from calibrate.parallel import check_jobs
from engines.model.shape import PRESETS
from realtime.core.errors import UsageError


def run(options: argparse.Namespace) -> None:
    """Run the paper's protocol and print its tables; raises `UsageError` for invalid options."""
    protocol = protocol_of(options)
    clips = find_clips(options.data)
    print_notes(check_clips(clips))
    options.out.mkdir(parents=True, exist_ok=True)
    result = run_protocol(
        options.data,
        options.out,
        protocol,
        options.jobs,
        lambda label: progress_bar(label, None),
        lambda line: print(line, file=sys.stderr),
    )
    print_skipped(result.skipped, {clip.name for clip in missing_files(clips)})
    print("\n".join(lines(write(options.out, result))))


def protocol_of(options: argparse.Namespace) -> PaperProtocol:
    """Return the protocol of the options."""
    check_jobs(options.jobs)
    try:
        training = PaperTrainingConfig(
            PRESETS[options.preset], epochs=options.epochs, batch=options.batch
        )
        return PaperProtocol(
            training, options.passes, options.test_passes, options.steps, options.hz, options.seed
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
