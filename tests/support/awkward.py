# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Graphs as exporters leave them, with what commonly goes wrong: made on the spot, a few nodes each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, HALF, LONG, TEXT = TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.INT64, TensorProto.STRING
Dims = Sequence[int | str]


@dataclass(frozen=True)
class Awkward:
    """One graph.

    Args:
        make: Writes it to a path.
        code: Finding that the diagnosis must come to; empty for none that refuses or limits.
        says: What the advice must hold; empty for no advice.
        served: Whether it is served all the same; else it is refused.
        batch: Most items that one run may take.
    """

    make: Callable[[Path], None]
    code: str
    says: str
    served: bool
    batch: int = 0


def weights(name: str, *shape: int, dtype: Any = np.float32) -> Any:
    """A constant of random numbers, with a fixed seed."""
    values = np.random.default_rng(7).standard_normal(shape).astype(dtype)
    return numpy_helper.from_array(values, name)


def integers(name: str, *values: int) -> Any:
    """A constant of whole numbers."""
    return numpy_helper.from_array(np.array(values, np.int64), name)


def value(name: str, kind: int, dims: Dims | None) -> Any:
    """An input or output."""
    return helper.make_tensor_value_info(name, kind, dims)


def save(
    path: Path,
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: Sequence[Any],
    constants: Sequence[Any] = (),
    *,
    opset: int = 17,
    ir: int = 8,
    domains: Sequence[str] = (),
    producer: str = "",
) -> None:
    """Writes a graph."""
    graph = helper.make_graph(nodes, "awkward", inputs, outputs, constants)
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir, producer_name=producer)
    path.write_bytes(model.SerializeToString())


def dense(dims_in: Dims, dims_out: Dims, kind: int = FLOAT, **about: Any) -> Callable[[Path], None]:
    """y = x W, [.., 4] to [.., 3]."""
    dtype = np.float16 if kind == HALF else np.float32

    def make(path: Path) -> None:
        nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
        inputs, outputs = [value("x", kind, dims_in)], [value("y", kind, dims_out)]
        save(path, nodes, inputs, outputs, [weights("w", 4, 3, dtype=dtype)], **about)

    return make


def _classifier(texts: bool, zipped: bool) -> Callable[[Path], None]:
    """As skl2onnx writes a LinearClassifier."""
    names = {"classlabels_strings": ["cat", "dog", "owl"]} if texts else {"classlabels_ints": [0, 1, 2]}

    def make(path: Path) -> None:
        nodes = [
            helper.make_node(
                "LinearClassifier",
                ["x"],
                ["label", "raw"],
                domain="ai.onnx.ml",
                coefficients=[0.1 * n for n in range(12)],
                intercepts=[0.0, 0.1, 0.2],
                post_transform="SOFTMAX",
                **names,
            ),
            helper.make_node("Identity", ["raw"], ["probabilities"]),
        ]
        outputs = [value("label", TEXT if texts else LONG, ["N"]), value("probabilities", FLOAT, ["N", 3])]
        if zipped:
            nodes[1] = helper.make_node(
                "ZipMap",
                ["raw"],
                ["probabilities"],
                domain="ai.onnx.ml",
                **{key + ("" if texts else "64s"): names[key] for key in names}
                if texts
                else {"classlabels_int64s": [0, 1, 2]},
            )
            kind = helper.make_map_type_proto(TEXT if texts else LONG, helper.make_tensor_type_proto(FLOAT, []))
            outputs[1] = helper.make_value_info("probabilities", helper.make_sequence_type_proto(kind))
        save(path, nodes, [value("x", FLOAT, ["N", 4])], outputs, domains=["ai.onnx.ml"], producer="skl2onnx")

    return make


def _batch_baked(path: Path) -> None:
    """Declares a variable batch, and reshapes to [1, 4] all the same."""
    nodes = [helper.make_node("Reshape", ["x", "shape"], ["one"]), helper.make_node("MatMul", ["one", "w"], ["y"])]
    constants = [integers("shape", 1, 4), weights("w", 4, 3)]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], [value("y", FLOAT, None)], constants, producer="pytorch")


def _batch_baked_inside(path: Path) -> None:
    """Declares a variable batch, and uses the first item alone."""
    nodes = [
        helper.make_node("Slice", ["x", "zero", "one"], ["first"]),
        helper.make_node("MatMul", ["first", "w"], ["y"]),
    ]
    constants = [weights("w", 4, 3), integers("zero", 0), integers("one", 1)]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], [value("y", FLOAT, ["batch", 3])], constants)


def _items_mix(path: Path) -> None:
    """Normalises over the batch, as BatchNorm in training does."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[0], keepdims=1),
        helper.make_node("Sub", ["x", "mean"], ["y"]),
    ]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], [value("y", FLOAT, ["batch", 4])], producer="pytorch")


def _scalar(path: Path) -> None:
    """A loss instead of a row for each item."""
    nodes = [helper.make_node("ReduceMean", ["x"], ["y"], keepdims=0)]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], [value("y", FLOAT, [])], producer="pytorch")


def _images(dims: Dims, axes: Sequence[int], classes: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        nodes = [
            helper.make_node("ReduceMean", ["image"], ["mean"], axes=list(axes), keepdims=0),
            helper.make_node("MatMul", ["mean", "w"], ["logits"]),
        ]
        inputs, outputs = [value("image", FLOAT, dims)], [value("logits", FLOAT, ["batch", classes])]
        save(path, nodes, inputs, outputs, [weights("w", 3, classes)])

    return make


def _external(path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    inputs, outputs = [value("x", FLOAT, ["batch", 256])], [value("y", FLOAT, ["batch", 16])]
    graph = helper.make_graph(nodes, "awkward", inputs, outputs, [weights("w", 256, 16)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="pytorch")
    onnx.save(
        model, path, save_as_external_data=True, location=f"{path.name}.data", size_threshold=0, convert_attribute=False
    )


def _external_missing(path: Path) -> None:
    _external(path)
    path.with_name(f"{path.name}.data").unlink()


def _external_cut(path: Path) -> None:
    _external(path)
    data = path.with_name(f"{path.name}.data")
    data.write_bytes(data.read_bytes()[:100])


def _external_outside(path: Path) -> None:
    _external(path)
    model = onnx.load(path, load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = "../somewhere/else.data"
    path.write_bytes(model.SerializeToString())


def _columns(path: Path) -> None:
    nodes = [helper.make_node("Add", ["age", "height"], ["y"])]
    inputs = [value(name, FLOAT, ["N", 1]) for name in ("age", "height")]
    save(path, nodes, inputs, [value("y", FLOAT, ["N", 1])], producer="skl2onnx")


def _custom(path: Path) -> None:
    nodes = [helper.make_node("FancyPool", ["x"], ["y"], domain="my.lab")]
    inputs, outputs = [value("x", FLOAT, ["batch", 4])], [value("y", FLOAT, ["batch", 4])]
    save(path, nodes, inputs, outputs, domains=["my.lab"], producer="pytorch")


def _unknown_operator(path: Path) -> None:
    nodes = [helper.make_node("ATen", ["x"], ["y"])]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], [value("y", FLOAT, ["batch", 4])], producer="pytorch")


def _texts_in(path: Path) -> None:
    nodes = [helper.make_node("Identity", ["x"], ["y"])]
    save(path, nodes, [value("x", TEXT, ["batch", 1])], [value("y", TEXT, ["batch", 1])], producer="skl2onnx")


def _bfloat(path: Path) -> None:
    nodes = [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.BFLOAT16)]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], [value("y", TensorProto.BFLOAT16, ["batch", 4])])


def _sequence(path: Path) -> None:
    nodes = [helper.make_node("SequenceConstruct", ["x"], ["y"])]
    kind = helper.make_sequence_type_proto(helper.make_tensor_type_proto(FLOAT, ["batch", 4]))
    outputs = [helper.make_value_info("y", kind)]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], outputs, producer="pytorch")


def _random(path: Path) -> None:
    nodes = [helper.make_node("RandomNormalLike", ["x"], ["noise"]), helper.make_node("Add", ["x", "noise"], ["y"])]
    save(path, nodes, [value("x", FLOAT, ["batch", 4])], [value("y", FLOAT, ["batch", 4])], producer="pytorch")


def _two_lengths(path: Path) -> None:
    """Token ids and a mask of variable length, and a vector for each token."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["vectors"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["vectors", "wide"], ["last_hidden_state"]),
    ]
    inputs = [value(name, LONG, ["batch_size", "sequence_length"]) for name in ("input_ids", "attention_mask")]
    outputs = [value("last_hidden_state", FLOAT, ["batch_size", "sequence_length", 8])]
    save(path, nodes, inputs, outputs, [weights("table", 50, 8), integers("last", 2)], producer="pytorch")


def _written(content: bytes) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(content)

    return make


def _cut_off(path: Path) -> None:
    dense(["batch", 4], ["batch", 3])(path)
    path.write_bytes(path.read_bytes()[:-20])


def _wrong_types(path: Path) -> None:
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    inputs, outputs = [value("x", LONG, ["batch", 4])], [value("y", FLOAT, ["batch", 3])]
    save(path, nodes, inputs, outputs, [weights("w", 4, 3)])


AWKWARD: Mapping[str, Awkward] = {
    "plain": Awkward(dense(["batch", 4], ["batch", 3]), "", "", True, 32),
    "unnamed-batch": Awkward(dense(["", 4], ["", 3]), "", "", True, 32),
    "batch-of-one": Awkward(dense([1, 4], [1, 3], producer="pytorch"), "BATCH_FIXED", "dynamic_shapes", True, 1),
    "batch-of-one-keras": Awkward(dense([1, 4], [1, 3], producer="tf2onnx"), "BATCH_FIXED", "InputSpec", True, 1),
    "batch-of-one-sklearn": Awkward(dense([1, 4], [1, 3], producer="skl2onnx"), "BATCH_FIXED", "[None", True, 1),
    "batch-of-eight": Awkward(dense([8, 4], [8, 3]), "BATCH_FIXED", "dynamic_axes", True),
    "no-batch": Awkward(dense([4], [3]), "BATCH_FIXED", "dynamic_axes", True),
    "batch-second": Awkward(
        dense(["seq", "batch", 4], ["seq", "batch", 3], producer="pytorch"), "BATCH_NOT_FIRST", "batch_first=True", True
    ),
    "batch-baked": Awkward(_batch_baked, "BATCH_FIXED", "dynamic_shapes", True, 1),
    "batch-baked-inside": Awkward(_batch_baked_inside, "BATCH_IGNORED", "x.shape[0]", True, 1),
    "items-mix": Awkward(_items_mix, "ITEMS_MIX", "model.eval()", True, 1),
    "scalar": Awkward(_scalar, "NO_BATCH", "logits", True),
    "zipmap": Awkward(_classifier(False, True), "NOT_TENSORS", "'zipmap': False", False),
    "zipmap-texts": Awkward(_classifier(True, True), "NOT_TENSORS", "'zipmap': False", False),
    "sequence": Awkward(_sequence, "NOT_TENSORS", "tuple of tensors", False),
    "text-labels": Awkward(_classifier(True, False), "TEXT_OUTPUTS", "labels.txt", True, 32),
    "number-labels": Awkward(_classifier(False, False), "", "", True, 32),
    "texts-in": Awkward(_texts_in, "TEXT_INPUTS", "BYTES", True, 32),
    "custom-operator": Awkward(_custom, "CUSTOM_OPERATORS", "custom_translation_table", False),
    "unknown-operator": Awkward(_unknown_operator, "CUSTOM_OPERATORS", "ONNX_ATEN_FALLBACK", False),
    "opset-too-new": Awkward(
        dense(["batch", 4], ["batch", 3], opset=99, producer="pytorch"), "OPSET_TOO_NEW", "opset_version=", False
    ),
    "ir-too-new": Awkward(dense(["batch", 4], ["batch", 3], ir=99), "IR_TOO_NEW", "ir_version =", False),
    "old-opset": Awkward(dense(["batch", 4], ["batch", 3], opset=7, ir=3), "", "", True, 32),
    "halves": Awkward(dense(["batch", 4], ["batch", 3], HALF), "FP16_INPUTS", "keep_io_types=True", True, 32),
    "bfloat": Awkward(_bfloat, "TYPE_UNSUPPORTED", "FP32", False),
    "nhwc": Awkward(_images(["batch", 32, 32, 3], [1, 2], 5), "CHANNELS_LAST", "inputs_as_nchw", True, 32),
    "nchw": Awkward(_images(["batch", 3, 32, 32], [2, 3], 5), "", "", True, 32),
    "any-size": Awkward(_images(["batch", 3, "h", "w"], [2, 3], 5), "", "", True, 32),
    "two-lengths": Awkward(_two_lengths, "", "", True, 32),
    "external": Awkward(_external, "", "", True, 32),
    "external-missing": Awkward(_external_missing, "WEIGHTS_MISSING", "external_data=False", False),
    "external-cut": Awkward(_external_cut, "WEIGHTS_MISSING", "beside the graph", False),
    "external-outside": Awkward(_external_outside, "WEIGHTS_MISSING", "beside the graph", False),
    "huge": Awkward(dense([1, 1 << 40, 4], [1, 1 << 40, 3]), "INPUT_TOO_LARGE", "", False),
    "columns-apart": Awkward(_columns, "COLUMNS_APART", "to_numpy", True, 32),
    "random": Awkward(_random, "RANDOM", "model.eval()", True, 32),
    "empty": Awkward(_written(b""), "NOT_ONNX", "torch.onnx.export", False),
    "html": Awkward(_written(b"<!DOCTYPE html><html></html>"), "NOT_ONNX", "torch.onnx.export", False),
    "pickle": Awkward(_written(b"\x80\x04\x95\x00"), "NOT_ONNX", "skl2onnx.to_onnx", False),
    "hdf5": Awkward(_written(b"\x89HDF\r\n\x1a\n" + bytes(64)), "NOT_ONNX", "format='onnx'", False),
    "lfs": Awkward(_written(b"version https://git-lfs.github.com/spec/v1\n"), "NOT_ONNX", "", False),
    "noise": Awkward(_written(bytes(range(8, 200))), "NOT_ONNX", "torch.onnx.export", False),
    "cut-off": Awkward(_cut_off, "NOT_ONNX", "torch.onnx.export", False),
    "wrong-types": Awkward(_wrong_types, "BROKEN", "torch.onnx.export", False),
}
