# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Names of classes where several outputs of a model have classes of their own."""

from collections.abc import Sequence

from argosy.common.v1.label_pb2 import ScoredLabel

from argosy_worker.lifecycle.domain import LoadedGraph


def class_labels(graph: LoadedGraph, own: Sequence[str]) -> tuple[str, ...]:
    """An output's own class names, or else the model's; empty where there are none."""
    return tuple(own) or graph.labels


def scored_label(labels: Sequence[str], index: int, score: float) -> ScoredLabel:
    """A class by its name, or its index where it has none."""
    return ScoredLabel(label=labels[index] if index < len(labels) else str(index), index=index, score=score)
