# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Building ONNX graphs with random weights; the same seed gives the same graph."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper


@dataclass
class Graph:
    """Nodes and weights so far."""

    nodes: list[NodeProto] = field(default_factory=list)
    weights: list[TensorProto] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: object) -> str:
        """Adds a node with one output; returns the output's name."""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Adds values; returns their name."""
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def weight(self, name: str, *shape: int, scale: float = 0.02) -> str:
        """Adds normally distributed FP32 weights; returns their name."""
        return self.constant(name, (self.random.standard_normal(shape, np.float32) * np.float32(scale)))

    def linear(self, name: str, prefix: str, inputs: int, outputs: int) -> str:
        """Adds ``name @ weights + bias``; returns the result's name."""
        product = self.add("MatMul", [name, self.weight(f"{prefix}_weight", inputs, outputs)], f"{prefix}_product")
        return self.add("Add", [product, self.weight(f"{prefix}_bias", outputs)], f"{prefix}_out")

    def save(self, path: Path, inputs: Sequence[ValueInfoProto], outputs: Sequence[ValueInfoProto]) -> None:
        """Writes the model, in versions that every supported ONNX Runtime reads; makes the folder."""
        graph = helper.make_graph(self.nodes, path.parent.parent.name, inputs, outputs, self.weights)
        path.parent.mkdir(parents=True)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def value(name: str, kind: int, *shape: int | str) -> ValueInfoProto:
    """Describes an input or output; a text is a variable dimension."""
    return helper.make_tensor_value_info(name, kind, list(shape))
