# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A network that reads two texts together: each token looks for its like in the other text (Parikh et al. 2016)."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from common import Array
from graph import Graph
from onnx import TensorProto
from text_network import SHAPE, Parameters, declared, dense, padded, parameters, token_vectors, token_vectors_of

#: What takes the place of a score that must not count.
NOWHERE = -1e4


def pair_parameters(
    random: np.random.Generator, vocabulary: int, width: int, dilations: Sequence[int], compared: int
) -> Parameters:
    """Untrained weights: those of the tokens, one layer that compares, one that judges."""
    made = parameters(random, vocabulary, width, dilations, compared)
    del made["dense"], made["dense_bias"]
    for name, rows, columns in (("compare", 4 * width, compared), ("judge", 4 * compared, compared)):
        made[name] = random.normal(0, (2 / rows) ** 0.5, (rows, columns)).astype(np.float32)
        made[f"{name}_bias"] = np.zeros(columns, np.float32)
    made["score"] = random.normal(0, compared**-0.5, (compared, 1)).astype(np.float32)
    made["score_bias"] = np.zeros(1, np.float32)
    return made


def score(weights: Parameters, ids: Any, types: Any, dilations: Sequence[int]) -> Any:
    """The score [pairs] of each pair: ids [pairs, tokens], 0 for padding, and which text each token is of, 0 or 1."""
    mask = ids != 0
    tokens = token_vectors(weights, ids, mask, dilations)
    other = (types[:, :, None] != types[:, None, :]) & mask[:, :, None] & mask[:, None, :]
    alike = jnp.where(other, tokens @ tokens.transpose(0, 2, 1) / tokens.shape[2] ** 0.5, NOWHERE)
    found = (jax.nn.softmax(alike, axis=2) * other) @ tokens
    seen = jnp.concatenate([tokens, found, jnp.abs(tokens - found), tokens * found], axis=2)
    compared = jax.nn.relu(seen @ weights["compare"] + weights["compare_bias"])
    parts = []
    for side in (0, 1):
        own = (mask & (types == side)).astype(jnp.float32)[..., None]
        parts += [(compared * own).sum(axis=1) / jnp.maximum(own.sum(axis=1), 1), (compared * own).max(axis=1)]
    judged = jax.nn.relu(jnp.concatenate(parts, axis=1) @ weights["judge"] + weights["judge_bias"])
    return (judged @ weights["score"] + weights["score_bias"])[:, 0]


def export_pairs(name: str, weights: Parameters, dilations: Sequence[int], output: str) -> onnx.ModelProto:
    """The network as ONNX: inputs ``input_ids``, ``attention_mask`` and ``token_type_ids``, INT64 [batch, tokens]."""
    graph = Graph(name)
    ids, mask, types = declared(graph, "token_type_ids")
    known, real = token_vectors_of(graph, weights, dilations, ids, mask)
    tokens = graph.apply("Transpose", known, perm=[0, 2, 1])
    column = graph.apply("Unsqueeze", types, graph.integers(2))
    same = graph.apply("Equal", column, graph.apply("Unsqueeze", types, graph.integers(1)))
    differing = graph.apply("Cast", graph.apply("Not", same), to=TensorProto.FLOAT)
    down = graph.apply("Transpose", real, perm=[0, 2, 1])
    other = graph.apply("Mul", differing, graph.apply("Mul", down, real))
    products = graph.apply("Mul", graph.apply("MatMul", tokens, known), graph.floats(_width(weights) ** -0.5))
    nowhere = graph.apply("Mul", graph.apply("Sub", graph.floats(1), other), graph.floats(NOWHERE))
    alike = graph.apply("Softmax", graph.apply("Add", graph.apply("Mul", products, other), nowhere), axis=2)
    found = graph.apply("MatMul", graph.apply("Mul", alike, other), tokens)
    apart = graph.apply("Abs", graph.apply("Sub", tokens, found))
    seen = graph.apply("Concat", tokens, found, apart, graph.apply("Mul", tokens, found), axis=2)
    compared = graph.apply("Relu", dense(graph, seen, weights, "compare"))
    parts = []
    for side in (0, 1):
        chosen = graph.apply("Cast", graph.apply("Equal", column, graph.integers(side)), to=TensorProto.FLOAT)
        own = graph.apply("Mul", chosen, down)
        kept = graph.apply("Mul", compared, own)
        count = graph.apply("Max", graph.apply("ReduceSum", own, graph.integers(1), keepdims=0), graph.floats(1))
        parts.append(graph.apply("Div", graph.apply("ReduceSum", kept, graph.integers(1), keepdims=0), count))
        parts.append(graph.apply("ReduceMax", kept, axes=[1], keepdims=0))
    judged = graph.apply("Relu", dense(graph, graph.apply("Concat", *parts, axis=1), weights, "judge"))
    graph.output(dense(graph, judged, weights, "score"), output, [SHAPE[0], 1])
    return graph.build()


def pair_inputs(pairs: Sequence[Any]) -> Mapping[str, Array]:
    """The graph's inputs for encoded pairs (``tokenizers.Encoding``), padded to the longest."""
    length = max(len(each.ids) for each in pairs)
    return {
        "input_ids": padded([each.ids for each in pairs], length),
        "attention_mask": padded([[1] * len(each.ids) for each in pairs], length),
        "token_type_ids": padded([each.type_ids for each in pairs], length),
    }


def _width(weights: Parameters) -> int:
    return int(np.shape(weights["tokens"])[1])
