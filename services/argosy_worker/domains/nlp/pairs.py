# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Pairs of texts whose tokens the graph takes together: what a cross-encoder reads and answers."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import output_port
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.nlp.tokens import PairEncoder
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.nlp import PairOutput


@dataclass(frozen=True, slots=True)
class PairReader:
    """Reads the score of each pair."""

    output: str
    activation: Literal["none", "sigmoid"]
    encoder: PairEncoder

    def read(self, outputs: Tensors, count: int) -> NDArray[np.float64]:
        """The score of each of ``count`` pairs, float64 [count].

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        scores = finite_output(outputs, self.output, (count, 1))[:, 0].astype(np.float64)
        return 0.5 * (1.0 + np.tanh(0.5 * scores)) if self.activation == "sigmoid" else scores


def prepare_pairs(graph: LoadedGraph, section: PairOutput, encoder: PairEncoder) -> PairReader:
    """Checks an output of scores of pairs.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or one of another shape or type.
    """
    output_port(graph, "nlp.rerank.output", section.output, (1,))
    return PairReader(section.output, section.activation, encoder)
