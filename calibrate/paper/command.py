"""`calibrate paper`: its options become a protocol, and what was found is written and told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from calibrate.data.extract import SkippedClip
from calibrate.paper.protocol import PaperProtocol
from calibrate.paper.report import lines, write
from calibrate.paper.run import Progress, run
from calibrate.paper.training_config import PaperTrainingConfig
from engines.model.shape import PRESETS
from realtime.core.errors import UsageError


def paper(
    options: argparse.Namespace,
    progress: Progress,
    list_left: Callable[[Sequence[SkippedClip]], None],
) -> None:
    """Run the paper's protocol as `options` ask for; raises `UsageError` where they cannot be."""
    protocol = protocol_of(options)
    options.out.mkdir(parents=True, exist_ok=True)
    found = run(options.data, options.out, protocol, options.jobs, progress, _say)
    list_left(found.left)
    print("\n".join(lines(write(options.out, found))))


def protocol_of(options: argparse.Namespace) -> PaperProtocol:
    """The protocol that the options ask for."""
    if options.jobs < 1:
        raise UsageError(f"--jobs is {options.jobs}; want 1 or more")
    try:
        recipe = PaperTrainingConfig(
            PRESETS[options.preset], epochs=options.epochs, batch=options.batch
        )
        return PaperProtocol(
            recipe, options.passes, options.test_passes, options.steps, options.hz, options.seed
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def _say(line: str) -> None:
    print(line, file=sys.stderr)
