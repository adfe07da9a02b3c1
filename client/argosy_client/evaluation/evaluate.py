# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Measures a model of a fleet on labelled data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from argosy_client import Argosy
from argosy_client.evaluation import asking, data, figures
from argosy_client.settings import Settings
from argosy_client.transport import Transport


class Subject(Protocol):
    """What has to be known of a model, such as what the fleet says of it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def domain(self) -> str:
        """Its domain."""
        ...

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods that it implements; none for one that is served by its tensors alone."""
        ...

    @property
    def class_labels(self) -> tuple[str, ...]:
        """Names of its classes; none where it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What was measured.

    Args:
        task: "classification", "regression", "ranking" or "transcription".
        metrics: Figures by name.
        classes: Names of the classes; empty for other tasks, as are the next two.
        confusion: Cases by true class (rows) and chosen class (columns).
        thresholds: What follows from a threshold, in ascending order.
    """

    model: str
    domain: str
    task: str
    sample_count: int
    metrics: Mapping[str, float]
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    thresholds: tuple[Mapping[str, float], ...] = ()


def evaluate(
    fleet: Argosy,
    model: Subject,
    path: Path,
    *,
    version: str | None = None,
    truth: str | None = None,
    output: str | None = None,
    timeout_s: float = 30.0,
) -> Evaluation:
    """Sends labelled data through the fleet and measures the answers.

    Args:
        model: What is known of the model.
        path: The data; see :func:`argosy_client.evaluation.data.read`.
        version: Version number or label; None selects the default.
        truth: Column, key or array of the truth.
        output: Output to read, of a model without methods.

    Raises:
        ArgosyError: a call failed.
        OSError: the data cannot be read.
        ValueError: they do not fit the model.
    """
    name = model.name
    cases = data.read(path, model.domain, truth, bool(model.methods))
    about = (fleet, name, version)
    if isinstance(cases.inputs, dict):
        return _judged(model, asking.tensors(*about, cases.inputs, output), cases.truths)
    if "Recognize" in model.methods and model.domain == "speech":
        with_fleet = Transport(Settings.of(fleet.address, timeout_s, None))
        try:
            heard = asking.transcripts(with_fleet.send, name, version, cases.inputs)
        finally:
            with_fleet.close()
        found = figures.word_errors(heard, [str(text) for text in cases.truths])
        return Evaluation(name, model.domain, "transcription", len(heard), found)
    if "Recommend" in model.methods:
        ranked = asking.recommendations(*about, cases.inputs)
        wanted = [[one] if isinstance(one, str) else [*map(str, one)] for one in cases.truths]
        found = dict(figures.ranking(ranked, wanted, asking.RANKS))
        return Evaluation(name, model.domain, "ranking", len(ranked), found)
    count = len(model.class_labels)
    if "Predict" in model.methods:
        results = asking.predictions(*about, cases.inputs)
        if not results[0].classes:
            return _judged(model, np.array([result.values for result in results]), cases.truths, values=True)
        return _judged(model, asking.scores(results, count), cases.truths)
    if "Classify" not in model.methods:
        raise ValueError(
            f"'{name}' has {', '.join(model.methods)}; labelled data measure Classify, Predict, Recommend and Recognize"
        )
    return _judged(model, asking.classes(fleet, model.domain, name, version, cases.inputs, count), cases.truths)


def _judged(model: Subject, answers: NDArray[Any], truths: Sequence[Any], *, values: bool = False) -> Evaluation:
    """Judges scores of classes, or values: one row for each case."""
    if values or answers.ndim == 1 or answers.shape[1] == 1:
        numbers = np.array(truths, np.float64).reshape(len(answers), -1)
        found = figures.regression(answers.reshape(numbers.shape), numbers)
        return Evaluation(model.name, model.domain, "regression", len(answers), found)
    labels = model.class_labels or tuple(map(str, range(answers.shape[1])))
    indices = np.array([_index(one, labels) for one in truths], np.int64)
    return Evaluation(
        model=model.name,
        domain=model.domain,
        task="classification",
        sample_count=len(answers),
        metrics=figures.classification(answers, indices),
        classes=labels,
        confusion=tuple(map(tuple, figures.confusion(answers, indices).tolist())),
        thresholds=tuple(figures.thresholds(answers, indices)),
    )


def _index(truth: Any, labels: Sequence[str]) -> int:
    """Place of a class by its name, else by its number."""
    if str(truth) in labels:
        return labels.index(str(truth))
    try:
        place = int(truth)
    except (TypeError, ValueError):
        place = -1
    if not 0 <= place < len(labels):
        raise ValueError(f"'{truth}' is none of the model's classes: {', '.join(labels[:20])}")
    return place
