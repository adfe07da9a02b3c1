# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A transformer encoder with random weights: token ids and their mask to one vector for each text."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import TensorProto

from bench.graph import Graph, value

IDS, MASK, OUTPUT = "ids", "mask", "vector"
VOCABULARY, LONGEST = 1000, 512


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """One encoder: INT64 [batch, length] twice to FP32 [batch, width]."""

    layers: int = 4
    width: int = 256
    heads: int = 4
    name: str = "encoder"

    def write(self, path: Path) -> None:
        """Writes the graph, about 15 MB for 4 layers of 256 and 340 MB for 12 of 768."""
        graph = Graph()
        mask = graph.add("Cast", [MASK], "real_mask", to=TensorProto.FLOAT)
        name = self._embedded(graph)
        hidden = self._hidden(graph, mask)
        for layer in range(self.layers):
            name = self._layer(graph, name, hidden, f"layer{layer}_")
        weights = graph.add("Unsqueeze", [mask, graph.constant("last", np.array([2]))], "weights")
        total = graph.add("ReduceSum", [graph.add("Mul", [name, weights], "kept"), "first"], "total", keepdims=0)
        count = graph.add("ReduceSum", [weights, "first"], "count", keepdims=0)
        graph.add("Div", [total, count], OUTPUT)
        inputs = [value(each, TensorProto.INT64, "batch", "length") for each in (IDS, MASK)]
        graph.save(path, inputs, [value(OUTPUT, TensorProto.FLOAT, "batch", self.width)])

    def _embedded(self, graph: Graph) -> str:
        words = graph.add("Gather", [graph.weight("words", VOCABULARY, self.width, scale=1.0), IDS], "looked_up")
        graph.constant("first", np.array([1]))
        length = graph.add(
            "Slice", [graph.add("Shape", [IDS], "shape"), "first", graph.constant("end", np.array([2]))], "length"
        )
        begin = graph.constant("begin", np.array([0]))
        table = graph.weight("positions", LONGEST, self.width, scale=0.1)
        places = graph.add("Slice", [table, begin, length], "places")
        return graph.add("Add", [words, places], "embedded")

    def _hidden(self, graph: Graph, mask: str) -> str:
        """What is added to the scores: nothing for tokens, much below them for padding. [batch, 1, 1, length]"""
        axes = graph.constant("middle", np.array([1, 2]))
        padding = graph.add("Sub", [mask, graph.constant("one", np.array(1, np.float32))], "minus_padding")
        low = graph.add("Mul", [padding, graph.constant("low", np.array(1e4, np.float32))], "lowered")
        return graph.add("Unsqueeze", [low, axes], "hidden")

    def _layer(self, graph: Graph, name: str, hidden: str, prefix: str) -> str:
        mixed = graph.linear(self._attention(graph, name, hidden, prefix), f"{prefix}o", self.width, self.width)
        first = self._normal(graph, graph.add("Add", [mixed, name], f"{prefix}sum1"), f"{prefix}norm1")
        wide = graph.add("Relu", [graph.linear(first, f"{prefix}up", self.width, 4 * self.width)], f"{prefix}wide")
        narrow = graph.linear(wide, f"{prefix}down", 4 * self.width, self.width)
        return self._normal(graph, graph.add("Add", [narrow, first], f"{prefix}sum2"), f"{prefix}norm2")

    def _attention(self, graph: Graph, name: str, hidden: str, prefix: str) -> str:
        size = self.width // self.heads
        split = graph.constant(f"{prefix}split", np.array([0, 0, self.heads, size]))
        joined = graph.constant(f"{prefix}joined", np.array([0, 0, self.width]))
        parts = {}
        for part, order in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
            line = graph.linear(name, f"{prefix}{part}", self.width, self.width)
            heads = graph.add("Reshape", [line, split], f"{prefix}{part}_heads")
            parts[part] = graph.add("Transpose", [heads], f"{prefix}{part}_turned", perm=order)
        scores = graph.add("MatMul", [parts["q"], parts["k"]], f"{prefix}scores")
        scale = graph.constant(f"{prefix}scale", np.array(size**-0.5, np.float32))
        scaled = graph.add("Add", [graph.add("Mul", [scores, scale], f"{prefix}scaled"), hidden], f"{prefix}masked")
        shares = graph.add("Softmax", [scaled], f"{prefix}shares", axis=-1)
        mixed = graph.add("MatMul", [shares, parts["v"]], f"{prefix}mixed")
        turned = graph.add("Transpose", [mixed], f"{prefix}back", perm=[0, 2, 1, 3])
        return graph.add("Reshape", [turned, joined], f"{prefix}all_heads")

    def _normal(self, graph: Graph, name: str, prefix: str) -> str:
        ones = graph.constant(f"{prefix}_scale", np.ones(self.width, np.float32))
        return graph.add("LayerNormalization", [name, ones], f"{prefix}_out", axis=-1)
