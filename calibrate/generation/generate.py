"""Generation mode: a prototype PB plays a stream of landmarks from a neutral face. No weight and no PB moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from calibrate.generation import drawing
from engines.bundle.bundle import Bundle
from engines.model.network import Network
from engines.model.shape import LANDMARKS, POINTS
from engines.registry import create_engine
from realtime.core.errors import RecordError, UsageError
from realtime.core.messages import Floats
from realtime.runtime import stages_from_bundle as stages

LONGEST_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedStream:
    """A face that moves: `points` (T, 40, 2) in eye coordinates, y downwards, at `rate_hz`; the first is neutral."""

    emotion: str
    label: str
    points: Floats
    rate_hz: float


def generate_stream(
    bundle: Bundle, emotion: str, label: str, seconds: float | None = None
) -> GeneratedStream:
    """What the prototype of `emotion` and `label` plays for so long, by default as long as the model's windows are.

    Raises `UsageError` where the bundle holds no such prototype.
    """
    timing = stages.window_timing(bundle)
    seconds = timing.window_s if seconds is None else seconds
    if not 2 / timing.rate_hz <= seconds <= LONGEST_S:
        raise UsageError(f"--seconds {seconds:g}: want {2 / timing.rate_hz:g} to {LONGEST_S:g}")
    name = _network(bundle, emotion)
    pb = stages.prototype_pbs(bundle, name)[label]
    folded = from_neutral(bundle.network(name), pb[None], round(seconds * timing.rate_hz))[0]
    people = stages.population(bundle)
    shapes = stages.movement_basis(bundle).decode(folded) * people.movement_range + people.neutral
    return GeneratedStream(
        emotion, label, shapes.reshape(-1, 2, POINTS).transpose(0, 2, 1), timing.rate_hz
    )


def from_neutral(network: Network, pb: Floats, frames: int) -> Floats:
    """What `network` plays under PBs (n, 64) from no movement (n, frames, 80), in its own coordinates."""
    still = np.zeros((len(pb), LANDMARKS), np.float32)
    return np.concatenate(
        [still[:, None], create_engine("native", network).generate(pb, still, frames - 1)], axis=1
    )


def write(out: Path, streams: Sequence[GeneratedStream]) -> None:
    """Write one stream, or several side by side, as a picture that moves (.gif, .mp4) or one as numbers (.npz)."""
    if out.suffix not in (".gif", ".mp4", ".npz"):
        raise UsageError(f"{out} ends in {out.suffix or 'nothing'!r}; take .gif, .mp4 or .npz")
    if out.suffix == ".npz" and len(streams) > 1:
        raise UsageError(
            f"{out} can hold one stream; take --pb {streams[0].label} or --pb {streams[1].label}"
        )
    try:
        with out.open("wb") as file:
            if out.suffix == ".npz":
                np.savez(file, points=streams[0].points, rate_hz=streams[0].rate_hz)
                return
        faces = {stream.label: stream.points for stream in streams}
        drawing.save(out, drawing.film(faces, streams[0].emotion, streams[0].rate_hz))
    except OSError as error:
        raise RecordError(
            f"{out} cannot be written ({error.strerror}); take another place"
        ) from None


def _network(bundle: Bundle, emotion: str) -> str:
    """The network that plays `emotion`."""
    names = {name.removesuffix("-0"): name for name in stages.networks_with_prototypes(bundle)}
    if not names:
        raise UsageError(f"{bundle.path} holds no prototypes; train it again with calibrate learn")
    if emotion not in names:
        raise UsageError(
            f"no prototype of {emotion!r} in {bundle.path}; take one of {', '.join(sorted(names))}"
        )
    return names[emotion]
