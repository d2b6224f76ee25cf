"""The LSTM transform of the grid in ONNX: forward, and backward as derived by hand.

With s = sigmoid, m' the memory before, q = tanh(m), and d. the gradient of .:

    m = s_f m' + s_i g        h = s_o q
    dm += dh s_o (1 - q^2)    dm' = dm s_f
    d(sums) = (dm g s_i (1 - s_i), dm m' s_f (1 - s_f), dh q s_o (1 - s_o), dm s_i (1 - g^2))

What of this needs no gradient is computed for all frames at once, between the two loops (`Factors`).
"""

from __future__ import annotations

from dataclasses import dataclass

from engines.onnx_export.graph_builder import GraphBuilder


@dataclass(frozen=True, slots=True)
class SavedActivations:
    """What forward keeps of a cell at a frame, or stacked over all frames."""

    sigmoids: str  # (B, 3H): input, forget and output gate
    candidate: str  # (B, H)
    squashed: str  # (B, H): tanh of the memory
    before: str  # (B, H): the memory before


@dataclass(frozen=True, slots=True)
class BackwardFactors:
    """What backward multiplies gradients by."""

    sums: str  # (B, 4H): times (dm, dm, dh, dm) it is the gradient of the gates' sums
    memory: str  # (B, H): times dh it is that of the memory
    forget: str  # (B, H): times dm it is that of the memory before


def cell_forward(g: GraphBuilder, sums: str, before: str, hidden: int) -> tuple[str, str, SavedActivations]:
    """Gates' sums (B, 4H) and the memory before -> hidden vector, memory, what to keep."""
    gates, last = g.split(sums, 3 * hidden, hidden)
    sigmoids, candidate = g.op("Sigmoid", gates), g.op("Tanh", last)
    i, f, o = g.split(sigmoids, hidden, hidden, hidden)
    memory = g.op("Add", g.multiply(f, before), g.multiply(i, candidate))
    squashed = g.op("Tanh", memory)
    return (
        g.multiply(o, squashed),
        memory,
        SavedActivations(sigmoids, candidate, squashed, g.op("Identity", before)),
    )


def backward_factors(g: GraphBuilder, saved: SavedActivations, hidden: int) -> BackwardFactors:
    """From what was kept of all frames, the factors of all frames."""
    i, f, o = g.split(saved.sigmoids, hidden, hidden, hidden)
    slopes = g.multiply(saved.sigmoids, g.op("Sub", g.scalar(1), saved.sigmoids))
    others = g.concat(saved.candidate, saved.before, saved.squashed)
    last = g.multiply(i, one_minus_square(g, saved.candidate))
    sums = g.concat(g.multiply(slopes, others), last)
    return BackwardFactors(sums, g.multiply(o, one_minus_square(g, saved.squashed)), g.op("Identity", f))


def cell_backward(g: GraphBuilder, by: BackwardFactors, d_hidden: str, d_memory: str | None) -> tuple[str, str]:
    """Gradient of the hidden vector, and of the memory if it has one -> of the gates' sums, of the memory before."""
    through = g.multiply(d_hidden, by.memory)
    d_memory = through if d_memory is None else g.op("Add", d_memory, through)
    each = g.concat(d_memory, d_memory, d_hidden, d_memory)
    return g.multiply(each, by.sums), g.multiply(d_memory, by.forget)


def one_minus_square(g: GraphBuilder, value: str) -> str:
    """The slope of tanh, from its value."""
    return g.op("Sub", g.scalar(1), g.multiply(value, value))
