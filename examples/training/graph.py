# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX graphs put together node by node.

The networks here are small, so writing the graph down is shorter than a converter's dependencies, and every
tensor has the name that ``model.yaml`` gives it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from common import Array
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8

Shape = Sequence[int | str]


class Graph:
    """A graph that grows by one operator at a time; tensors are known by their names."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, shape: Shape, dtype: int = TensorProto.FLOAT) -> str:
        """Declare an input."""
        self._inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def output(self, tensor: str, name: str, shape: Shape, dtype: int = TensorProto.FLOAT) -> None:
        """Declare an output: ``tensor`` under the given name."""
        self._nodes.append(helper.make_node("Identity", [tensor], [name]))
        self._outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def constant(self, value: Array) -> str:
        """Add a constant with the array's own type."""
        name = f"constant_{len(self._initializers)}"
        self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def floats(self, *values: float) -> str:
        """Add a float32 constant of one dimension."""
        return self.constant(np.array(values, dtype=np.float32))

    def integers(self, *values: int) -> str:
        """Add an INT64 constant of one dimension."""
        return self.constant(np.array(values, dtype=np.int64))

    def apply(self, operator: str, *inputs: str, outputs: int = 1, result: int = 0, **attributes: Any) -> str:
        """Add an operator; the result is the name of its output number ``result`` (the others are left out)."""
        name = f"{operator.lower()}_{len(self._nodes)}"
        names = [name if position == result else "" for position in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, name=name, **attributes))
        return name

    def apply_all(self, operator: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """Add an operator; the result is the names of all its outputs."""
        name = f"{operator.lower()}_{len(self._nodes)}"
        names = [f"{name}_{position}" for position in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, name=name, **attributes))
        return names

    def build(self) -> onnx.ModelProto:
        """The finished model."""
        graph = helper.make_graph(self._nodes, self._name, self._inputs, self._outputs, self._initializers)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="argosy-training")
