"""`calibrate compare`: which of two clips of one person is the more genuine?"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from calibrate.bundle import reader
from calibrate.data.clips import DataError
from calibrate.data.faces import different_people
from calibrate.data.tracks import Track
from calibrate.data.usable_data import extracted_dataset
from calibrate.evaluation.pairs import PairScorer
from calibrate.people.compare import (
    PairAccuracy,
    check_files,
    compare_scores,
    lines,
    same_video,
    track_person,
)
from calibrate.people.comparison_picture import check_picture, draw_comparison
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from realtime.core.errors import UsageError
from realtime.motion.resample import WindowTiming


def run(options: argparse.Namespace) -> None:
    """Print which clip is the more genuine and how sure; `--out` plots both movements."""
    if options.out:
        check_picture(options.out)
    paths = (options.a, options.b)
    check_files(paths)
    folder = options.bundle or DEFAULT_BUNDLE
    model, timing, maps = reader.load_model(folder)
    if options.emotion not in model.boosted:
        raise UsageError(f"no emotion {options.emotion!r}; take one of {', '.join(model.boosted)}")
    population = model.learned.population
    tracks = _read(paths, options.emotion, timing)
    data = extracted_dataset(tracks, timing, population.sees_appearance)
    windows = model.learned.windows(data)
    a, b = PairScorer(model, windows).scores((0, 1), options.emotion)
    if a is None or b is None:
        raise DataError(
            f"{options.a if a is None else options.b} has a cut at the apex; use another clip"
        )
    same_person = not different_people(data.tracks)
    comparison = compare_scores((a, b), maps[options.emotion].slope, same_person)
    comparison = replace(comparison, same_video=same_video(*paths))
    names = (options.a.name, options.b.name)
    print("\n".join(lines(comparison, names, PairAccuracy.of(Bundle.load(folder)))))
    if options.out:
        titles = (f"A: {names[0]}", f"B: {names[1]}")
        draw_comparison(options.out, windows, population.movement_range, titles)
        print(f"both movements in {options.out}")


def _read(paths: tuple[Path, Path], emotion: str, timing: WindowTiming) -> list[Track]:
    """Return the tracks of both videos; say on stderr which one is read, as that takes longest."""
    tracks = []
    for name, path in zip("AB", paths, strict=True):
        print(f"reading {name} ({path.name}) ...", file=sys.stderr, flush=True)
        tracks.append(track_person(path, emotion, timing))
    return tracks
