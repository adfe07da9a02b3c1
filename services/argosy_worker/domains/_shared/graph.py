# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Checks of a model's configuration against its graph, made once while the model is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections import DOMAIN_METHODS
from argosy_worker.tensors import dtype_of

#: An extent that may be anything.
ANY = -1

FLOATS = ("FP16", "FP32", "FP64")
NUMBERS = (*FLOATS, "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64")

SectionT = TypeVar("SectionT")


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a graph as a codec uses it.

    ``item_shape`` is the shape without the batch dimension, ``ANY`` where variable; None where the graph is silent.
    """

    name: str
    dtype: np.dtype[Any]
    item_shape: tuple[int, ...] | None

    def extent(self, axis: int) -> int:
        """Extent of one dimension of an item; ``ANY`` where the graph does not fix it."""
        return ANY if self.item_shape is None else self.item_shape[axis]


def invalid(key: str, text: str) -> ModelInvalid:
    """An error that names a key of ``model.yaml``."""
    return ModelInvalid(f"model.yaml: {key}: {text}")


def check_methods(graph: LoadedGraph, domain: str) -> None:
    """Raises ModelInvalid where the model names a method that the domain does not have."""
    known = DOMAIN_METHODS[domain]
    for method in graph.config.methods:
        if method not in known:
            raise invalid("methods", f"{domain} has no method {method!r}; it has {', '.join(known)}")


def required(section: SectionT | None, key: str, needed_by: str) -> SectionT:
    """The section or key, which ``needed_by`` cannot do without.

    Raises:
        ModelInvalid: it is absent.
    """
    if section is None:
        raise invalid(key, f"must be set for {needed_by}")
    return section


def input_port(
    graph: LoadedGraph, key: str, name: str, item_shape: Sequence[int], datatypes: Sequence[str] = NUMBERS
) -> Port:
    """The graph's input of that name.

    Args:
        key: Key of ``model.yaml`` that names the input.
        item_shape: Shape that the codec makes, without the batch dimension; ``ANY`` fits everything.
        datatypes: Types that the codec can make, in V2 spelling.

    Raises:
        ModelInvalid: no such input, or another type, rank or extent.
    """
    return _port(graph, "input", key, name, item_shape, datatypes)


def output_port(
    graph: LoadedGraph, key: str, name: str, item_shape: Sequence[int], datatypes: Sequence[str] = FLOATS
) -> Port:
    """The graph's output of that name, of a floating-point type if not said otherwise; like :func:`input_port`."""
    return _port(graph, "output", key, name, item_shape, datatypes)


def check_no_other_inputs(graph: LoadedGraph, section: str, names: Sequence[str]) -> None:
    """Raises ModelInvalid where the graph has an input that the codec does not fill."""
    for spec in graph.inputs:
        if spec.name not in names:
            raise invalid(section, f"the graph also has the input {spec.name!r}, which no key names")


def _port(
    graph: LoadedGraph,
    kind: str,
    key: str,
    name: str,
    wanted: Sequence[int],
    datatypes: Sequence[str],
) -> Port:
    specs = graph.inputs if kind == "input" else graph.outputs
    spec = next((spec for spec in specs if spec.name == name), None)
    if spec is None:
        raise invalid(key, f"the graph has no {kind} {name!r}; it has {', '.join(known.name for known in specs)}")
    if spec.datatype not in datatypes:
        raise invalid(key, f"the {kind} {name!r} is {spec.datatype}; it must be one of {', '.join(datatypes)}")
    dtype = dtype_of(spec.datatype)
    if not spec.shape:  # a graph may leave the shape out, and an item is never a scalar
        return Port(name, dtype, None)
    if not _fits(spec.shape, (ANY, *wanted)):
        extents = ", ".join(["batch", *("any" if extent < 0 else str(extent) for extent in wanted)])
        raise invalid(key, f"the {kind} {name!r} has the shape {list(spec.shape)}; it must be [{extents}]")
    return Port(name, dtype, spec.shape[1:])


def _fits(shape: Sequence[int], wanted: Sequence[int]) -> bool:
    return len(shape) == len(wanted) and all(
        have == want or have < 0 or want < 0 for have, want in zip(shape, wanted, strict=True)
    )
