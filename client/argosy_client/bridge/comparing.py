# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Measures variants of a model beside the original."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client import Argosy
from argosy_client.bridge import variants
from argosy_client.bridge.calling import NotServed, answers, await_answer, one_item, timings
from argosy_client.bridge.probe import difference
from argosy_client.errors import ArgosyError

_READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Variant:
    """One version, measured.

    Args:
        kind: "original", or a key of :data:`variants.KINDS`.
        version: Number of its folder; 0 where it could not be made.
        trouble: Why it could not be made or measured; empty where it was.
        size_bytes: Its graph with its weights.
        p50_ms: Median time of a call with one item, on a worker on this machine.
        difference: Largest difference from the original, relative to the largest number.
        agreement: Part of the samples for which the largest score is that of the same class; None without scores.
        metrics: Figures on labelled data; empty without.
    """

    kind: str
    version: int
    trouble: str = ""
    size_bytes: int = 0
    p50_ms: float = 0.0
    difference: float = 0.0
    agreement: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is known of a model without a fleet."""

    name: str
    domain: str
    methods: tuple[str, ...]
    class_labels: tuple[str, ...]
    batch: int
    """Most items in a call; 0 for a graph without a batch dimension."""


@dataclass(frozen=True, slots=True)
class Data:
    """Labelled data, and the column, key or array of the truth."""

    path: Path
    truth: str | None


def measured(
    worker: Argosy,
    subject: Subject,
    variant: Variant,
    folder: Path,
    inputs: Mapping[str, NDArray[Any]],
    original: Mapping[str, NDArray[Any]],
    data: Data | None,
) -> Variant:
    """A variant with its figures, or with the reason why it has none.

    Args:
        worker: Client of a worker that has all variants.
        folder: The model's folder.
        inputs: What all variants are compared on.
        original: What the original answers to them.
        data: Labelled data; None measures none.
    """
    if variant.trouble:
        return variant
    size = variants.size_bytes(folder / str(variant.version))
    about = (worker, subject.name, variant.version)
    one = one_item(inputs, subject.batch)
    try:
        await_answer(*about, one, _READY_S)
        _, outputs = answers(*about, inputs, subject.batch)
        metrics: Mapping[str, float] = {}
        if data is not None:
            from argosy_client.evaluation.evaluate import evaluate  # an extra of its own

            metrics = evaluate(worker, subject, data.path, version=str(variant.version), truth=data.truth).metrics
        return Variant(
            variant.kind,
            variant.version,
            size_bytes=size,
            p50_ms=float(np.median([timing.total_ms for timing in timings(*about, one)])),
            difference=max((difference(outputs[name], array) for name, array in original.items()), default=0.0),
            agreement=_agreement(outputs, original),
            metrics=metrics,
        )
    except (ArgosyError, NotServed) as error:
        return Variant(variant.kind, variant.version, str(error), size)


def _agreement(ours: Mapping[str, NDArray[Any]], theirs: Mapping[str, NDArray[Any]]) -> float | None:
    for name, array in theirs.items():
        if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind == "f":
            return float((ours[name].argmax(axis=1) == array.argmax(axis=1)).mean())
    return None
