"""`python -m calibrate.experiments.state_reuse [CLIP]`: what it would cost to reuse the last tick's forward pass, in place of a new one.

Two windows a stride apart share most frames, so their pass could be kept and only the newest frames run. But it was run
from another first frame, with an empty memory there, and with the PB of the tick before. This measures, for every pair
of windows of a clip, how far the refined PB then lies from that of the full pass, in parts of the way that it went.
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
from engines.bundle.bundle import DEFAULT, Bundle
from engines.model.lstm_pb import loss_and_gradient, prediction_loss
from engines.model.shape import CONTEXT
from engines.pytorch.engine import TorchEngine
from realtime.capture.demo import CLIP
from realtime.core.labels import GENUINE
from realtime.core.messages import Window
from realtime.recognition.recogniser import Recogniser
from realtime.runtime import stages_from_bundle as stages


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m calibrate.experiments.state_reuse",
        description=(__doc__ or "").splitlines()[0],
    )
    parser.add_argument("clip", nargs="?", type=Path, default=CLIP)
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    bundle = Bundle.load(DEFAULT)
    found = np.array(list(measured(bundle, windows(bundle, chosen.clip))))
    print(f"{len(found)} pairs of windows, network {bundle.networks[0]}: median (90th percentile)")
    for name, column, worst in (
        ("PB off by, in parts of its way", 0, 90),
        ("cosine of the gradients", 1, 10),
    ):
        print(
            f"{name:<32}{np.median(found[:, column]):.2f} ({np.percentile(found[:, column], worst):.2f})"
        )
    return 0


def windows(bundle: Bundle, path: Path) -> list[Window]:
    """The full windows of a clip, as the gauge would cut them."""
    track = track_clip(Clip(path.stem, path, "nobody", "any", GENUINE))
    timing = stages.timing(bundle)
    seen = replay_ticks(track, timing, stages.population(bundle), stages.basis(bundle), None)
    return [
        tick.window
        for tick in seen
        if tick.window is not None and len(tick.window.motion) == timing.frames
    ]


def measured(bundle: Bundle, cut: Sequence[Window]) -> Iterator[tuple[float, float]]:
    """Of each pair a stride apart: the distance of the refined PBs over the way of the true one; the cosine."""
    engine, loop = (
        TorchEngine(bundle.network(bundle.networks[0]), torch.float64),
        stages.recognition_config(bundle),
    )
    recogniser, rule, rate_hz = (
        Recogniser(engine, loop),
        engine.network.rule,
        stages.timing(bundle).rate_hz,
    )
    before = torch.zeros(1, 64, dtype=torch.float64)
    for last, now in pairwise(cut):
        shift = round((now.ended_at_s - last.ended_at_s) * rate_hz)
        start = loop.carry * torch.tensor(recogniser.tick(last).pb, dtype=torch.float64)[None]
        if 1 <= shift < len(now.motion) - 2:
            true = full(engine, now, start)
            kept = reused(engine, last, now, shift, before, start)
            steps = [rule.length(0) * each / (each.norm() + rule.epsilon) for each in (true, kept)]
            off = float((steps[1] - steps[0]).norm() / steps[0].norm())
            yield off, float((true * kept).sum() / true.norm() / kept.norm())
        before = start


def full(engine: TorchEngine, window: Window, pb: Tensor) -> Tensor:
    """The gradient of the PB (1, 64) by the pass from the window's own first frame."""
    shapes = _batch(window)
    lengths = torch.tensor([shapes.shape[1]])
    return loss_and_gradient(engine.net, shapes, lengths, pb, engine.network.rule.closed_loop)[1]


def reused(
    engine: TorchEngine, last: Window, now: Window, shift: int, before: Tensor, pb: Tensor
) -> Tensor:
    """The gradient where the shared frames are those of the last window's pass, run with the PB `before`."""
    net, own = engine.net, engine.network.rule.closed_loop
    shapes = torch.cat([_batch(last), _batch(now)[:, -shift:]], dim=1)
    moving = pb.clone().requires_grad_()
    zero = shapes.new_zeros(1, net.shape.hidden)
    state, context, given = (
        [(zero, zero)] * net.shape.blocks,
        shapes.new_zeros(1, CONTEXT),
        shapes[:, 0],
    )
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
        given = own * predicted + (1 - own) * shapes[:, t + 1]
    inside = torch.tensor([shapes.shape[1] - shift])
    loss = prediction_loss(torch.stack(played[shift:], dim=1), shapes[:, shift:], inside)
    return torch.autograd.grad(loss.sum(), moving)[0]


def _batch(window: Window) -> Tensor:
    return torch.tensor(window.motion, dtype=torch.float64)[None]


if __name__ == "__main__":
    sys.exit(main())
