# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Features to the graph's input, its output to predictions."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.tabular.v1.tabular_pb2 import Prediction, PredictRequest
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import (
    ANY,
    Port,
    check_methods,
    check_no_other_inputs,
    input_port,
    invalid,
    output_port,
    required,
)
from argosy_worker.domains._shared.labels import LabelReader, prepare_labels
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.tabular.features import FeatureReader
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.tabular import TabularSection

#: Largest whole number up to which doubles hold every one.
_EXACT = 2**53


@dataclass(frozen=True, slots=True)
class TabularCodec:
    """One model's way with features."""

    port: Port
    features: FeatureReader
    output: str
    targets: int
    """Values of a prediction; ``ANY`` where the graph does not fix it, or for classes."""
    classes: LabelReader | None
    """None for a regression."""

    def inputs(self, request: PredictRequest, max_items: int) -> NDArray[Any]:
        """The request's features as the graph's input.

        Raises:
            argosy_worker.errors.InvalidInput: see :meth:`FeatureReader.read`.
        """
        features = self.features.read(request, max_items)
        if self.port.dtype.kind in "iu":
            features = np.rint(features)
        return features.astype(self.port.dtype, copy=False)

    def predictions(self, outputs: Tensors, count: int) -> list[Prediction]:
        """One prediction for each of ``count`` rows or sequences.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        if self.classes is not None:
            return [Prediction(classes=labels) for labels in self.classes.read(outputs, count)]
        values = finite_output(outputs, self.output, (count, self.targets))
        return [Prediction(values=row) for row in values.tolist()]


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
    classes, targets = None, ANY
    if section.task == "classification":
        classes = prepare_labels(graph, "tabular.output", section.output, section.activation)
    else:
        targets = output_port(graph, "tabular.output", section.output, (len(section.targets) or ANY,)).extent(0)
        if section.activation != "none":
            raise invalid("tabular.activation", "must be none for a regression")
    return TabularCodec(port, _reader(section, port), section.output, targets, classes)


def _reader(section: TabularSection, port: Port) -> FeatureReader:
    names = tuple(feature.name for feature in section.features)
    if len(set(names)) != len(names):
        raise invalid("tabular.features", "two features have the same name")
    if section.timesteps is not None and not section.sequences:
        raise invalid("tabular.timesteps", "must be null where sequences is false")
    low, high = _range(port.dtype)
    return FeatureReader(
        names=names,
        known=frozenset(names),
        sequences=section.sequences,
        timesteps=_timesteps(section, port),
        low=low,
        high=high,
    )


def _timesteps(section: TabularSection, port: Port) -> int | None:
    """Length of a sequence, which the graph may fix where the configuration does not."""
    if not section.sequences or section.timesteps is not None:
        return section.timesteps
    return None if port.extent(0) == ANY else port.extent(0)


def _range(dtype: np.dtype[Any]) -> tuple[float, float]:
    """Least and greatest value that is accepted for an input of a type; never beyond FP32."""
    if dtype.kind in "iu":
        whole = np.iinfo(dtype)
        return float(max(whole.min, -_EXACT)), float(min(whole.max, _EXACT))
    largest = float(min(np.finfo(dtype).max, np.finfo(np.float32).max))
    return -largest, largest
