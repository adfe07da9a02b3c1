# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A transformer encoder of the size of a small sentence model, with random weights: what starting and loading take."""

from pathlib import Path

from onnx import TensorProto

from bench.graph import Graph, value

NAME = "encoder"
LAYERS, WIDTH = 12, 384


def write(repository: Path, instances: int = 1) -> Path:
    """Writes a repository with the encoder, about 85 MB, FP32 [batch, length, 384] to the same; returns it."""
    graph = Graph()
    name = "x"
    for layer in range(LAYERS):
        name = _layer(graph, name, f"layer{layer}_")
    graph.add("Identity", [name], "y")
    x, y = (value(each, TensorProto.FLOAT, "batch", "length", WIDTH) for each in ("x", "y"))
    folder = repository / NAME
    graph.save(folder / "1" / "model.onnx", [x], [y])
    (folder / "model.yaml").write_text(
        f"execution: {{instances: {instances}}}\nbatching: {{max_batch_size: 8}}\n", "utf-8"
    )
    return repository


def _layer(graph: Graph, name: str, prefix: str) -> str:
    query, key, values = (graph.linear(name, f"{prefix}{part}", WIDTH, WIDTH) for part in ("q", "k", "v"))
    turned = graph.add("Transpose", [key], f"{prefix}turned", perm=[0, 2, 1])
    scores = graph.add("MatMul", [query, turned], f"{prefix}scores")
    shares = graph.add("Softmax", [scores], f"{prefix}shares", axis=-1)
    mixed = graph.linear(graph.add("MatMul", [shares, values], f"{prefix}mixed"), f"{prefix}o", WIDTH, WIDTH)
    first = graph.add("Add", [mixed, name], f"{prefix}first")
    wide = graph.add("Relu", [graph.linear(first, f"{prefix}up", WIDTH, 4 * WIDTH)], f"{prefix}wide")
    return graph.add("Add", [graph.linear(wide, f"{prefix}down", 4 * WIDTH, WIDTH), first], f"{prefix}second")
