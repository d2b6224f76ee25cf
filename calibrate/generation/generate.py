"""Generation mode: play landmarks from a prototype PB and a neutral face, both fixed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import closing, suppress
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
from realtime.core.output_file import open_output
from realtime.runtime import stages_from_bundle as stages

MAX_SECONDS = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedStream:
    """Generated face: `points` (T, 40, 2) in eye coordinates, y downwards; the first is neutral."""

    emotion: str
    label: str
    points: Floats
    rate_hz: float


def generate_stream(
    bundle: Bundle, emotion: str, label: str, seconds: float | None = None
) -> GeneratedStream:
    """Play the prototype of `emotion` and `label`, by default for one window of the model.

    Raises `UsageError` where the bundle holds no such prototype.
    """
    timing = stages.window_timing(bundle)
    seconds = timing.window_s if seconds is None else seconds
    if not 2 / timing.rate_hz <= seconds <= MAX_SECONDS:
        raise UsageError(f"--seconds {seconds:g}: want {2 / timing.rate_hz:g} to {MAX_SECONDS:g}")
    name = _network(bundle, emotion)
    pb = stages.prototype_pbs(bundle, name)[label]
    encoded = from_neutral(bundle.network(name), pb[None], round(seconds * timing.rate_hz))[0]
    population = stages.population(bundle)
    movement = stages.movement_basis(bundle).decode(encoded) * population.movement_range[:LANDMARKS]
    shapes = movement + population.neutral[:LANDMARKS]
    return GeneratedStream(
        emotion, label, shapes.reshape(-1, 2, POINTS).transpose(0, 2, 1), timing.rate_hz
    )


def from_neutral(network: Network, pb: Floats, frames: int) -> Floats:
    """Generate encoded movement (n, frames, 80) under PBs `pb` (n, 64), starting at neutral."""
    still = np.zeros((len(pb), LANDMARKS), np.float32)
    generated = create_engine("native", network).generate(pb, still, frames - 1)
    return np.concatenate([still[:, None], generated], axis=1)


def write(out: Path, streams: Sequence[GeneratedStream]) -> None:
    """Write streams side by side as an animation (.gif, .mp4), or one stream as numbers (.npz).

    Raises `UsageError`, and `RecordError` if the file cannot be written.
    """
    kind = out.suffix.lower()
    if kind not in (".gif", ".mp4", ".npz"):
        raise UsageError(f"{out} ends in {out.suffix or 'nothing'!r}; take .gif, .mp4 or .npz")
    if kind == ".npz":
        if len(streams) > 1:
            labels = " or ".join(f"--pb {stream.label}" for stream in streams)
            raise UsageError(f"{out} can hold one stream; take {labels}")
        _write_bytes(out, _npz_bytes(streams[0]))
        return
    faces = {stream.label: stream.points for stream in streams}
    pictures = drawing.animate(faces, streams[0].emotion, streams[0].rate_hz)
    if kind == ".mp4":
        drawing.save_mp4(out, pictures)
    else:
        _write_bytes(out, drawing.gif_bytes(pictures))


def _npz_bytes(stream: GeneratedStream) -> bytes:
    file = io.BytesIO()
    np.savez(file, points=stream.points, rate_hz=stream.rate_hz)
    return file.getvalue()


def _write_bytes(out: Path, data: bytes) -> None:
    with closing(open_output(out)) as file:
        try:
            file.truncate(0)
            file.write(data)
        except OSError as error:
            with suppress(OSError):
                file.truncate(0)  # an empty new file is removed
            raise RecordError(
                f"cannot write {out}: {(error.strerror or str(error)).lower()}; take another place"
            ) from None


def _network(bundle: Bundle, emotion: str) -> str:
    """Return the name of the network with prototypes of `emotion`."""
    names = {name.removesuffix("-0"): name for name in stages.networks_with_prototypes(bundle)}
    if not names:
        raise UsageError(f"{bundle.path} holds no prototypes; train it again with calibrate learn")
    if emotion not in names:
        raise UsageError(
            f"no prototype of {emotion!r} in {bundle.path}; take one of {', '.join(sorted(names))}"
        )
    return names[emotion]
