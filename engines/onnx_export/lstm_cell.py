"""LSTM transform of the grid in ONNX: forward, and backward as derived by hand.

With s = sigmoid, m' the previous memory, q = tanh(m), and d. the gradient of .:

    m = s_f m' + s_i g        h = s_o q
    dm += dh s_o (1 - q^2)    dm' = dm s_f
    d(sums) = (dm g s_i (1 - s_i), dm m' s_f (1 - s_f), dh q s_o (1 - s_o),
               dm s_i (1 - g^2))

Factors that need no gradient are computed for all frames at once between the two loops
(`BackwardFactors`).
"""

from __future__ import annotations

from dataclasses import dataclass

from engines.onnx_export.graph_builder import GraphBuilder


@dataclass(frozen=True, slots=True)
class SavedActivations:
    """Activations of a cell that the backward pass needs, at one frame or stacked over frames."""

    sigmoids: str  # (B, 3H): input, forget and output gate
    candidate: str  # (B, H)
    squashed: str  # (B, H): tanh of the memory
    before: str  # (B, H): the previous memory


@dataclass(frozen=True, slots=True)
class BackwardFactors:
    """Factors that the backward pass multiplies gradients by."""

    sums: str  # (B, 4H): d(sums) / (dm, dm, dh, dm)
    memory: str  # (B, H): dm / dh
    forget: str  # (B, H): dm' / dm


def cell_forward(
    g: GraphBuilder, sums: str, before: str, hidden: int
) -> tuple[str, str, SavedActivations]:
    """Compute gate sums (B, 4H), previous memory -> hidden vector, memory, saved activations."""
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
    """Return the backward factors of all frames from their saved activations."""
    i, f, o = g.split(saved.sigmoids, hidden, hidden, hidden)
    slopes = g.multiply(saved.sigmoids, g.op("Sub", g.scalar(1), saved.sigmoids))
    others = g.concat(saved.candidate, saved.before, saved.squashed)
    last = g.multiply(i, one_minus_square(g, saved.candidate))
    sums = g.concat(g.multiply(slopes, others), last)
    return BackwardFactors(
        sums, g.multiply(o, one_minus_square(g, saved.squashed)), g.op("Identity", f)
    )


def cell_backward(
    g: GraphBuilder, by: BackwardFactors, d_hidden: str, d_memory: str | None
) -> tuple[str, str]:
    """Return the gradients of the gate sums and of the previous memory.

    `d_hidden`, `d_memory`: gradients of the hidden vector and, unless None, of the memory.
    """
    through = g.multiply(d_hidden, by.memory)
    d_memory = through if d_memory is None else g.op("Add", d_memory, through)
    each = g.concat(d_memory, d_memory, d_hidden, d_memory)
    return g.multiply(each, by.sums), g.multiply(d_memory, by.forget)


def one_minus_square(g: GraphBuilder, value: str) -> str:
    """Return 1 - value^2, the derivative of tanh from its value."""
    return g.op("Sub", g.scalar(1), g.multiply(value, value))
