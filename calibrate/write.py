"""A model, on disk as a bundle that `engines.bundle` reads: data only, each file with its size and sha256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from calibrate.chain import Model
from engines.bundle import FORMAT, MANIFEST, WEIGHTS
from realtime.motion.window import Timing
from realtime.verdict.gate import Gate
from realtime.verdict.probability import Platt

Json = dict[str, object]


def write(
    out: Path, model: Model, timing: Timing, gate: Gate, probabilities: Mapping[str, Platt], about: Mapping[str, object]
) -> None:
    """Write the bundle into the folder `out`; files of an older bundle there are replaced."""
    from safetensors.numpy import save

    files = {f"booster-{emotion}.ubj": raw for emotion, raw in model.boosters.items()}
    files[WEIGHTS] = save(
        {f"{name}/{key}": np.ascontiguousarray(w) for name, net in model.networks.items() for key, w in net.weights.items()}
    )
    manifest = {"format": FORMAT, **_settings(model, timing, gate, probabilities), **about, "files": _listed(files)}
    out.mkdir(parents=True, exist_ok=True)
    for name, raw in files.items():
        (out / name).write_bytes(raw)
    (out / MANIFEST).write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")


def _settings(model: Model, timing: Timing, gate: Gate, probabilities: Mapping[str, Platt]) -> Json:
    plan, people = model.plan, model.population
    return {
        "motion": _plain(timing),
        "population": {
            "neutral": _rounded(people.neutral),
            "movement_range": _rounded(people.movement_range),
            "neutral_prior_s": people.neutral_prior_s,
            "range_prior_s": people.range_prior_s,
        },
        "recognition": {
            "steps": plan.recipe.steps,
            "start": "last" if plan.warm else "zero",
            "settled_speed": plan.settled_speed,
        },
        "gate": _plain(gate),
        "networks": {
            name: {
                "hidden": net.shape.hidden,
                "blocks": net.shape.blocks,
                "step_lengths": list(net.rule.lengths),
                "softening": net.rule.softening,
                "own": net.rule.own,
            }
            for name, net in model.networks.items()
        },
        "emotions": {
            emotion: {
                "networks": list(model.names(emotion)),
                "booster": f"booster-{emotion}.ubj",
                "probability": _plain(probabilities[emotion]),
            }
            for emotion in model.boosters
        },
    }


def _plain(value: Timing | Gate | Platt) -> Json:
    return {name: getattr(value, name) for name in value.__slots__}


def _rounded(array: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> list[float]:
    return [round(float(x), 6) for x in array]


def _listed(files: Mapping[str, bytes]) -> Json:
    return {
        name: {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()} for name, raw in sorted(files.items())
    }
