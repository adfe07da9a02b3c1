# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A transformer encoder of the size of a small sentence model, with random weights: what starting and loading take."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

NAME = "encoder"
LAYERS, WIDTH = 12, 384


def write(repository: Path, instances: int = 1) -> Path:
    """Writes a repository with the encoder, about 85 MB, FP32 [batch, length, 384] to the same; returns it."""
    folder = repository / NAME
    (folder / "1").mkdir(parents=True)
    (folder / "model.yaml").write_text(
        f"execution: {{instances: {instances}}}\nbatching: {{max_batch_size: 8}}\n", "utf-8"
    )
    onnx.save(_Graph().model(), folder / "1" / "model.onnx")
    return repository


@dataclass
class _Graph:
    nodes: list[NodeProto] = field(default_factory=list)
    weights: list[TensorProto] = field(default_factory=list)
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))

    def model(self) -> onnx.ModelProto:
        name = "x"
        for layer in range(LAYERS):
            name = self._layer(name, f"layer{layer}_")
        self._add("Identity", [name], "y")
        x, y = (
            helper.make_tensor_value_info(each, TensorProto.FLOAT, ["batch", "length", WIDTH]) for each in ("x", "y")
        )
        graph = helper.make_graph(self.nodes, NAME, [x], [y], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def _layer(self, name: str, prefix: str) -> str:
        query, key, value = (self._linear(name, f"{prefix}{part}", WIDTH, WIDTH) for part in ("q", "k", "v"))
        turned = self._add("Transpose", [key], f"{prefix}turned", perm=[0, 2, 1])
        scores = self._add("MatMul", [query, turned], f"{prefix}scores")
        shares = self._add("Softmax", [scores], f"{prefix}shares", axis=-1)
        mixed = self._linear(self._add("MatMul", [shares, value], f"{prefix}mixed"), f"{prefix}o", WIDTH, WIDTH)
        first = self._add("Add", [mixed, name], f"{prefix}first")
        wide = self._add("Relu", [self._linear(first, f"{prefix}up", WIDTH, 4 * WIDTH)], f"{prefix}wide")
        return self._add("Add", [self._linear(wide, f"{prefix}down", 4 * WIDTH, WIDTH), first], f"{prefix}second")

    def _linear(self, name: str, prefix: str, inputs: int, outputs: int) -> str:
        product = self._add("MatMul", [name, self._weight(f"{prefix}_weight", inputs, outputs)], f"{prefix}_product")
        return self._add("Add", [product, self._weight(f"{prefix}_bias", outputs)], f"{prefix}_out")

    def _weight(self, name: str, *shape: int) -> str:
        values = (self.random.standard_normal(shape) * 0.02).astype(np.float32)
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output
