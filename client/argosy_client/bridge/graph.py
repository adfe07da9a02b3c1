# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a graph says of itself, read without its weights."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError

from argosy_client.bridge.foreign import name_of
from argosy_client.bridge.refused import Refused

#: V2's names of ONNX's element types; others cannot be served.
DATATYPES: Mapping[int, str] = {
    onnx.TensorProto.BOOL: "BOOL",
    onnx.TensorProto.UINT8: "UINT8",
    onnx.TensorProto.UINT16: "UINT16",
    onnx.TensorProto.UINT32: "UINT32",
    onnx.TensorProto.UINT64: "UINT64",
    onnx.TensorProto.INT8: "INT8",
    onnx.TensorProto.INT16: "INT16",
    onnx.TensorProto.INT32: "INT32",
    onnx.TensorProto.INT64: "INT64",
    onnx.TensorProto.FLOAT16: "FP16",
    onnx.TensorProto.FLOAT: "FP32",
    onnx.TensorProto.DOUBLE: "FP64",
    onnx.TensorProto.STRING: "BYTES",
}
#: Attributes in which converters of classical models leave the names of the classes.
_CLASS_NAMES = ("classlabels_strings", "classlabels_string", "cats_strings")
_RANDOM = ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial", "Bernoulli")
#: Operators that hand on what they get.
_PASSING = ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose")
_CLASS_NUMBERS = ("classlabels_int64s", "classlabels_ints", "classlabels_int64")


@dataclass(frozen=True, slots=True)
class Value:
    """An input or output of a graph.

    Args:
        kind: "tensor", or what else it is: "sequence", "map", "optional", "sparse tensor", "nothing".
        datatype: In V2 spelling; ONNX's own name where V2 has none, empty where it is no tensor.
        dims: Numbers, names of variable dimensions, "?" where nothing is said; None where the rank is unknown.
    """

    name: str
    kind: str
    datatype: str
    dims: tuple[int | str, ...] | None

    @property
    def shape(self) -> str:
        """The shape as people read it."""
        return "[...]" if self.dims is None else f"[{', '.join(map(str, self.dims))}]"

    def named(self, *words: str) -> bool:
        """Whether its name holds one of these words, which are in lower case."""
        return any(word in self.name.lower() for word in words)


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights beside the graph, with the bytes that the graph reads of it."""

    location: str
    needed_bytes: int


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph, without its weights."""

    path: Path
    producer: str
    ir_version: int
    opsets: Mapping[str, int]
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    operators: frozenset[tuple[str, str]]
    """Domain and name; those of functions in the file are not among them."""
    weights: tuple[WeightsFile, ...]
    classes: tuple[str, ...]
    """Names of the classes, where a classical model's converter left them."""
    makers: Mapping[str, str]
    """The operator that computes each output, leaving out those that only hand it on."""

    @property
    def random(self) -> bool:
        """Whether it draws random numbers."""
        return self.operator(*_RANDOM)

    def operator(self, *names: str) -> bool:
        """Whether any of these operators is used, whatever its domain."""
        return any(name in names for _, name in self.operators)


def read(path: Path) -> Graph:
    """Reads a graph.

    Raises:
        OSError: the file cannot be read.
        Refused: it is no ONNX graph; says what it is instead, where that can be told.
    """
    other = name_of(path)
    if other:
        raise Refused("NOT_ONNX", f"{path.name} is no ONNX graph: it looks like {other}")
    try:
        model = onnx.load(str(path), load_external_data=False)
    except (DecodeError, ValueError, RuntimeError) as error:
        raise Refused("NOT_ONNX", f"{path.name} is no ONNX graph, or a part of one: {error}") from error
    if not model.HasField("graph") or not model.graph.output:
        raise Refused("NOT_ONNX", f"{path.name} is no ONNX graph: it has no outputs")
    try:
        return _graph(path, model)
    except (AttributeError, TypeError, ValueError) as error:  # protobuf gives bytes where a text is no UTF-8
        raise Refused("NOT_ONNX", f"{path.name} is a damaged ONNX graph: {error}") from error


def _graph(path: Path, model: Any) -> Graph:
    graph = model.graph
    constants = {one.name for one in graph.initializer} | {one.values.name for one in graph.sparse_initializer}
    own = {(function.domain, function.name) for function in model.functions}
    nodes = [*_nodes(graph), *(node for function in model.functions for node in _inside(function.node))]
    tensors = [*_tensors(graph), *(tensor for function in model.functions for tensor in _attributes(function.node))]
    return Graph(
        path=path,
        producer=f"{model.producer_name} {model.producer_version}".removesuffix(" None").strip(),
        ir_version=model.ir_version,
        opsets={one.domain or "ai.onnx": one.version for one in model.opset_import},
        inputs=tuple(_value(one) for one in graph.input if one.name not in constants),
        outputs=tuple(_value(one) for one in graph.output),
        operators=frozenset((node.domain, node.op_type) for node in nodes if (node.domain, node.op_type) not in own),
        weights=_weights(tensors),
        classes=_classes(nodes),
        makers=_makers(graph),
    )


def _value(info: Any) -> Value:
    kind = info.type.WhichOneof("value") or "nothing"
    if kind != "tensor_type":
        return Value(info.name, kind.removesuffix("_type").replace("_", " "), "", None)
    tensor = info.type.tensor_type
    datatype = DATATYPES.get(tensor.elem_type) or _onnx_name(tensor.elem_type)
    if not tensor.HasField("shape"):
        return Value(info.name, "tensor", datatype, None)
    return Value(info.name, "tensor", datatype, tuple(_dim(dim) for dim in tensor.shape.dim))


def _onnx_name(number: int) -> str:
    return str(onnx.TensorProto.DataType.Name(number)) if number in onnx.TensorProto.DataType.values() else "unknown"


def _dim(dim: Any) -> int | str:
    if dim.HasField("dim_value") and dim.dim_value >= 0:
        return int(dim.dim_value)
    return str(dim.dim_param) or "?"


def _nodes(graph: Any) -> Iterator[Any]:
    yield from _inside(graph.node)


def _inside(nodes: Any) -> Iterator[Any]:
    """Nodes, with those of the graphs in their attributes (branches and bodies of loops)."""
    for node in nodes:
        yield node
        for attribute in node.attribute:
            for graph in [attribute.g] if attribute.HasField("g") else [*attribute.graphs]:
                yield from _inside(graph.node)


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    yield from _attributes(graph.node)


def _attributes(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            for graph in [attribute.g] if attribute.HasField("g") else [*attribute.graphs]:
                yield from _tensors(graph)


def _makers(graph: Any) -> dict[str, str]:
    nodes = {name: node for node in graph.node for name in node.output}
    found: dict[str, str] = {}
    for output in graph.output:
        node = nodes.get(output.name)
        for _ in graph.node:  # a damaged graph may go round in circles
            if node is None or node.op_type not in _PASSING or not node.input:
                break
            node = nodes.get(node.input[0])
        found[output.name] = node.op_type if node is not None else ""
    return found


def _weights(tensors: list[Any]) -> tuple[WeightsFile, ...]:
    needed: dict[str, int] = {}
    for tensor in tensors:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            entries = {entry.key: entry.value for entry in tensor.external_data}
            end = _number(entries.get("offset")) + _number(entries.get("length"))
            location = entries.get("location", "")
            if not isinstance(location, str):
                raise TypeError("the name of a file of weights is no text")
            needed[location] = max(needed.get(location, 0), end)
    return tuple(WeightsFile(location, end) for location, end in sorted(needed.items()))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _classes(nodes: list[Any]) -> tuple[str, ...]:
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        for attribute in node.attribute:
            if attribute.name in _CLASS_NAMES and attribute.strings:
                found.setdefault("names", tuple(text.decode("utf-8", "replace") for text in attribute.strings))
            elif attribute.name in _CLASS_NUMBERS and attribute.ints:
                found.setdefault("numbers", tuple(map(str, attribute.ints)))
    return found.get("names") or found.get("numbers", ())
