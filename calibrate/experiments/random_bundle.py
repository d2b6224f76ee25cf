"""`python -m calibrate.experiments.random_bundle paper -o BUNDLE`: the packaged bundle with networks of another size, to time a gauge with.

Their weights are random, so what they say means nothing; how long it takes to say it is what learned ones would take.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import numpy as np
import torch

from calibrate.bundle import reader
from calibrate.bundle.writer import write_bundle
from calibrate.learning.fit import FittedModel
from engines.bundle.bundle import DEFAULT_BUNDLE
from engines.bundle.checksums import write_checksums
from engines.model.lstm_pb import LstmPb
from engines.model.network import Network
from engines.model.shape import PRESETS, NetworkShape


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.experiments.random_bundle",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument(
        "--judges", type=int, default=1, help="networks that are asked at every tick"
    )
    chosen = parser.parse_args(arguments)
    if chosen.judges < 1:
        parser.error(f"--judges is {chosen.judges}; want 1 or more")
    sized(chosen.out, PRESETS[chosen.preset], chosen.judges)
    print(f"bundle in {chosen.out}: {chosen.judges} networks of random weights, for timing only")
    return 0


def sized(out: Path, shape: NetworkShape, judges: int) -> None:
    """Write the bundle `out` with `judges` networks of `shape`, and none that only generate."""
    model, timing, maps = reader.load_model(DEFAULT_BUNDLE)
    learned = model.learned
    _, _, gate = reader.load_networks(DEFAULT_BUNDLE)
    plan = replace(learned.plan, ensemble_size=judges)
    names = replace(learned, plan=plan).judges
    like = dict(zip(names, cycle(learned.judges), strict=False))
    networks = {
        name: replace(random(learned.networks[old], shape), name=name) for name, old in like.items()
    }
    read_outs = {name: learned.read_outs[old] for name, old in like.items()}
    small = replace(learned, plan=plan, networks=networks, read_outs=read_outs, prototypes={})
    write_bundle(
        out,
        FittedModel(small, model.boosted),
        timing,
        replace(gate, prediction_error_max={}),
        maps,
        {},
    )
    write_checksums(out)


def random(network: Network, shape: NetworkShape) -> Network:
    """A network of `shape` with the step rule of `network`."""
    torch.manual_seed(0)
    weights = {
        key: value.detach().numpy().astype(np.float32)
        for key, value in LstmPb(shape).state_dict().items()
    }
    return replace(network, shape=shape, weights=weights)


if __name__ == "__main__":
    sys.exit(main())
