"""`calibrate expression`: sampled faces to an expression read-out in a bundle."""

from __future__ import annotations

import argparse

from calibrate.bundle.expression_part import add_expression, rest_json
from calibrate.data.clips import DataError
from calibrate.data.counting import counted_people
from calibrate.data.expression_samples import NAMES, load_samples
from calibrate.evaluation.expression_table import correlation_table, expression_section
from calibrate.evaluation.model_card import NOT_STATED
from calibrate.learning.frames.expression import (
    ExpressionConfig,
    correlations,
    held_out_values,
    train_expression,
)
from calibrate.learning.gate_thresholds import fit_rest_limits
from engines.bundle.bundle import Bundle


def run(options: argparse.Namespace) -> None:
    """Learn the read-out and add it to the bundle; if asked, with limits from people held out."""
    Bundle.load(options.bundle)  # a damaged one is refused before the work
    samples = load_samples(options.samples)
    config = ExpressionConfig(seed=options.seed)
    people = len({*samples.person.tolist()})
    if people < config.folds:
        raise DataError(
            f"{options.samples} shows {counted_people(people)}; want {config.folds} or more"
        )
    values = held_out_values(samples, config)
    rounded = {name: round(r, 3) for name, r in correlations(values, samples).items()}
    counts = {"frames": len(samples.teacher), "people": people, "folds": config.folds}
    data = " ".join((options.data_name or "").split()) or NOT_STATED
    section = expression_section(rounded, data, **counts)
    network = train_expression(samples, config)
    facts = {**counts, "data": data, "correlation": rounded}
    if options.gate:
        facts["rest"] = rest_json(NAMES, fit_rest_limits(samples, values))
    add_expression(options.bundle, network, facts, section)
    print(correlation_table(rounded))
    print(f"read-out of {len(rounded)} actions in {options.bundle}")
