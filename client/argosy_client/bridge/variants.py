# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Smaller variants of a graph: half precision, and eight bits."""

import contextlib
import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import onnx
from numpy.typing import NDArray

#: Weights above this are written beside the graph, in bytes.
_INLINE_BYTES = 1 << 30
Samples = Mapping[str, NDArray[Any]]


class NotPossible(Exception):
    """A variant cannot be made of a graph, and why."""


def make(kind: str, graph: Path, target: Path, samples: Samples) -> None:
    """Writes a variant of a graph.

    Args:
        kind: A key of :data:`KINDS`.
        graph: The graph; its weights may lie beside it.
        target: File to write, in a folder of its own.
        samples: Inputs to calibrate on, with a batch; empty where there are none.

    Raises:
        NotPossible: the library cannot make it; says why.
    """
    target.parent.mkdir(parents=True)
    try:
        with _quiet():
            KINDS[kind](graph, target, samples)
    except Exception as error:  # the libraries' errors share no base class
        raise NotPossible(" ".join(f"{type(error).__name__}: {error}".split())[:300]) from error


def _half(graph: Path, target: Path, samples: Samples) -> None:
    """Weights and computation in FP16; inputs and outputs stay as they are."""
    from onnxruntime.transformers.float16 import convert_float_to_float16

    model = convert_float_to_float16(onnx.load(str(graph)), keep_io_types=True)
    _sort(model.graph)
    _save(model, target)


def _sort(graph: Any) -> None:
    """Puts nodes behind those that they read: the conversion appends its casts at the end."""
    waiting = [*graph.node]
    makers = {output for node in waiting for output in node.output}
    made: set[str] = set()
    ordered: list[Any] = []
    while waiting:
        ready = [node for node in waiting if not ((_read(node) & makers) - made)]
        if not ready:
            raise ValueError("the graph has a cycle")
        ordered += ready
        made |= {output for node in ready for output in node.output}
        waiting = [node for node in waiting if not ({*node.output} <= made)]
    del graph.node[:]
    graph.node.extend(ordered)


def _read(node: Any) -> set[str]:
    """Names that a node reads, those that the graphs in its attributes take from outside among them."""
    names = {*node.input}
    for attribute in node.attribute:
        for graph in [attribute.g] if attribute.HasField("g") else [*attribute.graphs]:
            inside = {output for one in graph.node for output in one.output} | {one.name for one in graph.input}
            names |= {name for one in graph.node for name in _read(one)} - inside
    return names


def _eight_bits(graph: Path, target: Path, samples: Samples) -> None:
    """Weights in INT8: convolutions with activations calibrated on samples, else with activations as they come."""
    from onnxruntime import quantization

    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "model.onnx"
        try:
            quantization.quant_pre_process(str(graph), str(ready), skip_symbolic_shape=True)
        except Exception:  # it only helps; what it cannot do is no reason to give up
            ready = graph
        convolutions = any(
            node.op_type == "Conv" for node in onnx.load(str(graph), load_external_data=False).graph.node
        )
        if convolutions and samples:
            quantization.quantize_static(
                str(ready), str(target), _reader(samples), per_channel=True, weight_type=quantization.QuantType.QInt8
            )
        else:
            quantization.quantize_dynamic(str(ready), str(target), weight_type=quantization.QuantType.QInt8)


def _reader(samples: Samples) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """One item at a time."""

        def __init__(self) -> None:
            count = len(next(iter(samples.values())))
            self._items = iter(
                [{name: array[index : index + 1] for name, array in samples.items()} for index in range(count)]
            )

        def get_next(self) -> dict[str, NDArray[Any]] | None:
            """The next item; None after the last."""
            return next(self._items, None)

    return Reader()


def _save(model: Any, target: Path) -> None:
    large = model.ByteSize() > _INLINE_BYTES
    onnx.save(model, str(target), save_as_external_data=large, location=f"{target.name}.data" if large else None)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The libraries print and log what nobody asked."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


#: How each variant is made, in the order of their versions.
KINDS: Mapping[str, Callable[[Path, Path, Samples], None]] = {"fp16": _half, "int8": _eight_bits}


def size_bytes(folder: Path) -> int:
    """Bytes of a version: its graph and what lies beside it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
