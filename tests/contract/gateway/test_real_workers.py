# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The same gateway before real workers: two of one domain that hold different models."""

from collections.abc import Iterator

import grpc
import numpy as np
import pytest
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc

from tests.contract.gateway.calls import V2, call, infer, open_channel
from tests.contract.gateway.standin import message
from tests.support.envoy import Gateway, run_gateway, wait_for
from tests.support.models import add_model
from tests.support.worker import run_worker

ANY_LENGTH = "batching: {max_batch_size: 0}\n"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """Worker one doubles, worker two triples and has a label."""
    folder = tmp_path_factory.mktemp("real")
    add_model(folder / "one", "double", ANY_LENGTH, factor=2.0, shape=("n",))
    add_model(folder / "two", "triple", ANY_LENGTH, factor=3.0, shape=("n",))
    (folder / "gateway").mkdir()
    with (
        run_worker("tabular", folder / "one", "--replica", "one") as one,
        run_worker("tabular", folder / "two", "--replica", "two") as two,
        run_gateway(
            [("tabular", one.address), ("tabular", two.address)],
            folder / "gateway",
            labels={"triple": {"stable": 1}},
        ) as gateway,
    ):
        yield gateway


@pytest.fixture(scope="module")
def channel(gateway: Gateway) -> Iterator[grpc.Channel]:
    """A channel to it."""
    with open_channel(gateway.address) as channel:
        yield channel


def tensor_request(model: str, values: np.ndarray) -> object:
    request = infer(model)
    request.inputs.add(name="x", datatype="FP32", shape=values.shape)
    request.raw_input_contents.append(values.tobytes())
    return request


@pytest.mark.parametrize(("model", "factor", "replica"), [("double", 2, "one"), ("triple", 3, "two")])
@pytest.mark.parametrize(
    ("count", "gzip", "named"),
    [
        (4, False, False),
        (15_000_000 // 4, False, False),
        (15_000_000 // 4, True, False),
        (60_000_000 // 4, False, True),
    ],
    ids=["small", "15 MB", "15 MB gzip", "60 MB with x-model"],
)
def test_each_model_is_computed_by_the_worker_that_holds_it(
    channel: grpc.Channel, model: str, factor: int, replica: str, count: int, gzip: bool, named: bool
) -> None:
    values = np.arange(count, dtype=np.float32) % 1000
    metadata = [("x-model", model)] if named else []
    answer = call(channel, f"{V2}/ModelInfer", tensor_request(model, values), metadata=metadata, gzip=gzip)
    response = answer.one("inference.ModelInferResponse")
    result = np.frombuffer(response.raw_output_contents[0], np.float32)
    np.testing.assert_array_equal(result, values * factor)
    assert answer.replica == replica


def test_an_unknown_method_with_a_known_model_never_reaches_a_worker(channel: grpc.Channel) -> None:
    path = "/argosy.tabular.v1.TabularService/Nope"
    refused = call(channel, path, b"", metadata=[("x-model", "double")]).refused()
    assert refused[:2] == ("UNIMPLEMENTED", "METHOD_UNKNOWN")


def test_readiness_and_server_metadata(channel: grpc.Channel) -> None:
    for model in ("double", "triple"):
        answer = call(channel, f"{V2}/ModelReady", message("inference.ModelReadyRequest")(name=model))
        assert answer.one("inference.ModelReadyResponse").ready
    assert call(channel, f"{V2}/ServerLive", b"").one("inference.ServerLiveResponse").live


def test_labels_of_the_document_reach_the_worker_that_holds_the_model(gateway: Gateway, channel: grpc.Channel) -> None:
    stub = fleet_pb2_grpc.FleetServiceStub(channel)

    def labels(model: str) -> dict[str, str]:
        described = stub.GetModel(fleet_pb2.GetModelRequest(model=model), timeout=5).model.description
        return dict(described.version_labels)

    wait_for(lambda: labels("triple") == {"stable": "1"}, "the label to be applied", gateway)
    assert labels("double") == {}
