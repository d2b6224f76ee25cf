"""Write a bundle with random networks of another size, to time the gauge with.

    python -m calibrate.experiments.random_bundle paper -o BUNDLE

The weights are random, so the readings mean nothing; the time they take is that of trained weights.
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
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.experiments.random_bundle",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("preset", choices=PRESETS)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument(
        "--ensemble-size", type=int, default=1, help="networks averaged at every tick"
    )
    chosen = parser.parse_args(arguments)
    size: int = chosen.ensemble_size
    if size < 1:
        parser.error(f"--ensemble-size is {size}; want 1 or more")
    write_random_bundle(chosen.out, PRESETS[chosen.preset], size)
    print(f"bundle in {chosen.out}: {size} networks of random weights, for timing only")
    return 0


def write_random_bundle(out: Path, shape: NetworkShape, ensemble_size: int) -> None:
    """Write the packaged bundle to `out` with `ensemble_size` random networks of `shape`."""
    model, timing, calibrations = reader.load_model(DEFAULT_BUNDLE)
    learned = model.learned
    _, _, gate = reader.load_networks(DEFAULT_BUNDLE)
    config = replace(learned.learning_config, ensemble_size=ensemble_size)
    names = replace(learned, learning_config=config).ensemble
    like = dict(zip(names, cycle(learned.ensemble), strict=False))
    networks = {
        name: replace(random_network(learned.networks[old], shape), name=name)
        for name, old in like.items()
    }
    read_outs = {name: learned.read_outs[old] for name, old in like.items()}
    small = replace(
        learned, learning_config=config, networks=networks, read_outs=read_outs, prototypes={}
    )
    write_bundle(
        out,
        FittedModel(small, model.boosted),
        timing,
        replace(gate, prediction_error_max={}),
        calibrations,
        {},
    )
    write_checksums(out)


def random_network(network: Network, shape: NetworkShape) -> Network:
    """Return a random network of `shape` with the step rule of `network`."""
    torch.manual_seed(0)
    weights = {
        key: value.detach().numpy().astype(np.float32)
        for key, value in LstmPb(shape).state_dict().items()
    }
    return replace(network, shape=shape, weights=weights)


if __name__ == "__main__":
    sys.exit(main())
