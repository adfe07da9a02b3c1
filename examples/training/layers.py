# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Trained Keras layers as nodes of an ONNX graph.

Images and sequences are [batch, ..., channels], as in Keras; convolutions are computed on [batch, channels, ...].
"""

from collections.abc import Sequence

import keras
import numpy as np
from common import Array
from graph import Graph


def weights(layer: keras.Layer) -> list[Array]:
    """A layer's weights as float32 arrays."""
    return [np.asarray(value, dtype=np.float32) for value in layer.get_weights()]


def dense(graph: Graph, tensor: str, layer: keras.layers.Dense) -> str:
    """A dense layer without its activation: [batch, inputs] to [batch, units]."""
    kernel, bias = weights(layer)
    return graph.apply("Gemm", tensor, graph.constant(kernel), graph.constant(bias))


def conv(graph: Graph, tensor: str, layer: keras.layers.Conv1D | keras.layers.Conv2D) -> str:
    """A convolution with padding "same" without its activation, on [batch, channels, ...].

    Extents that the stride divides, as Keras pads them.
    """
    kernel, bias = weights(layer)
    return _convolution(graph, tensor, kernel, bias, layer.strides)


def conv_relu(graph: Graph, tensor: str, layer: keras.layers.Conv1D | keras.layers.Conv2D) -> str:
    """A convolution with padding "same", then ReLU, on [batch, channels, ...]."""
    return graph.apply("Relu", conv(graph, tensor, layer))


def normalised_conv(
    graph: Graph, tensor: str, layer: keras.layers.Conv2D, norm: keras.layers.BatchNormalization
) -> str:
    """A convolution without bias, batch normalisation and ReLU as one convolution, then ReLU."""
    (kernel,) = weights(layer)
    gamma, beta, mean, variance = weights(norm)
    factor = gamma / np.sqrt(variance + norm.epsilon)
    folded = _convolution(graph, tensor, kernel * factor, beta - mean * factor, layer.strides)
    return graph.apply("Relu", folded)


def _convolution(graph: Graph, tensor: str, kernel: Array, bias: Array, strides: Sequence[int]) -> str:
    *extents, _, _ = kernel.shape
    rank = len(extents)
    totals = [max(extent - stride, 0) for extent, stride in zip(extents, strides, strict=True)]
    pads = [total // 2 for total in totals] + [total - total // 2 for total in totals]
    kernel_name = graph.constant(kernel.transpose(rank + 1, rank, *range(rank)))
    return graph.apply("Conv", tensor, kernel_name, graph.constant(bias), pads=pads, strides=list(strides))


def max_pool(graph: Graph, tensor: str, layer: keras.layers.MaxPooling1D | keras.layers.MaxPooling2D) -> str:
    """Max pooling without padding on [batch, channels, ...]."""
    return graph.apply("MaxPool", tensor, kernel_shape=list(layer.pool_size), strides=list(layer.strides))


def conv_blocks(graph: Graph, tensor: str, network: keras.Model) -> str:
    """Every convolution and pooling of a network, from [batch, ..., channels] to [batch, values]."""
    last = len(network.input_shape) - 1
    tensor = graph.apply("Transpose", tensor, perm=[0, last, *range(1, last)])
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv1D | keras.layers.Conv2D):
            tensor = conv_relu(graph, tensor, layer)
        elif isinstance(layer, keras.layers.MaxPooling1D | keras.layers.MaxPooling2D):
            tensor = max_pool(graph, tensor, layer)
    return graph.apply("Flatten", graph.apply("Transpose", tensor, perm=[0, *range(2, last + 1), 1]))


def lstm_state(graph: Graph, tensor: str, lengths: str, layer: keras.layers.LSTM) -> str:
    """The last state [batch, units] of an LSTM over [batch, steps, values], each row as long as ``lengths`` (INT32)."""
    kernel, recurrent, bias = (_reorder_gates(value) for value in weights(layer))
    bias = np.concatenate([bias, np.zeros_like(bias)])
    steps_first = graph.apply("Transpose", tensor, perm=[1, 0, 2])
    constants = [graph.constant(value[None]) for value in (kernel.T, recurrent.T, bias)]
    state = graph.apply("LSTM", steps_first, *constants, lengths, outputs=3, result=1, hidden_size=layer.units)
    return graph.apply("Squeeze", state, graph.integers(0))


def _reorder_gates(value: Array) -> Array:
    """Gates along the last axis from Keras's order (input, forget, cell, output) to ONNX's (input, output, f, c)."""
    gate_in, forget, cell, out = np.split(value, 4, axis=-1)
    return np.concatenate([gate_in, out, forget, cell], axis=-1)
