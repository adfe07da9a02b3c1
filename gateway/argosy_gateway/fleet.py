# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet as immutable data: its workers, what each said of its models, and what follows for callers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from argosy.fleet.v1.fleet_pb2 import (
    WORKER_STATUS_CONNECTING,
    WORKER_STATUS_DRAINING,
    WORKER_STATUS_SERVING,
    WorkerStatus,
)
from argosy.fleet.v1.model_pb2 import (
    MODEL_STATE_ASLEEP,
    MODEL_STATE_DRAINING,
    MODEL_STATE_EVICTED,
    MODEL_STATE_FAILED,
    MODEL_STATE_LOADING,
    MODEL_STATE_READY,
    MODEL_STATE_UNLOADED,
    MODEL_STATE_UNREACHABLE,
    MODEL_STATE_UNSPECIFIED,
    ModelDescription,
    ModelState,
    ModelVersion,
    WorkerModel,
)

from argosy_gateway.traffic import Traffic

#: States in which a version answers; an evicted one is loaded on demand.
_ANSWERING = frozenset({MODEL_STATE_READY, MODEL_STATE_EVICTED})
#: States of several replicas or versions, the one that says most to a caller first.
_ORDER = (
    MODEL_STATE_READY,
    MODEL_STATE_EVICTED,
    MODEL_STATE_LOADING,
    MODEL_STATE_DRAINING,
    MODEL_STATE_UNREACHABLE,
    MODEL_STATE_FAILED,
    MODEL_STATE_UNLOADED,
    MODEL_STATE_UNSPECIFIED,
)


@dataclass(frozen=True)
class WorkerView:
    """One worker. The messages in ``models`` are shared and never modified."""

    domain: str
    address: str
    status: WorkerStatus = WORKER_STATUS_CONNECTING
    reason: str = ""
    replica: str = ""
    models: Mapping[str, WorkerModel] = field(default_factory=dict)
    metrics_address: str = ""
    software_version: str = ""

    @property
    def loaded(self) -> bool:
        """Whether it has sent its state at least once."""
        return bool(self.replica)

    def versions(self, model: str) -> tuple[ModelVersion, ...]:
        """Versions of a model as they are for callers: those of a worker that is gone or leaving do not answer."""
        held = tuple(self.models[model].versions)
        if self.status == WORKER_STATUS_SERVING:
            return held
        lost = MODEL_STATE_DRAINING if self.status == WORKER_STATUS_DRAINING else MODEL_STATE_UNREACHABLE
        return tuple(_in_state(version, lost, self.reason) for version in held)

    def answering(self, model: str) -> tuple[int, ...]:
        """Numbers of the versions with which the worker can answer calls of a model that it holds."""
        return tuple(version.version for version in self.versions(model) if version.state in _ANSWERING)

    def answers(self, model: str) -> bool:
        """Whether the worker can answer calls of a model that it holds."""
        return bool(self.answering(model))

    @cached_property
    def ready_models(self) -> tuple[str, ...]:
        """Names of the models that it can answer, sorted."""
        return tuple(sorted(name for name in self.models if self.answers(name)))


@dataclass(frozen=True)
class ModelView:
    """One model of the fleet with all its replicas."""

    name: str
    domains: tuple[str, ...]
    description: ModelDescription
    state: ModelState
    reason: str
    replicas: tuple[WorkerView, ...]

    @property
    def domain(self) -> str:
        """Domain that serves it; the first by name where several claim the name, and none then answers."""
        return self.domains[0]

    @property
    def answerable(self) -> bool:
        """Whether a replica can answer now."""
        return self.state in _ANSWERING


@dataclass(frozen=True)
class Fleet:
    """All wanted workers in the order of their source, each as last heard of, and how versions share calls."""

    workers: tuple[WorkerView, ...]
    traffic: Mapping[str, Traffic] = field(default_factory=dict)
    """By model; of those alone that say something about it."""
    distant: frozenset[str] = frozenset()
    """Addresses of workers that get calls only where no nearer one can answer."""
    known: bool = True
    """Whether anything has said what the fleet is; it has no workers before that."""
    asleep: Mapping[str, Mapping[str, WorkerModel]] = field(default_factory=dict)
    """Domains that an autoscaler has left without a worker that answers, with their models as last known, by name."""

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """Domains that have a worker, and those that are asleep, sorted."""
        return tuple(sorted({worker.domain for worker in self.workers} | self.asleep.keys()))

    @cached_property
    def models(self) -> Mapping[str, ModelView]:
        """Every known model by name, sorted by domain and name."""
        holders: dict[str, list[WorkerView]] = {}
        for worker in sorted(self.workers, key=lambda worker: (worker.domain, worker.address)):
            for name in worker.models:
                holders.setdefault(name, []).append(worker)
        views = [_model(name, tuple(replicas)) for name, replicas in holders.items()]
        for domain, models in self.asleep.items():
            views += [_asleep(domain, model) for name, model in models.items() if name not in holders]
        return {view.name: view for view in sorted(views, key=lambda view: (view.domain, view.name))}

    @cached_property
    def defaults(self) -> Mapping[tuple[str, str], str]:
        """The default model of each (domain, method) that has one; of several, the first by name."""
        found: dict[tuple[str, str], str] = {}
        for model in self.models.values():
            for method in model.description.default_for:
                found.setdefault((model.domain, method), model.name)
        return found

    @cached_property
    def ready_domains(self) -> frozenset[str]:
        """Domains with a worker that can answer at least one model."""
        return frozenset(worker.domain for worker in self.workers if worker.ready_models)


def reachable(worker: WorkerView) -> bool:
    """Whether new calls may be sent to a worker."""
    return worker.status == WORKER_STATUS_SERVING


def _in_state(version: ModelVersion, state: ModelState, reason: str) -> ModelVersion:
    changed = ModelVersion()
    changed.CopyFrom(version)
    changed.state, changed.reason = state, reason
    return changed


def _model(name: str, replicas: tuple[WorkerView, ...]) -> ModelView:
    domains = tuple(sorted({worker.domain for worker in replicas}))
    state, reason = _best(version for worker in replicas for version in worker.versions(name))
    if len(domains) > 1:
        state = MODEL_STATE_FAILED
        reason = f"the name is used in {' and '.join(domains)}; model names are unique in a fleet: rename one"
    speaker = next((worker for worker in replicas if worker.answers(name)), replicas[0])
    return ModelView(name, domains, speaker.models[name].description, state, reason, replicas)


def _asleep(domain: str, model: WorkerModel) -> ModelView:
    reason = f"no worker of {domain} runs; a call starts one"
    return ModelView(model.description.name, (domain,), model.description, MODEL_STATE_ASLEEP, reason, ())


def _best(versions: Iterable[ModelVersion]) -> tuple[ModelState, str]:
    found: dict[ModelState, str] = {}
    for version in versions:
        found.setdefault(version.state, version.reason)
    state = next((state for state in _ORDER if state in found), MODEL_STATE_UNSPECIFIED)
    return state, found.get(state, "it has no version")
