# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Small networks over tokens in JAX: token vectors, then convolutions that see further and further; and as ONNX."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from common import Array, Json
from graph import Graph
from onnx import TensorProto
from tokenizers import Tokenizer

Parameters = dict[str, Any]
#: Of what the inputs hold.
SHAPE = ("batch", "tokens")
WIDTH_OF_KERNEL = 3
#: Most different letters that are pieces by themselves.
MOST_LETTERS = 120


def parameters(
    random: np.random.Generator, vocabulary: int, width: int, dilations: Sequence[int], out: int
) -> Parameters:
    """Untrained weights: token vectors, one residual convolution for each dilation, and a dense layer."""

    def normal(*shape: int, scale: float) -> Array:
        return random.normal(0, scale, shape).astype(np.float32)

    made: Parameters = {"tokens": normal(vocabulary, width, scale=0.3)}
    for number in range(len(dilations)):
        scale = (2 / (WIDTH_OF_KERNEL * width)) ** 0.5
        made[f"kernel{number}"] = normal(WIDTH_OF_KERNEL, width, width, scale=0.5 * scale)
        made[f"bias{number}"] = np.zeros(width, np.float32)
    made["dense"] = normal(width, out, scale=width**-0.5)
    made["dense_bias"] = np.zeros(out, np.float32)
    return made


def token_vectors(weights: Parameters, ids: Any, mask: Any, dilations: Sequence[int]) -> Any:
    """[batch, tokens, width] of ids [batch, tokens]; padding has no influence on tokens."""
    real = mask[..., None].astype(jnp.float32)
    hidden = weights["tokens"][ids] * real
    for number, dilation in enumerate(dilations):
        seen = jax.lax.conv_general_dilated(
            hidden, weights[f"kernel{number}"], (1,), "SAME", rhs_dilation=(dilation,),
            dimension_numbers=("NWC", "WIO", "NWC"),
        )  # fmt: skip
        hidden = hidden + jax.nn.relu(seen + weights[f"bias{number}"]) * real
    return hidden


def forward(weights: Parameters, ids: Any, mask: Any, dilations: Sequence[int]) -> Any:
    """[batch, tokens, out] of ids [batch, tokens]; padding has no influence on tokens."""
    return token_vectors(weights, ids, mask, dilations) @ weights["dense"] + weights["dense_bias"]


def declared(graph: Graph, *more: str) -> list[str]:
    """Declares the inputs ``input_ids``, ``attention_mask`` and others, INT64 [batch, tokens]; returns their names."""
    return [graph.input(name, list(SHAPE), TensorProto.INT64) for name in ("input_ids", "attention_mask", *more)]


def token_vectors_of(
    graph: Graph, weights: Parameters, dilations: Sequence[int], ids: str, mask: str
) -> tuple[str, str]:
    """What the network knows of tokens before its dense layer, [batch, width, tokens], and their mask as float32
    [batch, 1, tokens]."""
    real = graph.apply("Cast", graph.apply("Unsqueeze", mask, graph.integers(1)), to=TensorProto.FLOAT)
    vectors = graph.apply("Gather", graph.constant(np.asarray(weights["tokens"])), ids)
    known = graph.apply("Mul", graph.apply("Transpose", vectors, perm=[0, 2, 1]), real)
    for number, dilation in enumerate(dilations):
        kernel = graph.constant(np.asarray(weights[f"kernel{number}"]).transpose(2, 1, 0))
        bias = graph.constant(np.asarray(weights[f"bias{number}"]))
        seen = graph.apply("Conv", known, kernel, bias, pads=[dilation, dilation], dilations=[dilation])
        known = graph.apply("Add", known, graph.apply("Mul", graph.apply("Relu", seen), real))
    return known, real


def dense(graph: Graph, values: str, weights: Parameters, name: str = "dense") -> str:
    """A dense layer over the last dimension."""
    product = graph.apply("MatMul", values, graph.constant(np.asarray(weights[name])))
    return graph.apply("Add", product, graph.constant(np.asarray(weights[f"{name}_bias"])))


def export(name: str, weights: Parameters, dilations: Sequence[int], output: str) -> onnx.ModelProto:
    """The network as ONNX: inputs ``input_ids`` and ``attention_mask``, INT64 [batch, tokens]."""
    graph = Graph(name)
    known, _ = token_vectors_of(graph, weights, dilations, *declared(graph))
    tokens = graph.apply("Transpose", known, perm=[0, 2, 1])
    graph.output(dense(graph, tokens, weights), output, [*SHAPE, int(np.shape(weights["dense"])[1])])
    return graph.build()


def train(
    weights: Parameters,
    batches: Iterator[Any],
    loss: Callable[[Parameters, Any], Any],
    steps: int,
    rate: float,
    report: int = 200,
) -> Parameters:
    """Adam (Kingma and Ba 2015) with a rate that falls to 0 in a straight line; prints the loss now and then."""

    @jax.jit
    def step(weights: Parameters, first: Parameters, second: Parameters, batch: Any, time: Any) -> Any:
        value, slope = jax.value_and_grad(loss)(weights, batch)
        first = jax.tree.map(lambda mean, g: 0.9 * mean + 0.1 * g, first, slope)
        second = jax.tree.map(lambda mean, g: 0.999 * mean + 0.001 * g * g, second, slope)
        size = rate * (1 - time / steps) * jnp.sqrt(1 - 0.999 ** (time + 1)) / (1 - 0.9 ** (time + 1))
        moved = jax.tree.map(lambda w, m, v: w - size * m / (jnp.sqrt(v) + 1e-8), weights, first, second)
        return moved, first, second, value

    zeros = jax.tree.map(jnp.zeros_like, weights)
    state = (weights, zeros, zeros)
    for time in range(steps):
        *state, value = step(*state, next(batches), jnp.float32(time))
        if (time + 1) % report == 0:
            print(f"step {time + 1}: loss {float(value):.4f}", flush=True)
    return {name: np.asarray(value) for name, value in state[0].items()}


def padded(rows: Sequence[Sequence[int]], length: int, fill: int = 0) -> Array:
    """Rows [N, length], padded on the right and cut."""
    made = np.full((len(rows), length), fill, dtype=np.int64)
    for row, values in zip(made, rows, strict=True):
        row[: min(len(values), length)] = values[:length]
    return made


def inputs(ids: Sequence[Sequence[int]]) -> Mapping[str, Array]:
    """The graph's inputs for rows of token ids, padded to the longest."""
    length = max(1, *map(len, ids))
    mask = padded([[1] * len(row) for row in ids], length)
    return {"input_ids": padded(ids, length), "attention_mask": mask}


def tokenizer_section(length: int) -> Json:
    """The tokenizer's part of model.yaml."""
    return {"file": "tokenizer.json", "kind": "huggingface", "max_length": length, "padding": "longest"}


def fit_pieces(texts: Sequence[str], tokenizer: Tokenizer, size: int, special: Sequence[str] = ()) -> dict[str, int]:
    """A vocabulary of word pieces: special ones, letters, then what saves the most letters in the texts.

    The special ones begin with ``[PAD]`` and ``[UNK]``. What saves letters is whole words, and beginnings, middles and
    ends of two to four letters. The trainers of the library tokenizers make another vocabulary in every run; this one
    depends on the texts alone.

    Args:
        texts: Training texts.
        tokenizer: Its normalizer and pre-tokenizer make the words.
        size: Pieces in all.
        special: Pieces that stand for no text.
    """
    words: Counter[str] = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text)
        words.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    letters: Counter[str] = Counter()
    saved: Counter[str] = Counter()
    for word, count in words.items():
        for letter in word:
            letters[letter] += count
        saved[word] += count * (len(word) - 1)
        for length in (2, 3, 4):
            for start in range(len(word) - length + 1):
                piece = word[start : start + length]
                saved[piece if start == 0 else f"##{piece}"] += count * (length - 1) // 4
    alphabet = sorted(letter for letter, _ in letters.most_common(MOST_LETTERS))
    pieces = ["[PAD]", "[UNK]", *special, *alphabet, *(f"##{letter}" for letter in alphabet)]
    best = sorted((piece for piece in saved if piece not in pieces), key=lambda piece: (-saved[piece], piece))
    return {piece: number for number, piece in enumerate([*pieces, *best[: max(size - len(pieces), 0)]])}
