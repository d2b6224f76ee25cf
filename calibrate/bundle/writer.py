"""Write a fitted model as a bundle: data only, each file with its size and sha256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from calibrate.bundle.learning_config import config_to_json
from calibrate.learning.boosting import FittedBooster
from calibrate.learning.fit import FittedModel, LearnedNetworks
from engines.bundle.bundle import ARRAYS, MANIFEST, MANIFEST_FORMAT
from engines.bundle.checksums import CHECKSUM_FILE
from engines.model.network import Network
from realtime.core.messages import Floats
from realtime.motion.resample import WindowTiming
from realtime.person.population import Population
from realtime.verdict.booster import LinearScore
from realtime.verdict.calibration import PlattScaling
from realtime.verdict.gate import Gate

Json = dict[str, object]


def write_networks(out: Path, learned: LearnedNetworks, timing: WindowTiming, gate: Gate) -> None:
    """Write what learning left into the folder `out`: a bundle without boosters."""
    write_folder(out, _learned(learned, timing, gate), arrays_of(learned), {})


def write_bundle(
    out: Path,
    model: FittedModel,
    timing: WindowTiming,
    gate: Gate,
    probabilities: Mapping[str, PlattScaling],
    about: Mapping[str, object],
    steps: Sequence[tuple[int, float, float]] = (),
) -> None:
    """Write the bundle into the folder `out`; `about` holds its data and metrics.

    `steps` are numbers of known expressions with the Platt slope and intercept from there on.
    """
    learned = model.learned.without_held_out_networks()
    emotions = {
        e: _emotion(learned, e, boosted, probabilities[e], steps)
        for e, boosted in model.boosted.items()
    }
    boosters = {
        _booster_file(emotion): boosted.trees
        for emotion, boosted in model.boosted.items()
        if boosted.trees
    }
    manifest = {**about, **_learned(learned, timing, gate), "emotions": emotions}
    write_folder(out, manifest, arrays_of(learned), boosters)


def _learned(learned: LearnedNetworks, timing: WindowTiming, gate: Gate) -> Json:
    config, people = learned.learning_config, learned.population
    return {
        "plan": config_to_json(config),
        "motion": _timing(timing),
        "population": {"neutral_prior": people.neutral_prior, "range_prior": people.range_prior},
        "basis": {"spread": learned.basis.spread},
        "recognition": {
            "steps": config.training.steps,
            "carry": config.training.carry,
            "settled_speed": config.settled_speed,
        },
        "gate": _gate(gate),
        "networks": {name: network_of(network) for name, network in learned.networks.items()},
        "read_outs": list(learned.read_outs[learned.ensemble[0]]),
        "prototypes": list(learned.prototypes),
    }


def _timing(timing: WindowTiming) -> Json:
    return {
        "rate_hz": timing.rate_hz,
        "window_s": timing.window_s,
        "min_window_s": timing.min_window_s,
        "stride_s": timing.stride_s,
        "smooth_s": timing.smooth_s,
    }


def _gate(gate: Gate) -> Json:
    return {
        "sharpness_min": gate.sharpness_min,
        "brightness_min": gate.brightness_min,
        "brightness_max": gate.brightness_max,
        "yaw_max": gate.yaw_max,
        "expression_min": gate.onset_threshold,
        "expression_keep": gate.offset_threshold,
        "misfit_max": dict(gate.prediction_error_max),
        "psr_min": gate.psr_min,
    }


def _platt_scaling(scaling: PlattScaling) -> Json:
    return {"slope": scaling.slope, "shift": scaling.intercept, "abstain": scaling.abstain_margin}


def write_folder(
    out: Path, manifest: Json, arrays: Mapping[str, Floats], files: Mapping[str, bytes]
) -> None:
    """Write manifest, arrays and files into `out`; those of an older bundle there are replaced."""
    from safetensors.numpy import save

    every = {**files, ARRAYS: save(dict(arrays))}
    listed = {
        name: {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
        for name, raw in every.items()
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / CHECKSUM_FILE).unlink(missing_ok=True)  # an older bundle's
    for older in out.glob(_booster_file("*")):
        older.unlink()
    for name, raw in every.items():
        (out / name).write_bytes(raw)
    text = json.dumps(
        {"format": MANIFEST_FORMAT, **manifest, "files": listed}, indent=1, sort_keys=True
    )
    (out / MANIFEST).write_text(text + "\n")


def arrays_of(learned: LearnedNetworks) -> dict[str, Floats]:
    """Return all arrays: population, basis, weights, read-outs and prototypes."""
    arrays = _population_arrays(learned.population)
    arrays["basis/directions"] = learned.basis.directions
    for name, network in learned.networks.items():
        arrays |= {f"{name}/{key}": weights for key, weights in network.weights.items()}
        for emotion, read_out in learned.read_outs[name].items():
            arrays[f"read_out/{name}/{emotion}"] = np.append(
                read_out.weights, np.float32(read_out.bias)
            )
    for name, by_label in learned.prototypes.items():
        arrays |= {f"prototype/{name}/{label}": pb for label, pb in by_label.items()}
    return {key: np.ascontiguousarray(array, np.float32) for key, array in sorted(arrays.items())}


def _population_arrays(population: Population) -> dict[str, Floats]:
    return {
        "population/neutral": population.neutral,
        "population/movement_range": population.movement_range,
        "population/still": population.quiet_directions,
        "population/moved": population.movement_directions,
        "population/guess": population.neutral_regression,
    }


def network_of(network: Network) -> Json:
    """What the manifest says of a network."""
    shape, rule = network.shape, network.rule
    return {
        "hidden": shape.hidden,
        "blocks": shape.blocks,
        "step_lengths": list(rule.lengths),
        "softening": rule.epsilon,
        "own": rule.closed_loop,
    }


def _emotion(
    learned: LearnedNetworks,
    emotion: str,
    boosted: FittedBooster,
    probability: PlattScaling,
    steps: Sequence[tuple[int, float, float]],
) -> Json:
    return {
        "networks": list(learned.ensemble),
        "start": _linear(boosted.start),
        **({"booster": _booster_file(emotion)} if boosted.trees else {}),
        "probability": _platt_scaling(probability)
        | ({"steps": [list(step) for step in steps]} if steps else {}),
    }


def _linear(score: LinearScore) -> Json:
    usual = {} if score.usual is None else {"usual": [float(value) for value in score.usual]}
    return {"weights": [float(w) for w in score.weights], "bias": score.bias, **usual}


def _booster_file(emotion: str) -> str:
    return f"booster-{emotion}.ubj"
