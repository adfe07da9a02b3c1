# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing of a payload is in any log, whichever way a call fails. Each payload here has the same conspicuous text."""

import json
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest
from argosy import v2
from argosy.common.v1 import tensor_pb2
from argosy.nlp.v1 import nlp_pb2
from argosy.recommendation.v1 import recommendation_pb2
from argosy.speech.v1 import speech_pb2
from argosy.tabular.v1 import tabular_pb2
from argosy.vision.v1 import vision_pb2

from tests.e2e.wire import open_channel
from tests.support.envoy import Gateway, run_gateway, wait_for
from tests.support.fleet import DEMO, copy_models, run_workers
from tests.support.models import add_lookup
from tests.support.worker import WorkerProcess

MARK = "conspicuous-4929"
#: An index far outside of the table of the model "lookup".
NUMBER = 492977310


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, list[WorkerProcess]]]:
    """A worker of each domain, one with a model that can be made to fail in its engine, and a gateway."""
    folder = tmp_path_factory.mktemp("logs")
    (folder / "gateway").mkdir()
    repositories = [(domain, copy_models(folder, domain)) for domain in DEMO]
    add_lookup(folder / "tabular", "lookup")
    with run_workers(repositories, "--drain-s", "0") as workers:
        addresses = list(zip(DEMO, (worker.address for worker in workers), strict=True))
        with run_gateway(addresses, folder / "gateway") as gateway:
            yield gateway, workers


def lookup() -> Any:
    request = v2.message("ModelInferRequest")(model_name="lookup", id=MARK)
    request.inputs.add(name="x", datatype="INT64", shape=[1, 1])
    request.raw_input_contents.append(np.array([NUMBER], "<i8").tobytes())
    return request


def wrong_type() -> Any:
    request = v2.message("ModelInferRequest")(model_name="digits", id=MARK)
    request.inputs.add(name=MARK, datatype="BYTES", shape=[1])
    request.raw_input_contents.append(MARK.encode())
    return request


def wrong_tensor() -> Any:
    tensor = tensor_pb2.Tensor(data_type="DATA_TYPE_FP32", shape=[1, 4], data=MARK.encode())
    return tabular_pb2.PredictRequest(tensor=tensor)


CALLS: dict[str, tuple[str, Any]] = {
    "vision": (
        "argosy.vision.v1.VisionService/Classify",
        vision_pb2.ClassifyRequest(images=[vision_pb2.Image(encoded=MARK.encode())]),
    ),
    "speech": (
        "argosy.speech.v1.SpeechService/Classify",
        speech_pb2.ClassifyRequest(audio=speech_pb2.Audio(encoded=MARK.encode())),
    ),
    "nlp": ("argosy.nlp.v1.NlpService/Classify", nlp_pb2.ClassifyRequest(texts=[MARK], top_k=-1)),
    "recommendation": (
        "argosy.recommendation.v1.RecommendationService/SimilarItems",
        recommendation_pb2.SimilarItemsRequest(item_id=MARK),
    ),
    "tabular": ("argosy.tabular.v1.TabularService/Predict", wrong_tensor()),
    "tensors": ("inference.GRPCInferenceService/ModelInfer", wrong_type()),
    "engine": ("inference.GRPCInferenceService/ModelInfer", lookup()),
}


def logs(gateway: Gateway, workers: list[WorkerProcess]) -> str:
    return "".join([gateway.log("control_plane"), gateway.log("envoy"), *("".join(one.log) for one in workers)])


@pytest.mark.parametrize("how", ["plain", "gzip", "malformed"])
@pytest.mark.parametrize("name", CALLS)
def test_no_log_holds_anything_of_a_failed_calls_payload(
    fleet: tuple[Gateway, list[WorkerProcess]], name: str, how: str
) -> None:
    gateway, workers = fleet
    path, request = CALLS[name]
    payload = request.SerializeToString() if how != "malformed" else b"\xff" + MARK.encode()
    # Compressed and without x-model: the front reads it.
    compression = grpc.Compression.Gzip if how == "gzip" else None
    with open_channel(gateway.address) as channel, pytest.raises(grpc.RpcError):
        channel.unary_unary(f"/{path}")(payload, timeout=20, compression=compression)
    written = logs(gateway, workers)
    assert MARK not in written
    assert str(NUMBER) not in written


def test_an_engine_fault_is_logged_with_what_finds_the_call(fleet: tuple[Gateway, list[WorkerProcess]]) -> None:
    gateway, workers = fleet
    path, request = CALLS["engine"]
    with open_channel(gateway.address) as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary(f"/{path}")(
            request.SerializeToString(), timeout=20, metadata=[("x-request-id", "request-of-this-test")]
        )
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT

    def told() -> list[dict[str, str]]:
        lines = [line for worker in workers for line in list(worker.log)]
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if entry.get("request_id") == "request-of-this-test"]

    wait_for(lambda: bool(told()), "the line about the call")
    (entry,) = told()
    assert (entry["message"], entry["model"], entry["method"]) == ("engine fault", "lookup", path)
    assert "Gather" in entry["cause"]
    assert str(NUMBER) not in "".join(line for worker in workers for line in worker.log)
