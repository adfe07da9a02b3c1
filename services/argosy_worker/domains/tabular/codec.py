# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Features to the graph's input, its output to predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.tabular.v1.tabular_pb2 import Prediction, PredictRequest, RowError
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import (
    ANY,
    Port,
    check_methods,
    check_no_other_inputs,
    input_port,
    required,
)
from argosy_worker.domains.tabular.background import read_background
from argosy_worker.domains.tabular.features import FeatureReader, Items
from argosy_worker.domains.tabular.missing import prepare_features
from argosy_worker.domains.tabular.results import ResultReader, prepare_results
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import LoadedGraph


@dataclass(frozen=True, slots=True)
class TabularCodec:
    """One model's way with features."""

    port: Port
    features: FeatureReader
    results: ResultReader
    background: NDArray[np.float32] | None
    """[rows, features] or [rows, timesteps, features]; None where the model has none."""

    def items(self, request: PredictRequest, max_items: int) -> Items:
        """The request's rows or sequences, of the graph's type.

        Raises:
            argosy_worker.errors.InvalidInput: see :meth:`FeatureReader.read`.
        """
        found = self.features.read(request, max_items)
        return Items(self.typed(found.features), found.errors)

    def typed(self, features: NDArray[Any]) -> NDArray[Any]:
        """Features of the type of the graph's input; whole numbers are rounded to."""
        if self.port.dtype.kind in "iu":
            features = np.rint(features)
        return features.astype(self.port.dtype, copy=False)

    def inputs(self, features: NDArray[Any]) -> Tensors:
        """Features as the graph's input."""
        return {self.port.name: features}


def with_errors(predictions: list[Prediction], errors: Mapping[int, InvalidInput]) -> list[Prediction]:
    """The predictions of usable items, with the errors of the others at their places."""
    if not errors:
        return predictions
    found = iter(predictions)
    return [
        error_of(errors[index]) if index in errors else next(found) for index in range(len(predictions) + len(errors))
    ]


def error_of(error: InvalidInput) -> Prediction:
    """What stands in the place of a prediction that could not be made."""
    return Prediction(error=RowError(reason=error.reason, message=error.message))


def prepare(graph: LoadedGraph) -> TabularCodec | None:
    """The codec of a model; None for a model without methods.

    Raises:
        argosy_worker.errors.ModelInvalid: configuration and graph do not fit.
    """
    check_methods(graph, "tabular")
    if not graph.config.methods:
        return None
    section = required(graph.config.tabular, "tabular", ", ".join(graph.config.methods))
    features = len(section.features)
    shape = (section.timesteps or ANY, features) if section.sequences else (features,)
    port = input_port(graph, "tabular.input", section.input, shape)
    check_no_other_inputs(graph, "tabular", [section.input])
    background = read_background(graph.folder, section, port)
    return TabularCodec(port, prepare_features(section, port, background), prepare_results(graph, section), background)
