# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The model that every server is measured with: a 16 -> 128 -> 10 network whose run costs next to nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

NAME = "tiny"
DOMAIN = "tabular"
FEATURES, HIDDEN, OUTPUTS = 16, 128, 10
INPUT, OUTPUT = "features", "scores"

_MODEL_YAML = """\
methods: [Predict]
default_for: [Predict]
tabular:
  input: {input}
  output: {output}
  task: regression
  features: [{features}]
  targets: [{targets}]
batching: {{max_batch_size: 64}}
"""


@dataclass(frozen=True, slots=True)
class TinyModel:
    """The network's weights, FP32."""

    first: NDArray[np.float32]
    """[16, 128]"""
    second: NDArray[np.float32]
    """[128, 10]"""

    def scores(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the graph computes: [rows, 16] to [rows, 10]."""
        result: NDArray[np.float32] = np.maximum(rows @ self.first, 0) @ self.second
        return result

    def write(self, repository: Path) -> None:
        """Writes the model into a repository of the domain."""
        version = repository / NAME / "1"
        version.mkdir(parents=True)
        onnx.save(self._graph(), version / "model.onnx")
        names = {"features": [f"{{name: f{index}}}" for index in range(FEATURES)]}
        names["targets"] = [f"t{index}" for index in range(OUTPUTS)]
        text = _MODEL_YAML.format(input=INPUT, output=OUTPUT, **{key: ", ".join(names[key]) for key in names})
        (repository / NAME / "model.yaml").write_text(text, "utf-8")

    def _graph(self) -> Any:
        graph = helper.make_graph(
            [
                helper.make_node("MatMul", [INPUT, "first"], ["sums"]),
                helper.make_node("Relu", ["sums"], ["hidden"]),
                helper.make_node("MatMul", ["hidden", "second"], [OUTPUT]),
            ],
            NAME,
            [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", FEATURES])],
            [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", OUTPUTS])],
            [numpy_helper.from_array(self.first, "first"), numpy_helper.from_array(self.second, "second")],
        )
        opset = helper.make_operatorsetid("", 17)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def make(seed: int = 0) -> TinyModel:
    """Makes the network with random weights; the same seed gives the same weights."""
    random = np.random.default_rng(seed)
    return TinyModel(
        first=random.standard_normal((FEATURES, HIDDEN), np.float32) / np.float32(4),
        second=random.standard_normal((HIDDEN, OUTPUTS), np.float32) / np.float32(8),
    )


def row(seed: int = 1) -> NDArray[np.float32]:
    """One row of features, [1, 16]."""
    return np.random.default_rng(seed).standard_normal((1, FEATURES), np.float32)
