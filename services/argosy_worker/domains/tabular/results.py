# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The graph's outputs to predictions, and to the score of one target."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from argosy.tabular.v1.tabular_pb2 import Anomaly, FeatureAttribution, Prediction
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, invalid, output_port, required
from argosy_worker.domains._shared.labels import LabelReader, prepare_labels
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.tabular import TabularSection

#: Reads the score of one target for so many items: [items].
Score = Callable[[Tensors, int], NDArray[Any]]


class ResultReader(Protocol):
    """Reads the outputs of one kind of model. Both methods raise EngineFault for outputs that are not as declared."""

    def predictions(self, outputs: Tensors, count: int) -> list[Prediction]:
        """One prediction for each of ``count`` rows or sequences."""
        ...

    def target(self, name: str, outputs: Tensors) -> tuple[str, Score]:
        """The target of that name and how its score is read; an empty one is chosen by the outputs for one item.

        Raises:
            argosy_worker.errors.InvalidInput: TARGET_UNKNOWN.
        """
        ...


@dataclass(frozen=True, slots=True)
class Values:
    """Values of a regression."""

    output: str
    names: tuple[str, ...]
    targets: int
    """Values of a prediction; ``ANY`` where the graph does not fix it."""

    def predictions(self, outputs: Tensors, count: int) -> list[Prediction]:
        """See the protocol."""
        values = finite_output(outputs, self.output, (count, self.targets))
        return [Prediction(values=row) for row in values.tolist()]

    def target(self, name: str, outputs: Tensors) -> tuple[str, Score]:
        """The value of that name, by default the first one; see the protocol."""
        count = finite_output(outputs, self.output, (1, self.targets)).shape[1]
        names = self.names or tuple(str(index) for index in range(count))
        index = _place(name, names) if name else 0

        def score(outputs: Tensors, count: int) -> NDArray[Any]:
            return finite_output(outputs, self.output, (count, self.targets))[:, index]

        return names[index], score


@dataclass(frozen=True, slots=True)
class Classes:
    """Classes with probabilities."""

    labels: LabelReader

    def predictions(self, outputs: Tensors, count: int) -> list[Prediction]:
        """See the protocol."""
        return [Prediction(classes=labels) for labels in self.labels.read(outputs, count)]

    def target(self, name: str, outputs: Tensors) -> tuple[str, Score]:
        """The class of that name, by default the most probable one; see the protocol."""
        (found,) = self.labels.probabilities(outputs, 1)
        names = self.labels.labels or tuple(str(index) for index in range(len(found)))
        index = _place(name, names) if name else int(found.argmax())

        def score(outputs: Tensors, count: int) -> NDArray[Any]:
            return self.labels.probabilities(outputs, count)[:, index]

        return names[index], score


@dataclass(frozen=True, slots=True)
class Anomalies:
    """How unusual a row or sequence is."""

    output: str
    threshold: float
    parts: str | None
    names: tuple[str, ...]

    def predictions(self, outputs: Tensors, count: int) -> list[Prediction]:
        """See the protocol."""
        scores = finite_output(outputs, self.output, (count, 1))[:, 0].tolist()
        parts: list[list[float]] = [[]] * count
        if self.parts is not None:
            parts = finite_output(outputs, self.parts, (count, len(self.names))).tolist()
        return [
            Prediction(
                anomaly=Anomaly(
                    score=score,
                    threshold=self.threshold,
                    anomalous=score >= self.threshold,
                    features=map(_attribution, self.names, part),
                )
            )
            for score, part in zip(scores, parts, strict=True)
        ]

    def target(self, name: str, outputs: Tensors) -> tuple[str, Score]:
        """The score, which is all there is; see the protocol."""
        _place(name or "score", ("score",))

        def score(outputs: Tensors, count: int) -> NDArray[Any]:
            return finite_output(outputs, self.output, (count, 1))[:, 0]

        return "score", score


def prepare_results(graph: LoadedGraph, section: TabularSection) -> ResultReader:
    """The reader of a model's outputs.

    Raises:
        argosy_worker.errors.ModelInvalid: they do not fit the section.
    """
    key = "tabular.output"
    if section.activation != "none" and section.task != "classification":
        raise invalid("tabular.activation", f"must be none for the task {section.task}")
    if section.task == "anomaly":
        anomaly = required(section.anomaly, "tabular.anomaly", "the task anomaly")
        output_port(graph, key, section.output, (1,))
        names = tuple(feature.name for feature in section.features)
        if anomaly.parts is not None:
            output_port(graph, "tabular.anomaly.parts", anomaly.parts, (len(names),))
        return Anomalies(section.output, anomaly.threshold, anomaly.parts, names)
    if section.anomaly is not None:
        raise invalid("tabular.anomaly", f"must be null for the task {section.task}")
    if section.task == "classification":
        return Classes(prepare_labels(graph, key, section.output, section.activation))
    targets = output_port(graph, key, section.output, (len(section.targets) or ANY,)).extent(0)
    return Values(section.output, tuple(section.targets), targets)


def _attribution(feature: str, part: float) -> FeatureAttribution:
    return FeatureAttribution(feature=feature, attribution=part)


def _place(name: str, names: tuple[str, ...]) -> int:
    if name not in names:
        shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        raise InvalidInput(
            f"options.target is {name[:100]!r}; it must be one of {shown}",
            reason="TARGET_UNKNOWN",
            metadata={"target": name},
        )
    return names.index(name)
