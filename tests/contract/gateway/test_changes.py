# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The gateway follows its workers and its fleet document."""

import signal
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc

from tests.contract.gateway.calls import V2, VISION, call, classify, infer, open_channel
from tests.contract.gateway.fleet import Standin, run_standin
from tests.contract.gateway.load import in_flight
from tests.support.envoy import Gateway, run_gateway, wait_for

DEFAULT = {"digits": {"default_for": ["Classify"]}}


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Gateway, Standin, Standin]]:
    """Two vision workers that both have digits, and their gateway."""
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", DEFAULT) as b,
        run_gateway([("vision", a.address), ("vision", b.address)], tmp_path) as gateway,
    ):
        yield gateway, a, b


def outcome(gateway: Gateway, model: str) -> tuple[str, str]:
    """Status and reason of a call with ``x-model``."""
    with open_channel(gateway.address) as channel:
        answer = call(channel, f"{VISION}/Classify", classify(), metadata=[("x-model", model)], timeout=5)
        return answer.code.name, answer.problem.reason


async def test_withdrawing_a_model_from_one_replica_fails_no_call(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, a, b = pair
    async with in_flight(gateway.address, "digits") as load:
        for flip in range(20):
            a.set(models={} if flip % 2 == 0 else DEFAULT)
            await load.more(20)
        a.set(models=DEFAULT)
        before = load.replicas["A"]
        while load.replicas["A"] == before:  # until it is back for callers, B alone has the model
            await load.more(10)
        b.set(models={})
        await load.more(50)
    assert load.codes.keys() == {"OK"}, load.failures[:3]
    assert load.replicas["A"] > 0
    assert load.replicas["B"] > 0


async def test_a_worker_that_leaves_takes_no_new_calls_and_fails_none(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, _, b = pair
    async with in_flight(gateway.address, "digits", metadata=[("test-do", "sleep:0.02")]) as load:
        await load.more(50)
        b.set(draining=True)
        await load.more(50)
        b.process.kill()
        load.replicas.clear()
        await load.more(50)
    assert load.codes.keys() == {"OK"}, load.failures[:3]
    assert load.replicas.keys() == {"A"}


def test_a_model_comes_and_goes_with_its_only_replica(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, a, _ = pair
    assert outcome(gateway, "faces") == ("NOT_FOUND", "MODEL_NOT_FOUND")
    a.set(models={**DEFAULT, "faces": {"state": "LOADING"}})
    wait_for(lambda: outcome(gateway, "faces") == ("UNAVAILABLE", "MODEL_NOT_READY"), "faces to be known", gateway)
    a.set(models={**DEFAULT, "faces": {}})
    wait_for(lambda: outcome(gateway, "faces") == ("OK", ""), "faces to answer", gateway)
    a.set(models=DEFAULT)
    wait_for(lambda: outcome(gateway, "faces") == ("NOT_FOUND", "MODEL_NOT_FOUND"), "faces to be gone", gateway)


def test_models_of_a_dead_worker_stay_known_until_it_returns(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", {"faces": {}}) as b,
        run_gateway([("vision", a.address), ("vision", b.address)], tmp_path) as gateway,
        open_channel(gateway.address) as channel,
    ):
        assert outcome(gateway, "faces") == ("OK", "")
        b.process.kill()
        wait_for(lambda: outcome(gateway, "faces") == ("UNAVAILABLE", "MODEL_NOT_READY"), "faces to be lost", gateway)
        answer = call(channel, f"{V2}/ModelInfer", infer("faces"))
        assert answer.problem.metadata["state"] == "UNREACHABLE"
        assert b.address not in answer.details, "callers are told no addresses"
        with run_standin("vision", "B", {"faces": {}}, port=int(b.address.rpartition(":")[2])):
            wait_for(lambda: outcome(gateway, "faces") == ("OK", ""), "faces to return", gateway)


def test_a_hung_worker_is_found_without_a_closed_connection(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_gateway([("vision", a.address)], tmp_path) as gateway,
    ):
        a.process.send_signal(signal.SIGSTOP)
        wait_for(lambda: outcome(gateway, "digits")[1] == "MODEL_NOT_READY", "digits to be lost", gateway)
        a.process.send_signal(signal.SIGCONT)
        wait_for(lambda: outcome(gateway, "digits") == ("OK", ""), "digits to return", gateway)


def test_the_fleet_document_is_followed_and_a_bad_edit_is_not(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("nlp", "N", {"sentiment": {}}) as n,
        run_gateway([("vision", a.address)], tmp_path) as gateway,
        open_channel(gateway.address) as channel,
    ):

        def v2(model: str) -> str:
            return call(channel, f"{V2}/ModelInfer", infer(model)).code.name

        assert v2("sentiment") == "NOT_FOUND"
        gateway.write_fleet([("vision", a.address), ("nlp", n.address)])
        wait_for(lambda: v2("sentiment") == "OK", "the new worker to answer", gateway)
        gateway.fleet.write_text("workers:\n  - domain: vision\n    adress: 127.0.0.1:1\n")
        wait_for(lambda: "workers[0].adress" in gateway.log("control_plane"), "the bad edit to be refused", gateway)
        assert ":3: " in gateway.log("control_plane")
        assert v2("sentiment") == v2("digits") == "OK"
        gateway.write_fleet([("nlp", n.address)])
        wait_for(lambda: v2("digits") == "NOT_FOUND", "the removed worker to be gone", gateway)
        assert v2("sentiment") == "OK"


def test_labels_of_the_fleet_document_are_applied_and_kept_applied(tmp_path: Path) -> None:
    with run_standin("vision", "A", DEFAULT) as a:
        workers = [("vision", a.address)]
        with run_gateway(workers, tmp_path, labels={"digits": {"stable": 1}, "elsewhere": {"x": 2}}) as gateway:
            wait_for(lambda: a.set()["labels"] == {"digits": {"stable": 1}}, "the label to arrive", gateway)
            assert a.set()["epoch"] == 1
            with open_channel(gateway.address) as channel:
                stub = fleet_pb2_grpc.FleetServiceStub(channel)

                def shown() -> dict[str, str]:
                    model = stub.GetModel(fleet_pb2.GetModelRequest(model="digits"), timeout=5).model
                    return dict(model.description.version_labels)

                wait_for(lambda: shown() == {"stable": "1"}, "the label to be shown", gateway)
            gateway.write_fleet(workers)
            wait_for(lambda: a.set()["labels"] == {}, "the label to be removed", gateway)


def test_watches_tell_of_changes(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, a, _ = pair
    with open_channel(gateway.address) as channel:
        watch = fleet_pb2_grpc.FleetServiceStub(channel).WatchModels(fleet_pb2.WatchModelsRequest(), timeout=20)
        assert next(watch).changed.description.name == "digits"
        assert next(watch).synced
        a.set(models={**DEFAULT, "faces": {}})
        assert next(watch).changed.description.name == "faces"
        a.set(models=DEFAULT)
        assert next(watch).removed == "faces"
        gateway.stop("control_plane")
        with pytest.raises(grpc.RpcError) as ended:
            next(watch)
    assert ended.value.code() == grpc.StatusCode.UNAVAILABLE
