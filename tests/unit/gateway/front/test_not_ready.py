# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import grpc
import pytest
from argosy_gateway import services
from argosy_gateway.front.forward import passed_on
from argosy_gateway.front.health import status
from argosy_gateway.front.naming import model_in
from argosy_gateway.front.not_ready import refusal
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

from tests.unit.gateway.fleets import fleet, model, worker

CLASSIFY = services.model_methods()["/argosy.vision.v1.VisionService/Classify"]
INFER = services.model_methods()["/inference.GRPCInferenceService/ModelInfer"]


@pytest.mark.parametrize(
    ("method", "state", "code", "reason", "retry"),
    [
        (CLASSIFY, "LOADING", grpc.StatusCode.UNAVAILABLE, "MODEL_NOT_READY", 1.0),
        (CLASSIFY, "FAILED", grpc.StatusCode.UNAVAILABLE, "MODEL_NOT_READY", None),
        (CLASSIFY, "UNLOADED", grpc.StatusCode.UNAVAILABLE, "MODEL_NOT_READY", None),
        (INFER, "UNLOADED", grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND", None),
        (INFER, "DRAINING", grpc.StatusCode.UNAVAILABLE, "MODEL_NOT_READY", None),
        (CLASSIFY, "READY", grpc.StatusCode.UNAVAILABLE, "MODEL_NOT_READY", 1.0),
    ],
)
def test_a_model_that_is_not_ready_is_refused_by_its_state(
    method: services.Method, state: str, code: grpc.StatusCode, reason: str, retry: float | None
) -> None:
    view = fleet(worker("vision", 1, model("m", state, reason="why"))).models["m"]
    refused, problem = refusal(method, view)
    assert (refused, problem.reason, problem.retry_after_s) == (code, reason, retry)
    assert problem.metadata == {"model": "m", "state": state, "reason": "why"}


@pytest.mark.parametrize(
    ("raw", "name"),
    [(b"", ""), (b"\n\x03abc", "abc"), (b"\n\x03a/c", "?"), (b"\n\x81\x01" + b"a" * 129, "?")],
)
def test_the_model_is_read_from_a_message(raw: bytes, name: str) -> None:
    assert model_in(CLASSIFY, raw) == name
    assert model_in(INFER, raw) == name


def test_what_is_not_a_request_is_said_to_be_none() -> None:
    with pytest.raises(DecodeError):
        model_in(CLASSIFY, b"\xff\xff")


def test_metadata_of_one_hop_stays_behind() -> None:
    metadata = (
        ("x-request-id", "1"),
        ("user-agent", "u"),
        ("grpc-accept-encoding", "gzip"),
        ("x-envoy-max-retries", "9"),
        ("x-forwarded-for", "1.2.3.4"),
        ("x-model", "m"),
        ("grpc-status-details-bin", b"d"),
        ("authorization", "Bearer t"),
    )
    assert passed_on(metadata) == (
        ("x-request-id", "1"),
        ("grpc-status-details-bin", b"d"),
        ("authorization", "Bearer t"),
    )


def test_the_fleet_is_healthy_where_every_domain_of_the_document_answers() -> None:
    good, bad = worker("vision", 1, model("m")), worker("nlp", 2, model("n"), status="UNREACHABLE")
    names = health_pb2.HealthCheckResponse.ServingStatus.Name
    assert names(status(fleet(good), "")) == "SERVING"
    assert names(status(fleet(good, bad), "")) == "NOT_SERVING"
    assert names(status(fleet(good, bad), "inference.GRPCInferenceService")) == "SERVING"
    assert names(status(fleet(good, bad), "argosy.nlp.v1.NlpService")) == "NOT_SERVING"
    assert names(status(fleet(bad), "model/n")) == "NOT_SERVING"
    assert names(status(fleet(bad), "model/m")) == "SERVICE_UNKNOWN"
