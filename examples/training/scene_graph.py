# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The network of ``vision/scenes``, and what its graph adds: boxes in pixels, and the best of neighbouring cells."""

import keras
import numpy as np
import onnx
from graph import Graph
from layers import conv, normalised_conv
from onnx import TensorProto

SIDE = 96
#: Side of a cell in pixels of the input, and cells along a side.
CELL = 8
CELLS = SIDE // CELL
#: Size of an object, in pixels, of which the network gives the multiple.
SIZE = 24.0
#: Largest multiple, as a logarithm: the exponential never overflows.
_MOST = 3.0
#: Detections in the layout (boxes, labels, scores).
KEPT = 20

#: Name, filters, extent of the kernel and stride of each convolution: the way down, and the one to the pixels.
_DOWN = [("fine", 16, 5, 2), ("half", 32, 3, 2), ("quarter", 48, 3, 1), ("cells", 80, 3, 2), ("wide", 80, 3, 1)]
_DEEP = ("deep", 96, 3, 1)
_PIXELS = [("narrow", 32, 1, 1), ("near", 32, 3, 1), ("edges", 24, 3, 1)]


def network(objects: int, surfaces: int) -> keras.Model:
    """The untrained network: [batch, 96, 96, 3] to [batch, 12, 12, 4 + objects] and [batch, 48, 48, surfaces]."""
    layers = keras.layers

    def block(tensor: keras.KerasTensor, name: str, filters: int, extent: int, stride: int) -> keras.KerasTensor:
        tensor = layers.Conv2D(filters, extent, stride, padding="same", use_bias=False, name=name)(tensor)
        return layers.ReLU()(layers.BatchNormalization(momentum=0.95, name=f"{name}_norm")(tensor))

    image = layers.Input((SIDE, SIDE, 3), name="image")
    levels, tensor = [], image
    for each in [*_DOWN, _DEEP]:
        tensor = block(tensor, *each)
        levels.append(tensor)
    rare = keras.initializers.Constant(-4.0)
    boxes = layers.Conv2D(4, 1, name="boxes")(tensor)
    classes = layers.Conv2D(objects, 1, bias_initializer=rare, name="classes")(tensor)
    up = layers.UpSampling2D(2)(block(tensor, *_PIXELS[0]))
    near = block(layers.Concatenate()([up, levels[2]]), *_PIXELS[1])
    edges = block(layers.Concatenate()([layers.UpSampling2D(2)(near), levels[0]]), *_PIXELS[2])
    pixels = layers.Conv2D(surfaces, 1, name="surfaces")(edges)
    return keras.Model(image, [layers.Concatenate()([boxes, classes]), pixels])


def export(model: keras.Model) -> onnx.ModelProto:
    """The trained network as ONNX, with three outputs for detections already sifted."""
    graph = Graph("scenes")
    tensor = graph.apply("Transpose", graph.input("image", ["batch", SIDE, SIDE, 3]), perm=[0, 3, 1, 2])
    levels = []
    for name, *_ in [*_DOWN, _DEEP]:
        tensor = _block(graph, tensor, model, name)
        levels.append(tensor)
    boxes = _boxes(graph, conv(graph, tensor, model.get_layer("boxes")))
    scores = graph.apply("Sigmoid", conv(graph, tensor, model.get_layer("classes")))
    classes = model.get_layer("classes").filters
    flat = graph.apply("Concat", boxes, scores, axis=1)
    candidates = graph.apply("Reshape", flat, graph.integers(0, 4 + classes, CELLS**2))
    graph.output(candidates, "candidates", ["batch", 4 + classes, CELLS**2])
    _best(graph, boxes, scores)
    up = _double(graph, _block(graph, tensor, model, "narrow"))
    near = _block(graph, graph.apply("Concat", up, levels[2], axis=1), model, "near")
    joined = graph.apply("Concat", _double(graph, near), levels[0], axis=1)
    pixels = conv(graph, _block(graph, joined, model, "edges"), model.get_layer("surfaces"))
    smooth = _double(graph, pixels, mode="linear", coordinate_transformation_mode="half_pixel")
    graph.output(smooth, "surfaces", ["batch", model.get_layer("surfaces").filters, SIDE, SIDE])
    return graph.build()


def _block(graph: Graph, tensor: str, model: keras.Model, name: str) -> str:
    return normalised_conv(graph, tensor, model.get_layer(name), model.get_layer(f"{name}_norm"))


def _double(graph: Graph, tensor: str, **options: str) -> str:
    settings = options or {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return graph.apply("Resize", tensor, "", graph.floats(1, 1, 2, 2), **settings)


def _boxes(graph: Graph, raw: str) -> str:
    """Centres and sizes in pixels, [batch, 4, cells, cells]."""
    centres = ((np.arange(CELLS) + 0.5) * CELL).astype(np.float32)
    grid = np.stack(np.meshgrid(centres, centres))[None]
    offsets = graph.apply("Slice", raw, graph.integers(0), graph.integers(2), graph.integers(1))
    middle = graph.apply("Add", graph.apply("Mul", offsets, graph.floats(CELL)), graph.constant(grid))
    sizes = graph.apply("Slice", raw, graph.integers(2), graph.integers(4), graph.integers(1))
    bounded = graph.apply("Min", sizes, graph.floats(_MOST))
    return graph.apply("Concat", middle, graph.apply("Mul", graph.apply("Exp", bounded), graph.floats(SIZE)), axis=1)


def _best(graph: Graph, boxes: str, scores: str) -> None:
    """Adds the outputs boxes (corners), labels and scores: cells that no neighbour surpasses, the best first."""
    one = graph.apply("ReduceMax", scores, axes=[1], keepdims=1)
    around = graph.apply("MaxPool", one, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    kept = graph.apply("Mul", one, graph.apply("Cast", graph.apply("Equal", one, around), to=TensorProto.FLOAT))
    flat = graph.apply("Reshape", kept, graph.integers(0, CELLS**2))
    names = graph.apply("Reshape", graph.apply("ArgMax", scores, axis=1), graph.integers(0, CELLS**2))
    best, places = graph.apply_all("TopK", flat, graph.integers(KEPT), outputs=2, axis=1)
    graph.output(best, "scores", ["batch", KEPT])
    labels = graph.apply("GatherElements", names, places, axis=1)
    graph.output(labels, "labels", ["batch", KEPT], TensorProto.INT64)
    middle, size = (
        graph.apply("Slice", boxes, graph.integers(start), graph.integers(start + 2), graph.integers(1))
        for start in (0, 2)
    )
    half = graph.apply("Mul", size, graph.floats(0.5))
    corners = graph.apply("Concat", graph.apply("Sub", middle, half), graph.apply("Add", middle, half), axis=1)
    rows = graph.apply("Transpose", graph.apply("Reshape", corners, graph.integers(0, 4, CELLS**2)), perm=[0, 2, 1])
    chosen = graph.apply("Expand", graph.apply("Unsqueeze", places, graph.integers(2)), graph.integers(1, 1, 4))
    graph.output(graph.apply("GatherElements", rows, chosen, axis=1), "boxes", ["batch", KEPT, 4])
