"""`calibrate compare`: which of two clips of one person is the more genuine?"""

from __future__ import annotations

import argparse

from calibrate.bundle import reader
from calibrate.data.clips import DataError
from calibrate.data.dataset import Dataset
from calibrate.data.faces import different_people
from calibrate.evaluation.pairs import PairScorer
from calibrate.people.compare import (
    check_files,
    check_picture,
    compare_scores,
    draw_comparison,
    lines,
    track_person,
)
from engines.bundle.bundle import DEFAULT_BUNDLE
from realtime.core.errors import UsageError


def run(options: argparse.Namespace) -> None:
    """Print which clip is the more genuine and how sure; `--out` plots both movements."""
    if options.out:
        check_picture(options.out)
    paths = (options.a, options.b)
    check_files(paths)
    model, timing, maps = reader.load_model(options.bundle or DEFAULT_BUNDLE)
    if options.emotion not in model.boosted:
        raise UsageError(f"no emotion {options.emotion!r}; take one of {', '.join(model.boosted)}")
    population = model.learned.population
    tracks = [track_person(path, options.emotion, timing) for path in paths]
    data = Dataset.of(tracks, timing, population.sees_appearance)
    windows = model.learned.windows(data)
    a, b = PairScorer(model, windows).scores((0, 1), options.emotion)
    if a is None or b is None:
        raise DataError(
            f"{options.a if a is None else options.b} has a cut at the apex; use another clip"
        )
    same_person = not different_people(data.tracks)
    comparison = compare_scores((a, b), maps[options.emotion].slope, same_person)
    print("\n".join(lines(comparison, (options.a.name, options.b.name))))
    if options.out:
        titles = (f"A: {options.a.name}", f"B: {options.b.name}")
        draw_comparison(options.out, windows, population.movement_range, titles)
        print(f"both movements in {options.out}")
