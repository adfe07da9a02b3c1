# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A network of causal convolutions that writes letters, in Keras, and as ONNX with what it has seen as state."""

from typing import Any

import keras
import numpy as np
import onnx
from common import Array, Json
from graph import Graph
from layers import weights
from spoken_batches import ALPHABET, FEATURES

WIDTH, DILATIONS = 96, (1, 2, 4, 8, 16, 1)
#: Frames for one step.
STRIDE = 3


class Causal(keras.layers.Layer):  # type: ignore[misc]
    """A convolution over time that sees the present and ``taps - 1`` earlier steps, ``dilation`` apart, then ReLU."""

    def __init__(self, units: int, taps: int, dilation: int) -> None:
        super().__init__()
        self.units, self.taps, self.dilation = units, taps, dilation

    @property
    def past(self) -> int:
        """Earlier steps that it needs."""
        return (self.taps - 1) * self.dilation

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights."""
        self.kernel = self.add_weight((self.taps * shape[-1], self.units), "he_normal", name="kernel")
        self.bias = self.add_weight((self.units,), "zeros", name="bias")

    def call(self, steps: Any) -> Any:
        """From [batch, steps, values] to [batch, steps, units]."""
        count = steps.shape[1]
        padded = keras.ops.pad(steps, [[0, 0], [self.past, 0], [0, 0]])
        seen = [padded[:, tap * self.dilation : tap * self.dilation + count] for tap in range(self.taps)]
        return keras.ops.relu(keras.ops.concatenate(seen, axis=-1) @ self.kernel + self.bias)


def network(mean: Array, variance: Array, steps: int) -> keras.Model:
    """The untrained network: it never looks ahead, and answers every :data:`STRIDE` frames."""
    layers = keras.layers
    features = layers.Input((None, FEATURES.mel_bins))
    tensor = layers.Normalization(mean=mean, variance=variance)(features)
    tensor = layers.Reshape((-1, STRIDE * FEATURES.mel_bins))(tensor)
    tensor = Causal(WIDTH, 2, 1)(tensor)
    for dilation in DILATIONS:
        block = Causal(WIDTH, 3, dilation)(layers.LayerNormalization()(tensor))
        tensor = layers.Add()([tensor, layers.Dropout(0.1)(block)])
    logits = layers.Dense(len(ALPHABET), name="logits")(layers.LayerNormalization()(tensor))
    model = keras.Model(features, logits)
    rate = keras.optimizers.schedules.CosineDecay(2e-4, steps, warmup_target=3e-3, warmup_steps=steps // 16, alpha=0.01)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-3, global_clipnorm=1.0), keras.losses.CTC())
    return model


def export(model: keras.Model) -> tuple[onnx.ModelProto, list[Json]]:
    """The trained network as ONNX, and the ``states`` of model.yaml: what each convolution has seen last."""
    graph = Graph("digits_and_commands")
    features = graph.input("features", ["batch", "frames", FEATURES.mel_bins])
    normalization, *others = [layer for layer in model.layers if layer.get_weights() or "normalization" in layer.name]
    mean, deviation = (np.asarray(value, np.float32) for value in (normalization.mean, normalization.variance**0.5))
    tensor = graph.apply("Div", graph.apply("Sub", features, graph.constant(mean)), graph.constant(deviation))
    tensor = graph.apply("Reshape", tensor, graph.integers(0, -1, STRIDE * FEATURES.mel_bins))
    states: list[Json] = []
    causal = [layer for layer in others if isinstance(layer, Causal)]
    normalizing = [layer for layer in others if isinstance(layer, keras.layers.LayerNormalization)]
    tensor = convolved(graph, tensor, causal[0], states)
    for layer, norm in zip(causal[1:], normalizing[:-1], strict=True):
        tensor = graph.apply("Add", tensor, convolved(graph, normalized(graph, tensor, norm), layer, states))
    kernel, bias = weights(model.get_layer("logits"))
    logits = graph.apply("MatMul", normalized(graph, tensor, normalizing[-1]), graph.constant(kernel))
    graph.output(graph.apply("Add", logits, graph.constant(bias)), "logits", ["batch", "steps", len(ALPHABET)])
    return graph.build(), states


def normalized(graph: Graph, tensor: str, layer: keras.layers.LayerNormalization) -> str:
    """Layer normalization over the values of each step."""
    scale, bias = (graph.constant(value) for value in weights(layer))
    return graph.apply("LayerNormalization", tensor, scale, bias, axis=-1, epsilon=layer.epsilon)


def convolved(graph: Graph, tensor: str, layer: Causal, states: list[Json]) -> str:
    """A convolution of which the earlier steps come from a state; that of the next run is added to ``states``."""
    kernel, bias = weights(layer)
    values = len(kernel) // layer.taps
    name = f"seen_{len(states)}"
    end = graph.integers(np.iinfo(np.int64).max)
    axis = graph.integers(1)
    seen = graph.apply("Concat", graph.input(name, ["batch", layer.past, values]), tensor, axis=1)
    states.append({"input": name, "output": f"{name}_next"})
    kept = graph.apply("Slice", seen, graph.integers(-layer.past), end, axis)
    graph.output(kept, f"{name}_next", ["batch", layer.past, values])
    taps = [
        graph.apply(
            "Slice",
            seen,
            graph.integers(tap * layer.dilation),
            graph.integers((tap + 1 - layer.taps) * layer.dilation) if tap + 1 < layer.taps else end,
            axis,
        )
        for tap in range(layer.taps)
    ]
    product = graph.apply("MatMul", graph.apply("Concat", *taps, axis=-1), graph.constant(kernel))
    return graph.apply("Relu", graph.apply("Add", product, graph.constant(bias)))
