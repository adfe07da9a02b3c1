# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What control planes and probes see of a worker."""

import grpc
import pytest
from argosy.fleet.v1 import model_pb2, worker_pb2, worker_pb2_grpc
from argosy.status import unpack
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from tests.support.models import add_model
from tests.support.worker import WorkerProcess, run_worker

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def test_a_watch_begins_with_everything(channel: grpc.Channel, worker: WorkerProcess) -> None:
    watch = worker_pb2_grpc.WorkerServiceStub(channel).WatchState(worker_pb2.WatchStateRequest(), timeout=10)
    first = next(watch)
    watch.cancel()
    assert first.WhichOneof("update") == "snapshot"
    assert first.snapshot.domain == "tabular"
    assert first.snapshot.metrics_address == f"127.0.0.1:{worker.metrics_port}"
    models = {model.description.name: model for model in first.snapshot.models}
    assert set(models) == {"scale", "tensors", "lookup", "texts", "corrupt"}
    scale = models["scale"]
    assert list(scale.description.default_for) == ["Predict"]
    assert [(version.version, version.state) for version in scale.versions] == [
        (2, model_pb2.MODEL_STATE_READY),
        (1, model_pb2.MODEL_STATE_READY),
    ]
    assert (scale.versions[0].engine, scale.versions[0].device) == ("onnx", "cpu")
    corrupt = models["corrupt"].versions[0]
    assert (corrupt.state, "cannot be loaded" in corrupt.reason) == (model_pb2.MODEL_STATE_FAILED, True)


def test_labels_are_applied_watched_and_guarded_by_their_epoch(tmp_path_factory: pytest.TempPathFactory) -> None:
    repository = tmp_path_factory.mktemp("labels")
    add_model(repository, "m")
    with run_worker("tabular", repository) as worker, grpc.insecure_channel(worker.address) as channel:
        stub = worker_pb2_grpc.WorkerServiceStub(channel)
        watch = stub.WatchState(worker_pb2.WatchStateRequest(), timeout=30)
        generation = next(watch).generation
        wanted = worker_pb2.ApplyDesiredRequest(
            epoch=3, models=[worker_pb2.DesiredModel(name="m", version_labels={"stable": 1})]
        )
        applied = stub.ApplyDesired(wanted, timeout=10)
        change = next(watch)
        watch.cancel()
        assert change.generation == applied.generation > generation
        assert dict(change.model_changed.description.version_labels) == {"stable": "1"}
        with pytest.raises(grpc.RpcError) as error:
            stub.ApplyDesired(worker_pb2.ApplyDesiredRequest(epoch=2), timeout=10)
        assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        problem = unpack("", error.value.trailing_metadata())
        assert (problem.reason, problem.metadata["epoch"]) == ("STALE_EPOCH", "3")


@pytest.mark.parametrize(
    ("service", "status"),
    [
        ("", SERVING),
        ("argosy.tabular.v1.TabularService", SERVING),
        ("inference.GRPCInferenceService", SERVING),
        ("model/scale", SERVING),
        ("model/corrupt", NOT_SERVING),
    ],
)
def test_health_follows_the_models(channel: grpc.Channel, service: str, status: int) -> None:
    request = health_pb2.HealthCheckRequest(service=service)
    assert health_pb2_grpc.HealthStub(channel).Check(request, timeout=10).status == status


def test_a_worker_whose_models_all_fail_is_not_serving(tmp_path_factory: pytest.TempPathFactory) -> None:
    repository = tmp_path_factory.mktemp("failing")
    folder = add_model(repository, "only")
    (folder / "1/model.onnx").write_bytes(b"")
    with run_worker("tabular", repository, wait_for=[]) as worker, grpc.insecure_channel(worker.address) as channel:
        watch = worker_pb2_grpc.WorkerServiceStub(channel).WatchState(worker_pb2.WatchStateRequest(), timeout=30)
        for update in watch:
            models = update.snapshot.models if update.HasField("snapshot") else [update.model_changed]
            if any(version.state == model_pb2.MODEL_STATE_FAILED for model in models for version in model.versions):
                break
        request = health_pb2.HealthCheckRequest(service="")
        assert health_pb2_grpc.HealthStub(channel).Check(request, timeout=10).status == NOT_SERVING


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_lists_and_describes_every_service(channel: grpc.Channel, version: str) -> None:
    call = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )
    ask = reflection_pb2.ServerReflectionRequest
    (listed,) = call(iter([ask(list_services="")]), timeout=10)
    services = {service.name for service in listed.list_services_response.service}
    assert services >= {
        "argosy.tabular.v1.TabularService",
        "argosy.fleet.v1.WorkerService",
        "inference.GRPCInferenceService",
        "grpc.health.v1.Health",
        f"grpc.reflection.{version}.ServerReflection",
    }
    described = services - {"grpc.reflection.v1.ServerReflection"}  # its messages are those of v1alpha
    answers = list(call(iter([ask(file_containing_symbol=name) for name in sorted(described)]), timeout=10))
    assert [answer.WhichOneof("message_response") for answer in answers] == ["file_descriptor_response"] * len(
        described
    )
