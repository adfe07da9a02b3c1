# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Makes a tiny ONNX model from thermometer readings: ``python examples/own-model/make_model.py model.onnx``.

It stands for whatever exports your model: what matters are the tensors' names, types and shapes.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def fit() -> tuple[float, float]:
    """Fits degrees Fahrenheit = slope x degrees Celsius + offset to readings of two thermometers."""
    celsius = np.array([-40.0, 0.0, 20.0, 37.0, 100.0])
    fahrenheit = np.array([-40.0, 32.0, 68.0, 98.6, 212.0])
    slope, offset = np.polyfit(celsius, fahrenheit, 1)
    return float(slope), float(offset)


def graph(slope: float, offset: float) -> onnx.ModelProto:
    """One input and one output, FP32 of shape [batch, 1]; the first dimension is variable, so calls can be batched."""
    weight = numpy_helper.from_array(np.array([[slope]], np.float32), "weight")
    bias = numpy_helper.from_array(np.array([offset], np.float32), "bias")
    made = helper.make_graph(
        [helper.make_node("Gemm", ["celsius", "weight", "bias"], ["fahrenheit"])],
        "thermometer",
        [helper.make_tensor_value_info("celsius", TensorProto.FLOAT, ["batch", 1])],
        [helper.make_tensor_value_info("fahrenheit", TensorProto.FLOAT, ["batch", 1])],
        [weight, bias],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def main() -> None:
    """Writes the file named on the command line, and its folder."""
    if len(sys.argv) != 2:
        sys.exit("usage: make_model.py FILE")
    path = Path(sys.argv[1])
    model = graph(*fit())
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


if __name__ == "__main__":
    main()
