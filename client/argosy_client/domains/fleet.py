# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the fleet holds and how it is: models, workers, health."""

from argosy.fleet.v1 import fleet_pb2, model_pb2
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from argosy_client.calls import Call
from argosy_client.fleet_results import (
    Card,
    HealthStatus,
    Metric,
    Model,
    ModelReplica,
    ModelUpdate,
    ModelVersion,
    Provenance,
    TensorSpec,
    Worker,
)
from argosy_client.results import Timing

SERVICE = "/argosy.fleet.v1.FleetService"
_HEALTH = {0: HealthStatus.UNKNOWN, 1: HealthStatus.SERVING, 2: HealthStatus.NOT_SERVING}


def models_call(domain: str) -> Call[list[Model]]:
    """The call that lists models."""

    def read(answer: fleet_pb2.ListModelsResponse, timing: Timing) -> list[Model]:
        return [_model(one) for one in answer.models]

    request = fleet_pb2.ListModelsRequest(domain=domain)
    return Call(f"{SERVICE}/ListModels", request, fleet_pb2.ListModelsResponse, read)


def model_call(name: str) -> Call[Model]:
    """The call that gets one model."""

    def read(answer: fleet_pb2.GetModelResponse, timing: Timing) -> Model:
        return _model(answer.model)

    return Call(f"{SERVICE}/GetModel", fleet_pb2.GetModelRequest(model=name), fleet_pb2.GetModelResponse, read)


def workers_call(domain: str) -> Call[list[Worker]]:
    """The call that lists workers."""

    def read(answer: fleet_pb2.ListWorkersResponse, timing: Timing) -> list[Worker]:
        return [_worker(one) for one in answer.workers]

    request = fleet_pb2.ListWorkersRequest(domain=domain)
    return Call(f"{SERVICE}/ListWorkers", request, fleet_pb2.ListWorkersResponse, read)


def watch_call(domain: str) -> Call[ModelUpdate]:
    """The streaming call that watches models."""

    def read(answer: fleet_pb2.WatchModelsResponse, timing: Timing) -> ModelUpdate:
        if answer.HasField("changed"):
            return ModelUpdate("changed", answer.changed.description.name, _model(answer.changed))
        if answer.HasField("removed"):
            return ModelUpdate("removed", answer.removed)
        return ModelUpdate("synced")

    request = fleet_pb2.WatchModelsRequest(domain=domain)
    return Call(f"{SERVICE}/WatchModels", request, fleet_pb2.WatchModelsResponse, read)


def health_call(service: str) -> Call[HealthStatus]:
    """The call grpc.health.v1 Check.

    Its messages have one field each, which on the wire equal the standard wrappers of a text and of a number; so the
    client needs no package for them.
    """

    def read(answer: Int32Value, timing: Timing) -> HealthStatus:
        return _HEALTH.get(answer.value, HealthStatus.UNKNOWN)

    return Call("/grpc.health.v1.Health/Check", StringValue(value=service), Int32Value, read)


def _model(message: fleet_pb2.Model) -> Model:
    about = message.description
    return Model(
        name=about.name,
        domain=about.domain,
        description=about.description,
        state=_state(message.state),
        reason=message.reason,
        methods=tuple(about.methods),
        default_for=tuple(about.default_for),
        class_labels=tuple(about.class_labels),
        version_labels=dict(about.version_labels),
        metrics=tuple(Metric(one.name, one.value, one.split, one.sample_count) for one in about.metrics),
        provenance=Provenance(
            about.provenance.dataset, about.provenance.licence, about.provenance.trained_by, about.provenance.date
        ),
        replicas=tuple(
            ModelReplica(one.replica, one.address, tuple(_version(version) for version in one.versions))
            for one in message.replicas
        ),
        card=Card(about.card.intended_use, about.card.limits),
    )


def _version(message: model_pb2.ModelVersion) -> ModelVersion:
    return ModelVersion(
        version=message.version,
        state=_state(message.state),
        reason=message.reason,
        inputs=tuple(TensorSpec(one.name, one.data_type, tuple(one.shape)) for one in message.inputs),
        outputs=tuple(TensorSpec(one.name, one.data_type, tuple(one.shape)) for one in message.outputs),
        engine=message.engine,
        device=message.device,
        sha256=message.sha256,
    )


def _worker(message: fleet_pb2.Worker) -> Worker:
    return Worker(
        replica=message.replica,
        domain=message.domain,
        address=message.address,
        status=_enum_name(fleet_pb2.WorkerStatus.items(), message.status, "WORKER_STATUS_"),
        ready_models=tuple(message.ready_models),
        other_models=tuple(message.other_models),
        metrics_address=message.metrics_address,
        software_version=message.software_version,
    )


def _state(value: int) -> str:
    return _enum_name(model_pb2.ModelState.items(), value, "MODEL_STATE_")


def _enum_name(items: list[tuple[str, int]], value: int, prefix: str) -> str:
    names = {number: name.removeprefix(prefix) for name, number in items if number}
    return names.get(value, "UNKNOWN")
