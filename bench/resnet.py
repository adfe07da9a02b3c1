# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Residual networks of the usual sizes, with random weights: bytes of an image to scores of 1000 classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import TensorProto

from bench.graph import Graph, value

INPUT, OUTPUT = "image", "scores"
SIZE, CHANNELS, CLASSES = 224, 3, 1000
#: Blocks of each stage.
DEPTHS = {18: (2, 2, 2, 2), 50: (3, 4, 6, 3)}
_WIDTHS = (64, 128, 256, 512)
#: Above this many layers, blocks are narrow in their middle and four times as wide at their ends.
_BASIC = 34


@dataclass(frozen=True, slots=True)
class ResNet:
    """One network: UINT8 [batch, 3, 224, 224] to FP32 [batch, 1000]."""

    layers: int

    @property
    def name(self) -> str:
        """Name of the model."""
        return f"resnet{self.layers}"

    def write(self, path: Path) -> None:
        """Writes the graph, about 45 MB for 18 layers and 100 MB for 50."""
        graph = Graph()
        real = graph.add("Cast", [INPUT], "real", to=TensorProto.FLOAT)
        name = graph.add("Mul", [real, graph.constant("scale", np.array(1 / 128, np.float32))], "scaled")
        name = _convolution(graph, name, "first", (CHANNELS, _WIDTHS[0]), 7, 2)
        name = graph.add("MaxPool", [name], "pooled", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        name, channels = self._stages(graph, name)
        mean = graph.add("Flatten", [graph.add("GlobalAveragePool", [name], "mean")], "flat")
        graph.add("Identity", [graph.linear(mean, "head", channels, CLASSES)], OUTPUT)
        image = value(INPUT, TensorProto.UINT8, "batch", CHANNELS, SIZE, SIZE)
        graph.save(path, [image], [value(OUTPUT, TensorProto.FLOAT, "batch", CLASSES)])

    def _stages(self, graph: Graph, name: str) -> tuple[str, int]:
        channels = _WIDTHS[0]
        for stage, (depth, width) in enumerate(zip(DEPTHS[self.layers], _WIDTHS, strict=True)):
            wide = width if self.layers <= _BASIC else 4 * width
            for block in range(depth):
                stride = 2 if stage and not block else 1
                plan = _basic(channels, width) if self.layers <= _BASIC else _narrow(channels, width)
                name = _block(graph, name, f"stage{stage}_{block}_", plan, stride)
                channels = wide
        return name, channels


#: Convolutions of a block: channels in, channels out, size of the kernel.
_Plan = Sequence[tuple[int, int, int]]


def _basic(channels: int, width: int) -> _Plan:
    return (channels, width, 3), (width, width, 3)


def _narrow(channels: int, width: int) -> _Plan:
    return (channels, width, 1), (width, width, 3), (width, 4 * width, 1)


def _block(graph: Graph, name: str, prefix: str, plan: _Plan, stride: int) -> str:
    """The convolutions of a plan, the first of size 3 with the stride, beside a shortcut."""
    channels, wide = plan[0][0], plan[-1][1]
    shortcut = name
    if stride > 1 or channels != wide:
        shortcut = _convolution(graph, name, f"{prefix}short", (channels, wide), 1, stride, linear=True)
    strided = next(index for index, (_, _, size) in enumerate(plan) if size == 3)
    for index, (before, after, size) in enumerate(plan):
        last = index == len(plan) - 1
        step = stride if index == strided else 1
        name = _convolution(graph, name, f"{prefix}{index}", (before, after), size, step, linear=last)
    return graph.add("Relu", [graph.add("Add", [name, shortcut], f"{prefix}sum")], f"{prefix}end")


def _convolution(
    graph: Graph, name: str, prefix: str, channels: tuple[int, int], size: int, stride: int, *, linear: bool = False
) -> str:
    before, after = channels
    # Scaled so that neither layers nor their sums grow from one to the next.
    scale = (1.0 if linear else 1.4) / np.sqrt(before * size * size) / (2 if linear else 1)
    weight = graph.weight(f"{prefix}_weight", after, before, size, size, scale=float(scale))
    bias = graph.weight(f"{prefix}_bias", after)
    out = graph.add(
        "Conv",
        [name, weight, bias],
        f"{prefix}_conv",
        kernel_shape=[size, size],
        strides=[stride, stride],
        pads=[size // 2] * 4,
    )
    return out if linear else graph.add("Relu", [out], f"{prefix}_relu")
