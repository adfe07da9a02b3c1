# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the fleet holds: models, replicas and workers, as the control plane sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class HealthStatus(StrEnum):
    """Whether a service or model answers."""

    UNKNOWN = "UNKNOWN"
    SERVING = "SERVING"
    NOT_SERVING = "NOT_SERVING"


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor of a model's graph; ``data_type`` in V2 spelling ("FP32"), -1 is a variable dimension."""

    name: str
    data_type: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One version of a model on one worker.

    Args:
        state: "LOADING", "READY", "FAILED", "DRAINING", "UNLOADED", "UNREACHABLE" or "EVICTED".
        reason: Why, for people, where the state is not READY.
        engine: Engine that runs it, such as "onnx".
        device: Device that runs it, such as "cpu" or "cuda:0".
        sha256: What the files that it was loaded from hash to, in hexadecimal: the lines that ``sha256sum *`` prints in
            the version's folder. Empty where it was not loaded.
    """

    version: int
    state: str
    reason: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    engine: str
    device: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ModelReplica:
    """A model on one worker, newest version first; ``address`` is the worker's "host:port"."""

    replica: str
    address: str
    versions: tuple[ModelVersion, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What people should know before they use a model: what it is for, and where it fails."""

    intended_use: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a model comes from; ``date`` is YYYY-MM-DD."""

    dataset: str
    licence: str
    trained_by: str
    date: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One measured figure of quality."""

    name: str
    value: float
    split: str
    sample_count: int


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the fleet with all its replicas.

    Args:
        state: As in ModelVersion; READY where any replica can answer.
        reason: Why, for people, where the state is not READY.
        methods: Methods of its domain's service that it implements.
        default_for: Methods for which it answers where no model is named.
        class_labels: Names of its classes in output order; empty where it has none.
        version_labels: Labels such as "stable", and the version each points to.
    """

    name: str
    domain: str
    description: str
    state: str
    reason: str
    methods: tuple[str, ...]
    default_for: tuple[str, ...]
    class_labels: tuple[str, ...]
    version_labels: Mapping[str, str]
    metrics: tuple[Metric, ...]
    provenance: Provenance
    replicas: tuple[ModelReplica, ...]
    card: Card = Card()


@dataclass(frozen=True, slots=True)
class ModelUpdate:
    """One step of a watch.

    Args:
        kind: "changed" (also for the first sight of a model), "removed", or "synced" once all models that were there
            when the watch began have been told.
        name: Name of the model; empty for "synced".
        model: The model as it is now; only for "changed".
    """

    kind: Literal["changed", "removed", "synced"]
    name: str = ""
    model: Model | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker of the fleet.

    Args:
        replica: Its name; empty until it was reached once.
        status: "CONNECTING", "SERVING", "DRAINING" or "UNREACHABLE".
        ready_models: Names of the models that it can answer.
        other_models: Names of the models that it holds and cannot answer.
        metrics_address: "host:port" of its metrics; empty where it has none.
    """

    replica: str
    domain: str
    address: str
    status: str
    ready_models: tuple[str, ...]
    other_models: tuple[str, ...]
    metrics_address: str
    software_version: str
