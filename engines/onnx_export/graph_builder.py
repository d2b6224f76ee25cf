"""Builder of ONNX graphs with Scan loops over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper


class GraphBuilder:
    """Builder of a graph; values are referred to by name.

    The body of a loop reads outer values and shares the constants. With `fp16`, layers multiply in
    float16; everything between them stays float32.
    """

    def __init__(self, fp16: bool = False) -> None:
        self._prefix, self.fp16 = "", fp16
        self._nodes: list[NodeProto] = []
        self._constants: dict[str, TensorProto] = {}

    def body(self, prefix: str) -> GraphBuilder:
        """Return an empty builder for the body of a loop."""
        inner = GraphBuilder(self.fp16)
        inner._prefix, inner._constants = prefix, self._constants
        return inner

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output -> the output's name."""
        return self.ops(1, kind, *inputs, **attributes)[0]

    def ops(self, outputs: int, kind: str, *inputs: str, **attributes: Any) -> list[str]:
        """Add a node with several outputs -> their names."""
        name = f"{self._prefix}{kind}_{len(self._nodes)}"
        names = [name, *(f"{name}_{number}" for number in range(1, outputs))]
        self._nodes.append(helper.make_node(kind, inputs, names, name=name, **attributes))
        return names

    def name_output(self, value: str, name: str) -> None:
        """Expose `value` as the graph output `name`."""
        self._nodes.append(helper.make_node("Identity", [value], [name], name=name))

    def constant(self, name: str, array: NDArray[np.generic]) -> str:
        """Add an initializer, once per name -> its name."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(
                np.ascontiguousarray(array).reshape(array.shape), name
            )
        return name

    def scalar(self, value: float) -> str:
        """Add a float32 scalar -> its name."""
        return self.constant(f"number_{value}", np.array(value, np.float32))

    def int_list(self, *values: int) -> str:
        """Add a list of int64, for axes, sizes and shapes -> its name."""
        return self.constant("counts_" + "_".join(map(str, values)), np.array(values, np.int64))

    def split(self, value: str, *sizes: int) -> list[str]:
        """Split the last axis into parts of `sizes`."""
        return self.ops(len(sizes), "Split", value, self.int_list(*sizes), axis=-1)

    def concat(self, *values: str) -> str:
        """Concatenate along the last axis."""
        return self.op("Concat", *values, axis=-1)

    def multiply(self, first: str, *others: str) -> str:
        """Multiply all values elementwise."""
        for other in others:
            first = self.op("Mul", first, other)
        return first

    def linear(self, name: str, x: str) -> str:
        """Apply the linear layer `name`, whose weight is (outputs, inputs)."""
        if not self.fp16:
            return self.op("Gemm", x, f"{name}.weight", f"{name}.bias", transB=1)
        return self.op("Add", self._matrix_product("Gemm", x, name, transB=1), f"{name}.bias")

    def linear_backward(self, name: str, gradient: str) -> str:
        """Return the gradient of a layer's input from that of its output."""
        return self._matrix_product("MatMul", gradient, name)

    def _matrix_product(self, kind: str, x: str, name: str, **attributes: Any) -> str:
        if not self.fp16:
            return self.op(kind, x, f"{name}.weight", **attributes)
        product = self.op(
            kind, self.op("Cast", x, to=TensorProto.FLOAT16), f"{name}.weight", **attributes
        )
        return self.op("Cast", product, to=TensorProto.FLOAT)

    def scan(
        self,
        body: GraphBuilder,
        states: Mapping[str, tuple[str, str]],
        inputs: Mapping[str, str],
        outputs: Sequence[str] = (),
        reverse: bool = False,
    ) -> tuple[dict[str, str], list[str]]:
        """Run `body` once per frame -> the last states by name, the stacked outputs.

        `states` maps a state's name in the body to its start value and to the name of its next
        value. `inputs` maps a name in the body to the stack (T, ...) it is sliced from. `reverse`
        runs from the last frame to the first.
        """
        starts, after = zip(*states.values(), strict=True)
        ends = [_value(name) for name in (*after, *outputs)]
        inside = body.finish("frame", [_value(name) for name in (*states, *inputs)], ends)
        results = self.ops(
            len(ends),
            "Scan",
            *starts,
            *inputs.values(),
            body=inside,
            num_scan_inputs=len(inputs),
            scan_input_directions=[int(reverse)] * len(inputs),
        )
        return dict(zip(states, results, strict=False)), results[len(states) :]

    def finish(
        self, name: str, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]
    ) -> GraphProto:
        """Return the graph; all initializers go to the outermost one."""
        constants = [] if self._prefix else list(self._constants.values())
        return helper.make_graph(self._nodes, name, inputs, outputs, constants)


def _value(name: str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
