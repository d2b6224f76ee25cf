"""Recognition step in ONNX: forward, loss and gradient of the PB, as two loops over time.

Equations: `engines.model.lstm_pb`. The backward pass is derived by hand and compared with torch
float64 autograd by the engine contract suite. Gradients of the weights are not computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from onnx import TensorProto

from engines.model.shape import CONTEXT, LANDMARKS, NetworkShape
from engines.onnx_export import lstm_cell
from engines.onnx_export.graph_builder import GraphBuilder
from engines.onnx_export.lstm_cell import BackwardFactors, SavedActivations

DEPTH = "grid.depth.gates"
FP16_GRADIENT_SCALE = 1024.0  # loss scaling: the smallest step of float16 is 6e-8
WIDTH = len(SavedActivations.__slots__)


@dataclass(frozen=True, slots=True)
class ForwardPass:
    """Values of the forward loop, stacked over its T - 1 frames, and of its surroundings."""

    pb_branch: str  # (B, H): PB branch
    target: str  # (T - 1, B, 80): the frames to predict
    outputs: str  # (T - 1, B, 144): prediction, then context
    landmark_branch: str  # (T - 1, B, H): landmark branch
    context_branch: str  # (T - 1, B, H): context branch
    cells: list[SavedActivations]  # of block 0: time, depth; of block 1: ...


class RecognitionStep:
    """Writer of a step into `g`, which has the weights and inputs windows, lengths and pb."""

    def __init__(self, g: GraphBuilder, shape: NetworkShape, closed_loop: float) -> None:
        self._g, self._hidden, self._closed_loop = g, shape.hidden, closed_loop
        self._blocks = range(shape.blocks)
        self._scale = FP16_GRADIENT_SCALE if g.fp16 else 1.0
        self._zero, self._zero_context = self._zeros(shape.hidden), self._zeros(CONTEXT)

    def forward(self) -> ForwardPass:
        """Add the network's prediction of frames 1 .. T - 1."""
        g, frames = self._g, self._g.op("Transpose", "windows", perm=[1, 0, 2])
        branch, first = (
            g.op("Relu", g.linear("pb", "pb")),
            g.op("Gather", frames, g.constant("first", np.array(0)), axis=0),
        )
        truth = g.op("Slice", frames, g.int_list(0), g.int_list(-1), g.int_list(0))
        target = g.op(
            "Slice", frames, g.int_list(1), g.int_list(np.iinfo(np.int64).max), g.int_list(0)
        )

        body = g.body("forward_")
        depth, states, cells = self._grid(body)
        seen, above = (
            body.op("Relu", body.linear("landmarks", self._network_input(body))),
            body.op("Relu", body.linear("grid_out", depth)),
        )
        outputs = body.op(
            "Tanh", body.linear("outputs", body.op("Add", body.op("Add", seen, branch), above))
        )
        played, context = body.split(outputs, LANDMARKS, CONTEXT)
        states |= {"played_before": (first, played), "context": (self._zero_context, context)}
        _, kept = g.scan(body, states, {"truth": truth}, [outputs, seen, above, *_names(cells)])
        return ForwardPass(branch, target, kept[0], kept[1], kept[2], _cells(kept[3:]))

    def loss(self, run: ForwardPass) -> tuple[str, str]:
        """Add each window's mean squared error (B,) and the scaled gradient of the prediction."""
        g = self._g
        played, _ = g.split(run.outputs, LANDMARKS, CONTEXT)
        error, share = g.op("Sub", played, run.target), self._frame_weights()
        each = g.op("ReduceMean", g.multiply(error, error), axes=[2], keepdims=0)
        loss = g.op("ReduceSum", g.multiply(each, share), g.int_list(0), keepdims=0)
        return loss, g.multiply(
            error, g.op("Unsqueeze", share, g.int_list(2)), g.scalar(2 * self._scale / LANDMARKS)
        )

    def backward(self, run: ForwardPass, d_played: str) -> str:
        """Add the gradient of the PB (B, 64)."""
        g, body, inputs = self._g, self._g.body("backward_"), {"d_loss": d_played}
        inputs |= {"slope": lstm_cell.one_minus_square(g, run.outputs)}
        inputs |= {
            name: g.op("Sign", value)
            for name, value in (("seen_on", run.landmark_branch), ("above_on", run.context_branch))
        }
        factors = [lstm_cell.backward_factors(g, cell, self._hidden) for cell in run.cells]
        inside = [
            BackwardFactors(*(f"{name}_{at}" for name in BackwardFactors.__slots__))
            for at in range(len(factors))
        ]
        inputs |= dict(zip(_names(inside), _names(factors), strict=True))

        d_outputs = body.multiply(
            body.concat(body.op("Add", "d_loss", "d_given"), "d_context"), "slope"
        )
        d_hidden = body.linear_backward("outputs", d_outputs)
        d_given = body.multiply(
            body.linear_backward("landmarks", body.multiply(d_hidden, "seen_on")),
            body.scalar(self._closed_loop),
        )
        d_depth = body.linear_backward("grid_out", body.multiply(d_hidden, "above_on"))
        d_context, states = self._grid_backward(body, d_depth, inside)
        states |= {
            "d_given": (self._zeros(LANDMARKS), d_given),
            "d_context": (self._zero_context, d_context),
        }
        states |= {"d_branch": (self._zero, body.op("Add", "d_branch", d_hidden))}
        last, _ = g.scan(body, states, inputs, reverse=True)
        d_pb = g.linear_backward("pb", g.multiply(last["d_branch"], g.op("Sign", run.pb_branch)))
        return d_pb if self._scale == 1 else g.multiply(d_pb, g.scalar(1 / self._scale))

    def _network_input(self, body: GraphBuilder) -> str:
        """Add the network's input; at frame 0 `played_before` is the true frame, too."""
        closed, true = body.scalar(self._closed_loop), body.scalar(1 - self._closed_loop)
        return body.op("Add", body.multiply("played_before", closed), body.multiply("truth", true))

    def _grid(
        self, body: GraphBuilder
    ) -> tuple[str, dict[str, tuple[str, str]], list[SavedActivations]]:
        """Add the grid at one frame -> depth vector, time states, saved activations."""
        depth, depth_memory = body.linear("context_in", "context"), self._zero
        states: dict[str, tuple[str, str]] = {}
        cells: list[SavedActivations] = []
        for block in self._blocks:
            sums = body.linear(_time(block), body.concat(depth, f"time_{block}"))
            time, memory, of_time = lstm_cell.cell_forward(
                body, sums, f"memory_{block}", self._hidden
            )
            sums = body.linear(DEPTH, body.concat(depth, time))
            depth, depth_memory, of_depth = lstm_cell.cell_forward(
                body, sums, depth_memory, self._hidden
            )
            states |= {f"time_{block}": (self._zero, time), f"memory_{block}": (self._zero, memory)}
            cells += [of_time, of_depth]
        return depth, states, cells

    def _grid_backward(
        self, body: GraphBuilder, d_depth: str, by: list[BackwardFactors]
    ) -> tuple[str, dict[str, tuple[str, str]]]:
        """Propagate the gradient of the last depth vector to the context and the time states."""
        states: dict[str, tuple[str, str]] = {}
        d_depth_memory = None
        for block in reversed(self._blocks):
            d_sums, d_depth_memory = lstm_cell.cell_backward(
                body, by[2 * block + 1], d_depth, d_depth_memory
            )
            d_depth, d_time = self._split_input_gradient(body, DEPTH, d_sums)
            d_time = body.op("Add", d_time, f"d_time_{block}")
            d_sums, d_memory = lstm_cell.cell_backward(
                body, by[2 * block], d_time, f"d_memory_{block}"
            )
            d_below, d_before = self._split_input_gradient(body, _time(block), d_sums)
            d_depth = body.op("Add", d_depth, d_below)
            states |= {
                f"d_time_{block}": (self._zero, d_before),
                f"d_memory_{block}": (self._zero, d_memory),
            }
        return body.linear_backward("context_in", d_depth), states

    def _split_input_gradient(self, body: GraphBuilder, layer: str, d_sums: str) -> list[str]:
        """Return the gradients of a transform's depth and time vectors."""
        return body.split(body.linear_backward(layer, d_sums), self._hidden, self._hidden)

    def _frame_weights(self) -> str:
        """Return frame weights (T - 1, B): 1 / (length - 1) inside a window, 0 after its end."""
        g, one = self._g, self._g.constant("one", np.array(1))
        frames = g.op("Gather", g.op("Shape", "windows"), one, axis=0)
        at = g.op("Unsqueeze", g.op("Range", one, frames, one), g.int_list(1))
        inside = g.op("Cast", g.op("Less", at, "lengths"), to=TensorProto.FLOAT)
        return g.op("Div", inside, g.op("Cast", g.op("Sub", "lengths", one), to=TensorProto.FLOAT))

    def _zeros(self, size: int) -> str:
        """Return zeros (B, size)."""
        g = self._g
        return g.op(
            "Expand",
            g.scalar(0),
            g.op("Concat", g.op("Shape", "pb", start=0, end=1), g.int_list(size), axis=0),
        )


def _time(block: int) -> str:
    return f"grid.time.{block}.gates"


def _names(cells: Sequence[SavedActivations] | Sequence[BackwardFactors]) -> list[str]:
    return [name for cell in cells for name in astuple(cell)]


def _cells(names: list[str]) -> list[SavedActivations]:
    return [SavedActivations(*names[at : at + WIDTH]) for at in range(0, len(names), WIDTH)]
