"""Measure the error of reusing the last tick's forward pass in place of a new one. Rejected.

    python -m calibrate.experiments.state_reuse [CLIP]

Two windows a stride apart share most frames, so the pass over these could be reused and only the
newest frames run. But that pass started from another frame with an empty memory, and had the PB of
the tick before. For every pair of windows of a clip this measures the distance between both refined
PBs, relative to the length of the full pass's step.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from calibrate.data.clips import Clip
from calibrate.data.extract import track_clip
from calibrate.data.replay_track import replay_ticks
from engines.bundle.bundle import DEFAULT_BUNDLE, Bundle
from engines.model.lstm_pb import loss_and_gradient, prediction_loss
from engines.model.shape import CONTEXT
from engines.pytorch.engine import TorchEngine
from realtime.capture.demo import CLIP
from realtime.core.labels import ANY, GENUINE
from realtime.core.messages import Window
from realtime.recognition.recogniser import Recogniser
from realtime.runtime import stages_from_bundle as stages


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.experiments.state_reuse",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("clip", nargs="?", type=Path, default=CLIP)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    bundle = Bundle.load(DEFAULT_BUNDLE)
    errors = np.array(list(measure_pairs(bundle, windows(bundle, chosen.clip))))
    print(f"{len(errors)} pairs of windows, network {bundle.networks[0]}: median (90th percentile)")
    for name, column, worst in (
        ("PB error relative to its step", 0, 90),
        ("cosine of the gradients", 1, 10),
    ):
        middle, tail = np.percentile(errors[:, column], (50, worst))
        print(f"{name:<32}{middle:.2f} ({tail:.2f})")
    return 0


def windows(bundle: Bundle, path: Path) -> list[Window]:
    """Return the full windows of a clip, as the live gauge makes them."""
    track = track_clip(Clip(path.stem, path, "unknown", ANY, GENUINE))
    timing = stages.window_timing(bundle)
    basis = stages.movement_basis(bundle)
    ticks = replay_ticks(track, timing, stages.population(bundle), basis, None)
    return [
        tick.window
        for tick in ticks
        if tick.window is not None and len(tick.window.motion) == timing.frames
    ]


def measure_pairs(bundle: Bundle, cut: Sequence[Window]) -> Iterator[tuple[float, float]]:
    """Yield for each pair a stride apart the relative PB error and the cosine of both gradients."""
    engine = TorchEngine(bundle.network(bundle.networks[0]), torch.float64)
    config, rate_hz = stages.recognition_config(bundle), stages.window_timing(bundle).rate_hz
    recogniser, rule = Recogniser(engine, config), engine.network.rule
    before = torch.zeros(1, 64, dtype=torch.float64)
    for last, now in pairwise(cut):
        shift = round((now.ended_at_s - last.ended_at_s) * rate_hz)
        start = config.carry * torch.tensor(recogniser.tick(last).pb, dtype=torch.float64)[None]
        if 1 <= shift < len(now.motion) - 2:
            true = full_gradient(engine, now, start)
            reused = reused_gradient(engine, last, now, shift, before, start)
            steps = [
                rule.length(0) * each / (each.norm() + rule.epsilon) for each in (true, reused)
            ]
            off = float((steps[1] - steps[0]).norm() / steps[0].norm())
            yield off, float((true * reused).sum() / true.norm() / reused.norm())
        before = start


def full_gradient(engine: TorchEngine, window: Window, pb: Tensor) -> Tensor:
    """Return the gradient of the PB (1, 64) by a pass from the window's own first frame."""
    shapes = _batch(window)
    lengths = torch.tensor([shapes.shape[1]])
    return loss_and_gradient(engine.net, shapes, lengths, pb, engine.network.rule.closed_loop)[1]


def reused_gradient(
    engine: TorchEngine, last: Window, now: Window, shift: int, before: Tensor, pb: Tensor
) -> Tensor:
    """Return the gradient where shared frames come from the last window's pass with PB `before`."""
    net, closed_loop = engine.net, engine.network.rule.closed_loop
    shapes = torch.cat([_batch(last), _batch(now)[:, -shift:]], dim=1)
    moving = pb.clone().requires_grad_()
    zero = shapes.new_zeros(1, net.shape.hidden)
    state, context = [(zero, zero)] * net.shape.blocks, shapes.new_zeros(1, CONTEXT)
    given = shapes[:, 0]
    played = []
    for t in range(shapes.shape[1] - 1):
        shared = t < len(last.motion) - 1
        used = before if t < shift else before + moving - moving.detach() if shared else moving
        grid, state = net.grid(net.context_in(context), state)
        hidden = (
            torch.relu(net.landmarks(given))
            + torch.relu(net.pb(used))
            + torch.relu(net.grid_out(grid))
        )
        predicted, context = torch.tanh(net.output(hidden)), torch.tanh(net.context_out(hidden))
        played.append(predicted)
        given = closed_loop * predicted + (1 - closed_loop) * shapes[:, t + 1]
    inside = torch.tensor([shapes.shape[1] - shift])
    loss = prediction_loss(torch.stack(played[shift:], dim=1), shapes[:, shift:], inside)
    return torch.autograd.grad(loss.sum(), moving)[0]


def _batch(window: Window) -> Tensor:
    return torch.tensor(window.motion, dtype=torch.float64)[None]


if __name__ == "__main__":
    sys.exit(main())
