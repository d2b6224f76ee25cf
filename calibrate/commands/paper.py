"""`calibrate paper`: the paper's protocol from clips to its tables."""

from __future__ import annotations

import argparse
import sys

from calibrate.commands.progress import print_skipped, progress_bar
from calibrate.paper.protocol import PaperProtocol
from calibrate.paper.report import lines, write
from calibrate.paper.run import run_protocol
from calibrate.paper.training_config import PaperTrainingConfig
from engines.model.shape import PRESETS
from realtime.core.errors import UsageError


def run(options: argparse.Namespace) -> None:
    """Run the paper's protocol and print its tables; raises `UsageError` for invalid options."""
    protocol = protocol_of(options)
    options.out.mkdir(parents=True, exist_ok=True)
    result = run_protocol(
        options.data,
        options.out,
        protocol,
        options.jobs,
        lambda label: progress_bar(label, None),
        lambda line: print(line, file=sys.stderr),
    )
    print_skipped(result.skipped)
    print("\n".join(lines(write(options.out, result))))


def protocol_of(options: argparse.Namespace) -> PaperProtocol:
    """Return the protocol of the options."""
    if options.jobs < 1:
        raise UsageError(f"--jobs is {options.jobs}; want 1 or more")
    try:
        training = PaperTrainingConfig(
            PRESETS[options.preset], epochs=options.epochs, batch=options.batch
        )
        return PaperProtocol(
            training, options.passes, options.test_passes, options.steps, options.hz, options.seed
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
