# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Finds what commonly goes wrong with exported graphs, and says what to change."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from argosy_client.bridge import probe
from argosy_client.bridge.advice import advice, exporter_of
from argosy_client.bridge.findings import Finding, Weight
from argosy_client.bridge.graph import Graph, Value, read
from argosy_client.bridge.refused import Refused
from argosy_client.bridge.session import Arrays, Session
from argosy_client.settings import MAX_MESSAGE_BYTES

#: Domains whose operators every ONNX Runtime has.
_BUILT_IN = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "ai.onnx.training"}
_SERVED = [
    "BOOL",
    "BYTES",
    "FP16",
    "FP32",
    "FP64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
]
_CHANNELS = (1, 3, 4)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is known of a graph.

    Args:
        graph: None where the file is no graph.
        session: None where the graph cannot be served.
        max_batch_size: Items that it takes at a time: 0 without a batch dimension.
        exporter: Key of the exporter that made it; empty where unknown.
    """

    path: Path
    graph: Graph | None
    findings: tuple[Finding, ...]
    session: Session | None
    max_batch_size: int
    exporter: str

    @property
    def refused(self) -> bool:
        """Whether the graph cannot be served as it is."""
        return any(finding.weight is Weight.REFUSED for finding in self.findings)


#: Name of a graph in a repository.
GRAPH_FILE = "model.onnx"
#: Most items in one run, where the graph takes any number.
MAX_BATCH_SIZE = 32


def diagnose(path: Path, samples: Arrays | None = None) -> Diagnosis:
    """Looks at a graph, loads it in ONNX Runtime and tries it on batches.

    Args:
        path: The file.
        samples: Inputs to try it on, by name; None makes some up.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        graph = read(path)
    except Refused as refused:
        return Diagnosis(path, None, (_finding(refused, ""),), None, 0, "")
    exporter = exporter_of(graph)
    findings = _stated(graph, exporter)
    session = None
    if not _any_refused(findings):
        try:
            session = Session(path)
        except Refused as refused:
            findings.append(_finding(refused, exporter))
    size = 0
    if session is not None:
        size, found = _batching(graph, session, samples, exporter)
        findings += found
    if _any_refused(findings):
        session = None
    return Diagnosis(path, graph, tuple(findings), session, size, exporter)


def _any_refused(findings: list[Finding]) -> bool:
    return any(finding.weight is Weight.REFUSED for finding in findings)


def _finding(refused: Refused, exporter: str) -> Finding:
    numbers = {"opset": 17, "ir": 8, **refused.numbers}
    return Finding(refused.code, Weight.REFUSED, refused.message, advice(refused.code, exporter, **numbers))


def _stated(graph: Graph, exporter: str) -> list[Finding]:
    """What the file says by itself: what refuses it, else what else there is to say."""

    def found(facts: Iterator[tuple[str, Weight, str]]) -> list[Finding]:
        return [Finding(code, weight, message, advice(code, exporter)) for code, weight, message in facts]

    return found(_refusals(graph)) or found(_limits(graph))


def _refusals(graph: Graph) -> Iterator[tuple[str, Weight, str]]:
    for trouble in _weights(graph):
        yield "WEIGHTS_MISSING", Weight.REFUSED, trouble
    for what, values in (("input", graph.inputs), ("output", graph.outputs)):
        for value in values:
            if value.kind != "tensor":
                zipped = ", made by a ZipMap," if graph.operator("ZipMap") and what == "output" else ""
                message = (
                    f"{what} '{value.name}' is a {value.kind}{zipped} and no tensor: no tensor protocol carries it"
                )
                yield "NOT_TENSORS", Weight.REFUSED, message
            elif value.datatype not in _SERVED:
                message = f"{what} '{value.name}' is {value.datatype}, a type that no tensor protocol carries"
                yield "TYPE_UNSUPPORTED", Weight.REFUSED, message
    for value in graph.inputs:
        numbers = math.prod(dim for dim in value.dims or () if isinstance(dim, int))
        if numbers > MAX_MESSAGE_BYTES:
            message = (
                f"input '{value.name}' {value.shape} is larger than a request may be ({MAX_MESSAGE_BYTES:,} bytes)"
            )
            yield "INPUT_TOO_LARGE", Weight.REFUSED, message
    foreign = sorted(f"{domain}.{name}" for domain, name in graph.operators if domain not in _BUILT_IN)
    if foreign:
        message = f"it uses operators that ONNX Runtime does not have: {', '.join(foreign[:5])}"
        yield "CUSTOM_OPERATORS", Weight.REFUSED, message


def _limits(graph: Graph) -> Iterator[tuple[str, Weight, str]]:
    texts = [value.name for value in graph.inputs if value.datatype == "BYTES"]
    if texts:
        message = f"input {', '.join(texts)} takes texts: the model is served by its tensors (BYTES) alone"
        yield "TEXT_INPUTS", Weight.LIMITED, message
    labels = [value.name for value in graph.outputs if value.datatype == "BYTES"]
    if labels and not texts:
        message = f"output {', '.join(labels)} holds texts, such as the names of classes; typed calls need the scores"
        yield "TEXT_OUTPUTS", Weight.NOTE, message
    halves = [value.name for value in graph.inputs if value.datatype == "FP16"]
    if halves:
        message = (
            f"input {', '.join(halves)} is FP16: typed calls convert to it, but callers of tensors have to send raw "
            "FP16, which many languages lack; keep inputs and outputs in FP32"
        )
        yield "FP16_INPUTS", Weight.LIMITED, message
    for value in graph.inputs:
        if _channels_last(value):
            message = f"input '{value.name}' {value.shape} has its channels last (NHWC)"
            yield "CHANNELS_LAST", Weight.NOTE, message
    columns = [value.name for value in graph.inputs if value.dims is not None and value.dims[1:] == (1,)]
    if len(columns) > 1 and len(columns) == len(graph.inputs):
        message = f"it has {len(columns)} inputs of one column each; Predict needs one input with all of them"
        yield "COLUMNS_APART", Weight.LIMITED, message
    if graph.random:
        message = "it uses random numbers: equal requests get different answers, and no golden sample can hold"
        yield "RANDOM", Weight.LIMITED, message


def _weights(graph: Graph) -> Iterator[str]:
    for file in graph.weights:
        path = graph.path.parent / file.location
        inside = path.resolve().is_relative_to(graph.path.parent.resolve())
        if not inside or not file.location:
            trouble = f"weights lie in '{file.location}', outside the graph's folder"
        elif file.location == GRAPH_FILE != graph.path.name:
            trouble = f"weights lie in '{file.location}', the name that the graph itself gets in a repository"
        elif not path.is_file():
            trouble = f"weights lie in '{file.location}', which is not beside {graph.path.name}"
        elif path.stat().st_size < file.needed_bytes:
            size = path.stat().st_size
            trouble = f"'{file.location}' has {size:,} bytes and the graph reads {file.needed_bytes:,}: it is cut off"
        else:
            continue
        yield trouble


def _channels_last(value: Value) -> bool:
    dims = value.dims or ()
    return len(dims) == 4 and dims[3] in _CHANNELS and dims[1] not in _CHANNELS


def _batching(graph: Graph, session: Session, samples: Arrays | None, exporter: str) -> tuple[int, list[Finding]]:
    """How many items the graph takes at a time, and what hinders it."""
    size, code, message = _declared(session.shapes, bool(graph.inputs))
    if not code:
        outcome = probe.batches(graph, session, samples)
        size = min(outcome.size, 1) if outcome.size < 2 else MAX_BATCH_SIZE
        return size, [Finding(code, Weight.LIMITED, text, advice(code, exporter)) for code, text in outcome.limits]
    return size, [Finding(code, Weight.LIMITED, message, advice(code, exporter))]


def _declared(shapes: Mapping[str, Sequence[int | str]], has_inputs: bool) -> tuple[int, str, str]:
    """Items at a time by the shapes that are known, with code and message of what hinders; no code: nothing does."""
    if not has_inputs:
        return 0, "NO_BATCH", "it has no inputs: each request is one run"
    shown = {name: f"'{name}' [{', '.join(map(str, dims))}]" for name, dims in shapes.items()}
    for name, dims in shapes.items():
        if not dims:
            message = f"'{name}' is a scalar, or of a rank that is not known, and has no batch dimension: each request "
            return 0, "NO_BATCH", message + "is one run"
        named = [axis for axis, dim in enumerate(dims) if isinstance(dim, str) and "batch" in dim.lower()]
        if named and named[0]:
            message = f"{shown[name]} has its batch on axis {named[0]}, not on axis 0: items cannot be put together, "
            return 0, "BATCH_NOT_FIRST", message + "and each request is one run"
    fixed = {name: dims[0] for name, dims in shapes.items() if isinstance(dims[0], int)}
    if not fixed:
        return MAX_BATCH_SIZE, "", ""
    if set(fixed.values()) == {1}:
        return 1, "BATCH_FIXED", f"{shown[next(iter(fixed))]} has a fixed batch of 1: items are run one by one"
    other = next(name for name, first in fixed.items() if first != 1)
    message = f"{shown[other]} begins with a fixed {fixed[other]}: each request is one run of exactly that shape"
    return 0, "BATCH_FIXED", message
