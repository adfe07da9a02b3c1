# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a stranger can learn from a running fleet: services, health, models, workers, and who answered."""

from collections.abc import Iterator

import grpc
import pytest
from argosy_client import Argosy, ArgosyError, HealthStatus, NotFoundError
from argosy_worker.repository.digest import digest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2 as reflection

from tests.e2e.requests import GOOD
from tests.e2e.wire import send
from tests.support.fleet import DEMO, FleetAddresses, demo_models
from tests.support.fleet import MODELS as REPOSITORIES

SERVICES = {
    "argosy.fleet.v1.FleetService",
    "argosy.nlp.v1.NlpService",
    "argosy.recommendation.v1.RecommendationService",
    "argosy.speech.v1.SpeechService",
    "argosy.tabular.v1.TabularService",
    "argosy.vision.v1.VisionService",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "inference.GRPCInferenceService",
}
MODELS = {name: domain for domain in DEMO for name in demo_models(domain)}
TRAILERS = {
    "argosy-batch-size",
    "argosy-compute-ms",
    "argosy-device",
    "argosy-model",
    "argosy-queue-ms",
    "argosy-replica",
    "argosy-version",
}


def reflect(
    channel: grpc.Channel, version: str, requests: list[reflection.ServerReflectionRequest]
) -> Iterator[reflection.ServerReflectionResponse]:
    """Asks for reflection; both versions have the same messages."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        reflection.ServerReflectionRequest.SerializeToString,
        reflection.ServerReflectionResponse.FromString,
    )
    answers: Iterator[reflection.ServerReflectionResponse] = method(iter(requests), timeout=30)
    return answers


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_lists_every_service_and_describes_it(channel: grpc.Channel, version: str) -> None:
    (listed,) = reflect(channel, version, [reflection.ServerReflectionRequest(list_services="")])
    assert {service.name for service in listed.list_services_response.service} == SERVICES
    requests = [reflection.ServerReflectionRequest(file_containing_symbol=name) for name in sorted(SERVICES)]
    described = set()
    for answer in reflect(channel, version, requests):
        for raw in answer.file_descriptor_response.file_descriptor_proto:
            file = FileDescriptorProto.FromString(raw)
            described |= {f"{file.package}.{service.name}" for service in file.service}
    assert described >= SERVICES


@pytest.mark.parametrize("service", ["", *sorted(SERVICES), *(f"model/{model}" for model in MODELS)])
def test_health_of_whatever_there_is_is_serving(argosy: Argosy, channel: grpc.Channel, service: str) -> None:
    assert argosy.health(service) is HealthStatus.SERVING
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=service), timeout=30)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVING
    watch.cancel()


@pytest.mark.parametrize("service", ["nope", "model/nope", "model/", "argosy.fleet.v1.WorkerService"])
def test_health_of_what_does_not_exist_is_not_found_and_watched_as_unknown(
    argosy: Argosy, channel: grpc.Channel, service: str
) -> None:
    with pytest.raises(NotFoundError) as error:
        argosy.health(service)
    assert error.value.reason == "SERVICE_UNKNOWN"
    watch = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(service=service), timeout=30)
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


def test_models_are_listed_with_what_callers_need(argosy: Argosy) -> None:
    models = {model.name: model for model in argosy.models()}
    assert {name: model.domain for name, model in models.items()} == MODELS
    for model in models.values():
        assert (model.state, model.reason) == ("READY", "")
        assert model.description and model.methods and model.metrics and model.provenance.licence
        (replica,) = model.replicas
        (version,) = replica.versions
        assert (version.version, version.engine) == (1, "onnx")
        assert version.inputs and version.outputs
        assert argosy.model(model.name) == model
    assert models["digits"].class_labels == tuple("0123456789")
    assert [model.name for model in argosy.models("nlp")] == demo_models("nlp")


def test_every_model_has_a_card_and_says_what_its_files_hash_to(argosy: Argosy) -> None:
    for model in argosy.models():
        assert model.card.intended_use and model.card.limits, model.name
        assert model.provenance.dataset and model.provenance.licence, model.name
        (version,) = model.replicas[0].versions
        assert version.sha256 == digest(REPOSITORIES / model.domain / model.name / "1")


def test_workers_are_listed_with_their_models(argosy: Argosy, fleet: FleetAddresses) -> None:
    workers = {worker.domain: worker for worker in argosy.workers()}
    assert {domain: worker.address for domain, worker in workers.items()} == fleet.workers
    for domain, worker in workers.items():
        assert (worker.status, worker.other_models) == ("SERVING", ())
        assert sorted(worker.ready_models) == demo_models(domain)
        assert worker.replica and worker.software_version


def test_a_watch_begins_with_every_model_and_a_mark(argosy: Argosy) -> None:
    seen = set()
    for update in argosy.watch_models(timeout_s=30):
        if update.kind == "synced":
            break
        seen.add((update.kind, update.name))
    assert seen == {("changed", name) for name in MODELS}


def test_unknown_models_and_domains_are_refused_with_a_reason(argosy: Argosy) -> None:
    with pytest.raises(NotFoundError) as unknown:
        argosy.model("nope" * 5000)
    assert unknown.value.reason == "MODEL_NOT_FOUND"
    with pytest.raises(ArgosyError) as domain:
        argosy.models("nope")
    assert (domain.value.code, domain.value.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "DOMAIN_UNKNOWN")
    assert "vision" in domain.value.message


@pytest.mark.parametrize("domain", sorted(DEMO))
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
def test_trailers_that_tell_who_answered_pass_the_gateway(channel: grpc.Channel, domain: str, compressed: bool) -> None:
    outcome = send(channel, GOOD[domain].path, GOOD[domain].message(), gzip=compressed)
    assert outcome.trailers.keys() >= TRAILERS
    assert (outcome.trailers["argosy-model"], outcome.trailers["argosy-version"]) == (DEMO[domain], "1")
    assert float(outcome.trailers["argosy-compute-ms"]) >= 0


def test_workers_own_services_are_not_reachable_through_the_gateway(channel: grpc.Channel) -> None:
    for method in ("WatchState", "ApplyDesired"):
        outcome = send(channel, f"/argosy.fleet.v1.WorkerService/{method}", b"")
        assert outcome.refused() == ("UNIMPLEMENTED", "METHOD_UNKNOWN")
