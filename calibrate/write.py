"""A model, on disk as a bundle that `engines.bundle` reads: data only, each file with its size and sha256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from calibrate.chain import Model
from engines.bundle import ARRAYS, FORMAT, MANIFEST
from engines.engine import Network
from realtime.load import POPULATION
from realtime.motion.window import Timing
from realtime.values import Floats
from realtime.verdict.gate import Gate
from realtime.verdict.probability import Platt

Json = dict[str, object]


def write(
    out: Path, model: Model, timing: Timing, gate: Gate, probabilities: Mapping[str, Platt], about: Mapping[str, object]
) -> None:
    """Write the bundle into the folder `out`; files of an older bundle there are replaced."""
    from safetensors.numpy import save

    files = {f"booster-{emotion}.ubj": boosted.trees for emotion, boosted in model.boosted.items()}
    files[ARRAYS] = save(_arrays(model))
    manifest = {"format": FORMAT, **_settings(model, timing, gate, probabilities), **about, "files": _listed(files)}
    out.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (out / name).write_bytes(raw)
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _arrays(model: Model) -> dict[str, Floats]:
    arrays = {f"population/{name}": getattr(model.people, name) for name in POPULATION}
    arrays["basis/directions"] = model.basis.directions
    for name, network in model.networks.items():
        arrays |= {f"{name}/{key}": weights for key, weights in network.weights.items()}
        for emotion, read_out in model.read_outs[name].items():
            arrays[f"read_out/{name}/{emotion}"] = np.append(read_out.weights, read_out.bias)
    return {key: np.ascontiguousarray(array, np.float32) for key, array in sorted(arrays.items())}


def _settings(model: Model, timing: Timing, gate: Gate, probabilities: Mapping[str, Platt]) -> Json:
    plan, people = model.plan, model.people
    return {
        "motion": _plain(timing),
        "population": {"neutral_prior": people.neutral_prior, "range_prior": people.range_prior},
        "basis": {"spread": model.basis.spread},
        "recognition": {"steps": plan.recipe.steps, "carry": plan.recipe.carry, "settled_speed": plan.settled_speed},
        "gate": _plain(gate),
        "networks": {name: _network(network) for name, network in model.networks.items()},
        "emotions": {emotion: _emotion(model, emotion, probabilities[emotion]) for emotion in model.boosted},
    }


def _network(network: Network) -> Json:
    shape, rule = network.shape, network.rule
    return {
        "hidden": shape.hidden,
        "blocks": shape.blocks,
        "step_lengths": list(rule.lengths),
        "softening": rule.softening,
        "own": rule.own,
    }


def _emotion(model: Model, emotion: str, probability: Platt) -> Json:
    start = model.boosted[emotion].start
    return {
        "networks": list(model.bag()),
        "start": {"weights": [float(w) for w in start.weights], "bias": start.bias},
        "booster": f"booster-{emotion}.ubj",
        "probability": _plain(probability),
    }


def _plain(value: Timing | Gate | Platt) -> Json:
    return {name: getattr(value, name) for name in value.__slots__}


def _listed(files: Mapping[str, bytes]) -> Json:
    return {
        name: {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()} for name, raw in sorted(files.items())
    }
