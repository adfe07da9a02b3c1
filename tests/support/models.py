# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Model repositories made on the spot, with tiny ONNX graphs."""

from collections.abc import Sequence
from pathlib import Path

import onnx
from onnx import TensorProto, helper


def add_model(
    repository: Path,
    name: str,
    yaml: str = "",
    *,
    version: int = 1,
    factor: float = 2.0,
    shape: Sequence[int | str] = ("batch", 4),
) -> Path:
    """Adds a model y = factor * x, both FP32 of ``shape``; returns its folder."""
    folder = repository / name
    (folder / str(version)).mkdir(parents=True)
    if yaml:
        (folder / "model.yaml").write_text(yaml)
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "factor"], ["y"])],
        "scale",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, list(shape))],
        [helper.make_tensor("factor", TensorProto.FLOAT, [], [factor])],
    )
    save(graph, folder / str(version) / "model.onnx")
    return folder


def add_identity_of_texts(repository: Path, name: str) -> Path:
    """Adds a model that returns its BYTES tensor of shape [batch, 1]."""
    folder = repository / name
    (folder / "1").mkdir(parents=True)
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])],
        "identity",
        [helper.make_tensor_value_info("x", TensorProto.STRING, ["batch", 1])],
        [helper.make_tensor_value_info("y", TensorProto.STRING, ["batch", 1])],
    )
    save(graph, folder / "1" / "model.onnx")
    return folder


def add_lookup(repository: Path, name: str, rows: int = 10) -> Path:
    """Adds a model that looks up INT64 indices [batch, 1] in a table; an index out of range is a fault of the run."""
    folder = repository / name
    (folder / "1").mkdir(parents=True)
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "x"], ["y"])],
        "lookup",
        [helper.make_tensor_value_info("x", TensorProto.INT64, ["batch", 1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 1])],
        [helper.make_tensor("table", TensorProto.FLOAT, [rows], [float(row) for row in range(rows)])],
    )
    save(graph, folder / "1" / "model.onnx")
    return folder


def save(graph: onnx.GraphProto, path: Path) -> None:
    """Writes a graph in versions that every supported ONNX Runtime reads."""
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def add_mean(repository: Path, name: str, yaml: str, *, masked: bool) -> Path:
    """Adds a model of sequences: y [batch, length] = 2 x, mean [batch, 1] of x over the real or over all positions."""
    folder = repository / name
    (folder / "1").mkdir(parents=True)
    (folder / "model.yaml").write_text(yaml)
    number = TensorProto.FLOAT
    inputs = [helper.make_tensor_value_info("x", number, ["batch", "length"])]
    nodes = [helper.make_node("Mul", ["x", "two"], ["y"])]
    if masked:
        inputs.append(helper.make_tensor_value_info("mask", number, ["batch", "length"]))
        nodes += [
            helper.make_node("Mul", ["x", "mask"], ["kept"]),
            helper.make_node("ReduceSum", ["kept", "axes"], ["sum"], keepdims=1),
            helper.make_node("ReduceSum", ["mask", "axes"], ["count"], keepdims=1),
            helper.make_node("Div", ["sum", "count"], ["mean"]),
        ]
    else:
        nodes.append(helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1], keepdims=1))
    outputs = [
        helper.make_tensor_value_info("y", number, ["batch", "length"]),
        helper.make_tensor_value_info("mean", number, ["batch", 1]),
    ]
    constants = [
        helper.make_tensor("two", number, [], [2.0]),
        helper.make_tensor("axes", TensorProto.INT64, [1], [1]),
    ]
    save(helper.make_graph(nodes, "mean", inputs, outputs, constants), folder / "1" / "model.onnx")
    return folder
