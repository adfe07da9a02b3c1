# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which worker gets a call, and what a call gets that no worker can take."""

import grpc
import pytest

from tests.contract.gateway.calls import NLP, V2, VISION, call, classify, infer, open_channel
from tests.contract.gateway.standin import message
from tests.support.envoy import Gateway

UNKNOWN = "Request for unknown model: '{}' is not found"


def tokens(model: str = "") -> object:
    return message("argosy.nlp.v1.TokenizeRequest")(model=model)


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("named", "header", "replica", "model"),
    [
        ("", "digits", "A", "digits"),
        ("", "faces", "B", "faces"),
        ("faces", "faces", "B", "faces"),
        ("digits", None, "A", "digits"),
        ("faces", None, "B", "faces"),
        ("", None, "A", "digits"),
        ("", "", "A", "digits"),
        ("cold", None, "A", "cold"),
    ],
)
def test_a_typed_call_reaches_a_replica_of_its_model(
    channel: grpc.Channel, named: str, header: str | None, replica: str, model: str, gzip: bool
) -> None:
    metadata = () if header is None else (("x-model", header),)
    answer = call(channel, f"{VISION}/Classify", classify(named), metadata=metadata, gzip=gzip)
    assert answer.code == grpc.StatusCode.OK, answer
    assert (answer.replica, answer.one("argosy.vision.v1.ClassifyResponse").model) == (replica, model)


def test_each_domain_has_its_own_default_model(channel: grpc.Channel) -> None:
    answer = call(channel, f"{NLP}/Classify", b"")
    assert (answer.replica, answer.one("argosy.nlp.v1.ClassifyResponse").model) == ("N", "sentiment")


def test_the_worker_refuses_a_header_that_contradicts_the_message(channel: grpc.Channel) -> None:
    answer = call(channel, f"{VISION}/Classify", classify("faces"), metadata=[("x-model", "digits")])
    assert answer.refused()[:2] == ("INVALID_ARGUMENT", "MODEL_MISMATCH")


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("named", "shown"),
    [("nope", "nope"), ("a\nb", "?"), ("m\u00fc", "?"), ("a" * 129, "?"), ("-x", "?"), ("sentiment", "sentiment")],
)
def test_a_model_that_the_domain_lacks_is_not_found(channel: grpc.Channel, named: str, shown: str, gzip: bool) -> None:
    answer = call(channel, f"{VISION}/Classify", classify(named), gzip=gzip)
    assert answer.refused() == ("NOT_FOUND", "MODEL_NOT_FOUND", UNKNOWN.format(shown))


@pytest.mark.parametrize("name", ["nope", "a b", "100%", "%41", "a'b\"c", "sentiment"])
def test_an_unknown_model_in_the_header_is_repeated_as_sent(channel: grpc.Channel, name: str) -> None:
    answer = call(channel, f"{VISION}/Classify", classify(), metadata=[("x-model", name)])
    assert answer.refused() == ("NOT_FOUND", "MODEL_NOT_FOUND", UNKNOWN.format(name))
    assert answer.problem.message == answer.details, "the details must repeat the message, or readers refuse them"


def test_a_header_of_any_length_is_repeated_in_part(channel: grpc.Channel) -> None:
    answer = call(channel, f"{VISION}/Classify", classify(), metadata=[("x-model", "a" * 5000)])
    assert answer.refused() == ("NOT_FOUND", "MODEL_NOT_FOUND", UNKNOWN.format("a" * 128))


def test_two_model_headers_do_not_reach_a_worker(channel: grpc.Channel) -> None:
    answer = call(channel, f"{VISION}/Classify", classify(), metadata=[("x-model", "digits"), ("x-model", "faces")])
    assert answer.code == grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_a_method_without_default_asks_for_a_model(channel: grpc.Channel, gzip: bool) -> None:
    answer = call(channel, f"{VISION}/Embed", message("argosy.vision.v1.EmbedRequest")(), gzip=gzip)
    assert answer.refused()[:2] == ("INVALID_ARGUMENT", "MODEL_REQUIRED")
    assert "model name is required" in answer.details


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_v2_has_no_default_model(channel: grpc.Channel, gzip: bool) -> None:
    answer = call(channel, f"{V2}/ModelInfer", infer(), gzip=gzip)
    assert answer.refused()[:2] == ("INVALID_ARGUMENT", "MODEL_REQUIRED")


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(("model", "replica"), [("digits", "A"), ("faces", "B"), ("sentiment", "N")])
def test_v2_inference_reaches_a_replica_in_whatever_domain(
    channel: grpc.Channel, model: str, replica: str, gzip: bool
) -> None:
    by_body = call(channel, f"{V2}/ModelInfer", infer(model), gzip=gzip)
    by_header = call(channel, f"{V2}/ModelInfer", infer(), metadata=[("x-model", model)], gzip=gzip)
    for answer in (by_body, by_header):
        response = answer.one("inference.ModelInferResponse")
        assert (response.id, response.model_name) == (replica, model)


def test_the_model_is_found_at_the_end_of_a_message_too(channel: grpc.Channel) -> None:
    before, name = infer(size=1 << 20), infer("faces")
    answer = call(channel, f"{V2}/ModelInfer", before.SerializeToString() + name.SerializeToString())
    assert answer.one("inference.ModelInferResponse").id == "B"


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_v2_calls_about_a_model_reach_its_replica(channel: grpc.Channel, gzip: bool) -> None:
    ready = call(channel, f"{V2}/ModelReady", message("inference.ModelReadyRequest")(name="digits"), gzip=gzip)
    assert ready.one("inference.ModelReadyResponse").ready
    metadata = call(channel, f"{V2}/ModelMetadata", message("inference.ModelMetadataRequest")(name="faces"), gzip=gzip)
    assert (metadata.replica, metadata.one("inference.ModelMetadataResponse").name) == ("B", "faces")
    config = call(channel, f"{V2}/ModelConfig", message("inference.ModelConfigRequest")(name="zz"), gzip=gzip)
    assert config.refused() == ("NOT_FOUND", "MODEL_NOT_FOUND", UNKNOWN.format("zz"))


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("header", [None, "faces"])
def test_a_stream_stays_with_the_replica_of_its_first_message(
    channel: grpc.Channel, header: str | None, gzip: bool
) -> None:
    metadata = () if header is None else (("x-model", header),)
    messages = [infer("faces"), infer("faces"), infer("faces")]
    answer = call(channel, f"{V2}/ModelStreamInfer", *messages, metadata=metadata, gzip=gzip)
    responses = [message("inference.ModelStreamInferResponse").FromString(each) for each in answer.messages]
    assert [response.infer_response.id for response in responses] == ["B", "B", "B"], answer


def test_a_stream_of_an_unknown_model_is_refused(channel: grpc.Channel) -> None:
    answer = call(channel, f"{V2}/ModelStreamInfer", infer("zz"))
    assert answer.refused() == ("NOT_FOUND", "MODEL_NOT_FOUND", UNKNOWN.format("zz"))


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_a_stream_that_ends_before_its_first_message_is_refused(channel: grpc.Channel, gzip: bool) -> None:
    answer = call(channel, f"{V2}/ModelStreamInfer", gzip=gzip)
    assert answer.code == grpc.StatusCode.INVALID_ARGUMENT
    assert answer.problem.reason


@pytest.mark.parametrize("method", ["ServerLive", "ServerReady", "ServerMetadata"])
@pytest.mark.parametrize("metadata", [(), (("x-model", "digits"),)])
def test_any_worker_answers_for_the_server(
    channel: grpc.Channel, method: str, metadata: tuple[tuple[str, str], ...]
) -> None:
    answer = call(channel, f"{V2}/{method}", b"", metadata=metadata)
    assert answer.code == grpc.StatusCode.OK
    assert answer.replica in {"A", "B", "N"}


@pytest.mark.parametrize(
    "path",
    [
        f"{VISION}/Nope",
        f"{VISION}/ClassifyAll",
        f"{VISION}/",
        "/a.b.C/D",
        f"{V2}/ModelNope",
        f"{V2}/ModelInferX",
        f"{V2}/ModelStatisticsX",
        "/test.Control/Set",
        "/argosy.fleet.v1.WorkerService/WatchState",
        "/argosy.fleet.v1.WorkerService/ApplyDesired",
        "/argosy.fleet.v1.FleetService/Nope",
        "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
        "/grpc.health.v1.Health/Nope",
    ],
)
@pytest.mark.parametrize("metadata", [(), (("x-model", "digits"),)], ids=["no header", "header"])
def test_an_unknown_method_is_unimplemented(
    channel: grpc.Channel, path: str, metadata: tuple[tuple[str, str], ...]
) -> None:
    answer = call(channel, path, b"", metadata=metadata)
    assert answer.refused() == ("UNIMPLEMENTED", "METHOD_UNKNOWN", f"unknown method {path}")
    assert answer.problem.message == answer.details


def test_a_service_without_any_worker_asks_for_a_model(channel: grpc.Channel) -> None:
    path, request = "/argosy.tabular.v1.TabularService/Predict", message("argosy.tabular.v1.PredictRequest")
    assert call(channel, path, request()).refused()[:2] == ("INVALID_ARGUMENT", "MODEL_REQUIRED")
    assert call(channel, path, request(model="x")).refused()[:2] == ("NOT_FOUND", "MODEL_NOT_FOUND")


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("slow", "LOADING", ""),
        ("broken", "FAILED", "golden sample 1 differs by 0.5"),
        ("away", "UNLOADED", ""),
        ("twice", "FAILED", "the name is used in nlp and vision; model names are unique in a fleet: rename one"),
    ],
)
def test_a_known_model_that_cannot_answer_says_why(
    channel: grpc.Channel, name: str, state: str, reason: str, gzip: bool
) -> None:
    by_body = call(channel, f"{VISION}/Classify", classify(name), gzip=gzip)
    by_header = call(channel, f"{VISION}/Classify", classify(), metadata=[("x-model", name)], gzip=gzip)
    for answer in (by_body, by_header):
        assert answer.refused()[:2] == ("UNAVAILABLE", "MODEL_NOT_READY"), answer
        assert answer.problem.metadata == {"model": name, "state": state, "reason": reason}
        assert answer.problem.message == answer.details
        assert reason in answer.details
        assert answer.problem.retry_after_s == (1.0 if state == "LOADING" else None)


def test_a_default_model_that_cannot_answer_says_why(channel: grpc.Channel) -> None:
    answer = call(channel, f"{NLP}/Tokenize", tokens())
    assert answer.refused()[:2] == ("UNAVAILABLE", "MODEL_NOT_READY")
    assert answer.problem.metadata["model"] == "lost"


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_v2_says_of_a_model_that_it_is_not_ready(channel: grpc.Channel, gzip: bool) -> None:
    request = message("inference.ModelReadyRequest")(name="slow")
    ready = call(channel, f"{V2}/ModelReady", request, gzip=gzip)
    assert not ready.one("inference.ModelReadyResponse").ready
    assert call(channel, f"{V2}/ModelInfer", infer("slow"), gzip=gzip).refused() == (
        "UNAVAILABLE",
        "MODEL_NOT_READY",
        "model 'slow' is not at ready state: LOADING",
    )
    unloaded = call(channel, f"{V2}/ModelInfer", infer("away"), gzip=gzip)
    assert unloaded.refused() == (
        "NOT_FOUND",
        "MODEL_NOT_FOUND",
        "Request for unknown model: 'away' has no available versions",
    )


@pytest.mark.parametrize("kind", ["System", "Cuda"])
def test_shared_memory_belongs_to_workers_and_unregistering_all_of_it_succeeds(
    channel: grpc.Channel, kind: str
) -> None:
    request = message(f"inference.{kind}SharedMemoryUnregisterRequest")
    assert call(channel, f"{V2}/{kind}SharedMemoryUnregister", request()).code == grpc.StatusCode.OK
    for method, content in (("Unregister", request(name="x")), ("Status", b""), ("Register", b"")):
        answer = call(channel, f"{V2}/{kind}SharedMemory{method}", content)
        assert answer.refused()[:2] == ("UNIMPLEMENTED", "SHARED_MEMORY_UNSUPPORTED")
        assert "use the worker's own port" in answer.details


@pytest.mark.parametrize(
    "method",
    [
        "RepositoryIndex",
        "RepositoryModelLoad",
        "RepositoryModelUnload",
        "ModelStatistics",
        "TraceSetting",
        "LogSettings",
    ],
)
@pytest.mark.parametrize("metadata", [(), (("x-model", "digits"),)], ids=["no header", "header"])
def test_the_front_answers_for_the_whole_repository(
    channel: grpc.Channel, method: str, metadata: tuple[tuple[str, str], ...]
) -> None:
    answer = call(channel, f"{V2}/{method}", b"", metadata=metadata)
    assert answer.refused()[:2] == ("UNIMPLEMENTED", "METHOD_NOT_SERVED")


def test_a_call_that_comes_back_to_the_front_ends(fleet_gateway: Gateway) -> None:
    with open_channel(fleet_gateway.address) as channel:
        answer = call(channel, f"{VISION}/Classify", classify("faces"), gzip=True, metadata=[("argosy-forwarded", "1")])
    assert answer.refused()[:2] == ("INTERNAL", "LOOP")


def test_a_compressed_message_that_cannot_be_read_is_refused(channel: grpc.Channel) -> None:
    answer = call(channel, f"{VISION}/Classify", b"\xff\xff\xff", gzip=True)
    assert answer.refused()[:2] == ("INVALID_ARGUMENT", "MESSAGE_MALFORMED")
