# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From an output with one vector, or one for each token, to the embeddings of a response."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from argosy.common.v1.tensor_pb2 import Tensor
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, output_port
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains._shared.tensors import from_vectors
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.base import VectorOutput

Pooling = Literal["none", "mean", "first", "max"]

#: Shorter vectors than this are not scaled up: an all-zero vector stays zero.
_LEAST_LENGTH = 1e-12


@dataclass(frozen=True, slots=True)
class VectorReader:
    """Reads the vectors of one output."""

    section: VectorOutput

    def read(self, outputs: Tensors, count: int, mask: NDArray[np.bool_] | None = None) -> Tensor:
        """Vectors of ``count`` items as FP32 [count, dimensions], scaled as the model declares.

        Raises:
            argosy_worker.errors.EngineFault: see :meth:`vectors`.
        """
        vectors = self.vectors(outputs, count, mask)
        return from_vectors(unit_rows(vectors) if self.section.normalize else vectors)

    def vectors(
        self,
        outputs: Tensors,
        count: int,
        mask: NDArray[np.bool_] | None = None,
        pooling: Pooling | None = None,
    ) -> NDArray[Any]:
        """Vectors of ``count`` items, [count, dimensions], not scaled.

        Args:
            mask: Which tokens are real, bool [count, tokens]; None where all are. Read by pooling only.
            pooling: Another pooling than the model's, for a model whose output holds vectors of tokens.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        if self.section.pooling == "none":
            return finite_output(outputs, self.section.output, (count, ANY))
        tokens = ANY if mask is None else mask.shape[1]
        array = finite_output(outputs, self.section.output, (count, tokens, ANY))
        return _pool(array, mask, pooling or self.section.pooling)


def unit_rows(vectors: NDArray[Any]) -> NDArray[Any]:
    """Vectors [items, dimensions] scaled to length 1; an all-zero one stays zero."""
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, _LEAST_LENGTH))


def _pool(array: NDArray[Any], mask: NDArray[np.bool_] | None, pooling: Pooling) -> NDArray[Any]:
    if pooling == "first":
        first = np.zeros(len(array), np.intp) if mask is None else mask.argmax(axis=1)
        return np.asarray(array[np.arange(len(array)), first])
    if pooling == "max":
        if mask is None:
            return np.asarray(array.max(axis=1))
        greatest = np.where(mask[..., None], array, -np.inf).max(axis=1)
        return np.where(mask.any(axis=1, keepdims=True), greatest, 0.0)
    if mask is None:
        return np.asarray(array.mean(axis=1))
    totals = np.einsum("ntd,nt->nd", array, mask.astype(array.dtype))
    return np.asarray(totals / np.maximum(mask.sum(axis=1, keepdims=True), 1))


def prepare_vectors(graph: LoadedGraph, key: str, section: VectorOutput) -> VectorReader:
    """Checks an output of vectors.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or one of another rank or type.
    """
    output_port(graph, f"{key}.output", section.output, (ANY, ANY) if section.pooling != "none" else (ANY,))
    return VectorReader(section)
