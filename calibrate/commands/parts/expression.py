"""`calibrate expression`: sampled faces or another bundle to an expression read-out."""

from __future__ import annotations

import argparse
from pathlib import Path

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
from realtime.core.errors import UsageError
from realtime.runtime.stages_from_bundle import EXPRESSION, expression_network


def run(options: argparse.Namespace) -> None:
    """Add a read-out to the bundle: learned from samples, or that of another bundle."""
    if options.source is not None and (options.gate or options.data_name):
        raise UsageError("--gate and --data-name are of a read-out that is learned, not of --from")
    Bundle.load(options.bundle)  # a damaged one is refused before the work
    if options.source is None:
        _learn(options)
    else:
        copy_expression(Bundle.load(options.source), options.bundle)
        print(f"read-out of {options.source} in {options.bundle}")


def copy_expression(source: Bundle, folder: Path) -> None:
    """Write the read-out of `source`, with its limits, into the bundle in `folder`.

    Raises DataError where `source` has none, and BundleRefused for a damaged bundle in `folder`.
    """
    network = expression_network(source)
    if network is None:
        raise DataError(f"{source.path} has no expression read-out; take a bundle that has one")
    part = source.manifest.section(EXPRESSION)
    facts = {name: value for name, value in part.values.items() if name != "names"}
    found = {name: part.section("correlation").number(name) for name in network.names}
    counts = {name: part.integer(name) for name in ("frames", "people", "folds")}
    section = expression_section(found, part.text("data"), **counts)
    add_expression(folder, network, facts, section)


def _learn(options: argparse.Namespace) -> None:
    """Learn the read-out and add it to the bundle; if asked, with limits from people held out."""
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
