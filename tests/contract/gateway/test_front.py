# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the front answers, through Envoy."""

import grpc
import pytest
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc, model_pb2
from argosy.status import unpack
from argosy_gateway import services
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2

from tests.contract.gateway.calls import call
from tests.support.envoy import Gateway

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


def test_models_are_listed_with_state_and_replicas(channel: grpc.Channel, fleet_gateway: Gateway) -> None:
    stub = fleet_pb2_grpc.FleetServiceStub(channel)
    models = {
        model.description.name: model for model in stub.ListModels(fleet_pb2.ListModelsRequest(), timeout=5).models
    }
    assert {"digits", "faces", "sentiment", "slow", "broken", "twice"} <= models.keys()
    assert models["digits"].state == model_pb2.MODEL_STATE_READY
    assert [replica.replica for replica in models["digits"].replicas] == ["A"]
    assert (models["broken"].state, models["broken"].reason) == (
        model_pb2.MODEL_STATE_FAILED,
        "golden sample 1 differs by 0.5",
    )
    assert models["twice"].state == model_pb2.MODEL_STATE_FAILED
    assert sorted(replica.replica for replica in models["twice"].replicas) == ["A", "N"]
    only = stub.ListModels(fleet_pb2.ListModelsRequest(domain="nlp"), timeout=5).models
    assert "sentiment" in {model.description.name for model in only}
    assert "digits" not in {model.description.name for model in only}


@pytest.mark.parametrize("method", ["ListModels", "ListWorkers", "WatchModels"])
def test_an_unknown_domain_is_refused(channel: grpc.Channel, method: str) -> None:
    stub = fleet_pb2_grpc.FleetServiceStub(channel)
    request = getattr(fleet_pb2, f"{method}Request")(domain="visoin")
    with pytest.raises(grpc.RpcError) as refused:
        list(getattr(stub, method)(request, timeout=5)) if method == "WatchModels" else getattr(stub, method)(
            request, timeout=5
        )
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "vision" in refused.value.details()


@pytest.mark.parametrize("raw", [b"\xff\xff\xff", b"\n\x01\xff"], ids=["no message", "no UTF-8"])
@pytest.mark.parametrize(
    "path",
    [
        "/argosy.fleet.v1.FleetService/GetModel",
        "/argosy.fleet.v1.FleetService/WatchModels",
        "/grpc.health.v1.Health/Check",
        "/grpc.health.v1.Health/Watch",
        "/inference.GRPCInferenceService/RepositoryIndex",
    ],
)
def test_bytes_that_are_no_message_are_refused(
    channel: grpc.Channel, fleet_gateway: Gateway, path: str, raw: bytes
) -> None:
    before = fleet_gateway.log("control_plane")
    assert call(channel, path, raw).refused()[:2] == ("INVALID_ARGUMENT", "MESSAGE_MALFORMED")
    assert "DecodeError" not in fleet_gateway.log("control_plane").removeprefix(before)


def test_one_model_is_found_by_name(channel: grpc.Channel) -> None:
    stub = fleet_pb2_grpc.FleetServiceStub(channel)
    assert stub.GetModel(fleet_pb2.GetModelRequest(model="faces"), timeout=5).model.description.name == "faces"
    for name, code in (("nope", grpc.StatusCode.NOT_FOUND), ("", grpc.StatusCode.INVALID_ARGUMENT)):
        with pytest.raises(grpc.RpcError) as refused:
            stub.GetModel(fleet_pb2.GetModelRequest(model=name), timeout=5)
        assert refused.value.code() == code
        assert unpack(refused.value.details(), refused.value.trailing_metadata()).reason


def test_workers_are_listed_with_what_they_answer(channel: grpc.Channel) -> None:
    stub = fleet_pb2_grpc.FleetServiceStub(channel)
    workers = stub.ListWorkers(fleet_pb2.ListWorkersRequest(domain="vision"), timeout=5).workers
    by_replica = {worker.replica: worker for worker in workers}
    assert by_replica.keys() == {"A", "B"}
    assert by_replica["A"].status == fleet_pb2.WORKER_STATUS_SERVING
    assert list(by_replica["A"].ready_models) == ["cold", "digits", "twice"]
    assert list(by_replica["A"].other_models) == ["away", "broken", "slow"]


def test_a_watch_begins_with_all_models_and_a_mark(channel: grpc.Channel) -> None:
    watch = fleet_pb2_grpc.FleetServiceStub(channel).WatchModels(
        fleet_pb2.WatchModelsRequest(domain="vision"), timeout=5
    )
    names = []
    for update in watch:
        if update.synced:
            break
        names.append(update.changed.description.name)
    watch.cancel()
    assert names == ["away", "broken", "cold", "digits", "faces", "slow"]


@pytest.mark.parametrize(
    ("service", "status"),
    [
        ("", SERVING),
        ("argosy.vision.v1.VisionService", SERVING),
        ("argosy.tabular.v1.TabularService", NOT_SERVING),
        ("inference.GRPCInferenceService", SERVING),
        ("argosy.fleet.v1.FleetService", SERVING),
        ("grpc.health.v1.Health", SERVING),
        ("model/digits", SERVING),
        ("model/cold", SERVING),
        ("model/slow", NOT_SERVING),
        ("model/twice", NOT_SERVING),
    ],
)
def test_health_tells_of_the_fleet_its_services_and_models(channel: grpc.Channel, service: str, status: int) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    assert stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5).status == status
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=5)
    assert next(watch).status == status
    watch.cancel()


@pytest.mark.parametrize("service", ["nope", "model/nope", "model/", "argosy.fleet.v1.WorkerService"])
def test_health_of_what_does_not_exist(channel: grpc.Channel, service: str) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    with pytest.raises(grpc.RpcError) as refused:
        stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
    assert refused.value.code() == grpc.StatusCode.NOT_FOUND
    watch = stub.Watch(health_pb2.HealthCheckRequest(service=service), timeout=5)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_shows_every_service_and_its_messages(channel: grpc.Channel, version: str) -> None:
    path = f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
    reflect = channel.stream_stream(
        path,
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )
    listed = next(reflect(iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=5))
    names = {service.name for service in listed.list_services_response.service}
    assert names == set(services.public_services())
    assert {
        "inference.GRPCInferenceService",
        "argosy.vision.v1.VisionService",
        "argosy.fleet.v1.FleetService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
    } <= names
    assert "argosy.fleet.v1.WorkerService" not in names
    asked = [reflection_pb2.ServerReflectionRequest(file_containing_symbol=name) for name in sorted(names)]
    for name, answer in zip(sorted(names), reflect(iter(asked), timeout=5), strict=True):
        files = [FileDescriptorProto.FromString(raw) for raw in answer.file_descriptor_response.file_descriptor_proto]
        assert any(f"{file.package}.{service.name}" == name for file in files for service in file.service), name
