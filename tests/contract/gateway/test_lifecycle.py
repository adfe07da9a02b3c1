# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What callers of the gateway see while models of real workers are unloaded, put aside, and fail their samples."""

import json
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from argosy_gateway.document_edit import set_labels, set_loaded

from tests.contract.gateway.calls import V2, Answer, call, infer, open_channel
from tests.support.envoy import Gateway, run_gateway, wait_for
from tests.support.models import add_model
from tests.support.worker import run_worker

YAML = "golden: [{file: golden.json}]\n"
SIMULATED = "execution: {engine: simulated, parameters: {memory_mb: 60, width: 4, fixed_ms: 1}}\n"


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One worker's models double, a and b, of which a and b do not fit together; the other's double."""
    folder = tmp_path_factory.mktemp("lifecycle")
    for name in ("one", "two"):
        (add_model(folder / name, "double", YAML) / "golden.json").write_text(golden(2.0))
    for name in "ab":
        (folder / "one" / name / "1").mkdir(parents=True)
        (folder / "one" / name / "model.yaml").write_text(SIMULATED)
    (folder / "gateway").mkdir()
    return folder


@pytest.fixture(scope="module")
def gateway(repositories: Path) -> Iterator[Gateway]:
    # An edited sample reloads nothing: it stands for an engine that goes wrong.
    options = ("--repository-poll-s", "0", "--golden-interval-s", "0.1", "--memory-limit-mb", "100")
    with (
        run_worker("tabular", repositories / "one", "--replica", "one", *options, wait_for=["model/b"]) as one,
        run_worker("tabular", repositories / "two", "--replica", "two", *options, wait_for=["model/double"]) as two,
        run_gateway([("tabular", one.address), ("tabular", two.address)], repositories / "gateway") as gateway,
    ):
        yield gateway


@pytest.fixture(scope="module")
def channel(gateway: Gateway) -> Iterator[grpc.Channel]:
    with open_channel(gateway.address) as channel:
        yield channel


def golden(factor: float) -> str:
    def tensor(values: list[float]) -> object:
        return {"datatype": "FP32", "shape": [1, 4], "data": values}

    return json.dumps(
        {"inputs": {"x": tensor([1, 2, 3, 4])}, "outputs": {"y": tensor([factor * v for v in (1, 2, 3, 4)])}}
    )


def ask(channel: grpc.Channel, model: str, version: str = "") -> Answer:
    request = infer(model)
    request.model_version = version
    request.inputs.add(name="x", datatype="FP32", shape=[1, 4])
    request.raw_input_contents.append(np.ones(4, "<f4").tobytes())
    return call(channel, f"{V2}/ModelInfer", request)


def test_a_replica_that_fails_its_golden_samples_gets_no_calls_until_it_passes(
    repositories: Path, gateway: Gateway, channel: grpc.Channel
) -> None:
    def replicas() -> set[str]:
        return {ask(channel, "double").replica for _ in range(20)}

    sample = repositories / "one/double/golden.json"
    wait_for(lambda: replicas() == {"one", "two"}, "both replicas to answer", gateway)
    sample.write_text(golden(3.0))
    wait_for(lambda: replicas() == {"two"}, "the failing replica to leave", gateway)
    assert {ask(channel, "double").code for _ in range(50)} == {grpc.StatusCode.OK}
    sample.write_text(golden(2.0))
    wait_for(lambda: replicas() == {"one", "two"}, "the replica to come back", gateway)


def test_a_model_that_was_put_aside_is_loaded_for_the_call(gateway: Gateway, channel: grpc.Channel) -> None:
    for name in "abab":
        answer = ask(channel, name)
        assert answer.one("inference.ModelInferResponse").model_name == name


def test_the_document_unloads_loads_and_labels_a_model(gateway: Gateway, channel: grpc.Channel) -> None:
    document = gateway.fleet
    set_loaded(document, "double", False)

    def unloaded() -> bool:
        # As V2 has it: a model that is unloaded is unknown.
        code, _, said = ask(channel, "double").refused()
        return code == "NOT_FOUND" and "no available versions" in said

    wait_for(unloaded, "the model to be unloaded", gateway)
    set_loaded(document, "double", True)
    wait_for(lambda: ask(channel, "double").code is grpc.StatusCode.OK, "the model to come back", gateway)
    assert ask(channel, "double", "stable").code is not grpc.StatusCode.OK
    set_labels(document, "double", {"stable": 1}, ())
    wait_for(lambda: ask(channel, "double", "stable").code is grpc.StatusCode.OK, "the label to hold", gateway)
