"""What one run was asked to do: the command line's options as one value."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from realtime.capture.open import SourceSpec
from realtime.errors import UsageError

SMALLEST_MB = 0.1  # a record of a few minutes, in two parts


@dataclass(frozen=True, slots=True)
class Config:
    """One run. `bundle` None is the packaged one."""

    source: SourceSpec
    emotion: str
    engine: str
    bundle: Path | None
    record: Path | None
    record_limit_mb: float | None
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
            record_limit_mb=_limit(options),
            headless=options.headless,
            window=not options.headless and not options.no_window,
            lossless=options.lossless,
            fast=options.fast,
            debug=options.debug,
        )


def _limit(options: argparse.Namespace) -> float | None:
    limit_mb: float | None = options.record_limit
    if limit_mb is None:
        return None
    if options.record is None:
        raise UsageError("--record-limit bounds a record; say which with --record FILE")
    if not SMALLEST_MB <= limit_mb < float("inf"):
        raise UsageError(f"--record-limit is {limit_mb:g}; want {SMALLEST_MB:g} MB or more")
    return limit_mb
