# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From an output with one vector, or one for each token, to the embeddings of a response."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.common.v1.tensor_pb2 import Tensor
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, output_port
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains._shared.tensors import from_vectors
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.base import VectorOutput

#: Shorter vectors than this are not scaled up: an all-zero vector stays zero.
_LEAST_LENGTH = 1e-12


@dataclass(frozen=True, slots=True)
class VectorReader:
    """Reads the vectors of one output."""

    section: VectorOutput

    def read(self, outputs: Tensors, count: int, mask: NDArray[np.bool_] | None = None) -> Tensor:
        """Vectors of ``count`` items as FP32 [count, dimensions]; see :meth:`array`."""
        return from_vectors(self.array(outputs, count, mask))

    def array(self, outputs: Tensors, count: int, mask: NDArray[np.bool_] | None = None) -> NDArray[Any]:
        """Vectors of ``count`` items, [count, dimensions].

        Args:
            mask: Which tokens are real, bool [count, tokens]; None where all are. Read by pooling only.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        tokens = ANY if mask is None else mask.shape[1]
        pooled = self.section.pooling != "none"
        array = finite_output(outputs, self.section.output, (count, tokens, ANY) if pooled else (count, ANY))
        vectors = self._pool(array, mask) if pooled else array
        if self.section.normalize:
            lengths = np.linalg.norm(vectors.astype(np.float64), axis=1, keepdims=True)
            vectors = vectors / np.maximum(lengths, _LEAST_LENGTH)
        return vectors

    def _pool(self, array: NDArray[Any], mask: NDArray[np.bool_] | None) -> NDArray[Any]:
        if self.section.pooling == "first":
            first = np.zeros(len(array), np.intp) if mask is None else mask.argmax(axis=1)
            return np.asarray(array[np.arange(len(array)), first])
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
