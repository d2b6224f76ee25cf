"""What one run was asked to do: the command line's options as one value."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from realtime.capture.open import SourceSpec


@dataclass(frozen=True, slots=True)
class Config:
    """One run. `bundle` None is the packaged one."""

    source: SourceSpec
    emotion: str
    engine: str
    bundle: Path | None
    record: Path | None
    headless: bool
    window: bool
    lossless: bool
    fast: bool
    debug: bool

    @staticmethod
    def of(options: argparse.Namespace) -> Config:
        """The run that parsed `options` describe."""
        return Config(
            source=SourceSpec(options.camera, options.replay, options.url, options.demo),
            emotion=options.emotion or ("surprise" if options.demo else "any"),
            engine=options.engine,
            bundle=options.bundle,
            record=options.record,
            headless=options.headless,
            window=not options.headless and not options.no_window,
            lossless=options.lossless,
            fast=options.fast,
            debug=options.debug,
        )
