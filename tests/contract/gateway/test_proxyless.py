# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""gRPC clients that call workers without a proxy, over ``xds:///argosy.DOMAIN``. No Envoy runs here."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import grpc
import pytest
from argosy_client import xds
from envoy.config.core.v3.base_pb2 import Node
from envoy.service.discovery.v3.ads_pb2_grpc import AggregatedDiscoveryServiceStub
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest

from tests.contract.gateway.calls import NLP, V2, VISION, Answer, Metadata, call, classify, infer, open_channel
from tests.contract.gateway.fleet import Standin, run_standin
from tests.contract.gateway.load import in_flight
from tests.support.envoy import Gateway, wait_for
from tests.support.proxyless import VISION_TARGET, run_control_plane

DEFAULT = {"digits": {"default_for": ["Classify"]}}
LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"

Three = tuple[Gateway, Standin, Standin, Standin]


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Three]:
    """Workers A and B with digits, B and C with faces; and their control plane."""
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", {**DEFAULT, "faces": {}}) as b,
        run_standin("vision", "C", {"faces": {}}) as c,
        run_control_plane([("vision", each.address) for each in (a, b, c)], tmp_path) as gateway,
    ):
        yield gateway, a, b, c


def ask(channel: grpc.Channel, *metadata: tuple[str, str], model: str = "", path: str = f"{VISION}/Classify") -> Answer:
    """One call."""
    return call(channel, path, infer(model) if V2 in path else classify(model), metadata=metadata)


def replicas(channel: grpc.Channel, *metadata: tuple[str, str], model: str = "", count: int = 40) -> Counter[str]:
    """Who answers some calls."""
    answers = [ask(channel, *metadata, model=model) for _ in range(count)]
    assert {answer.code.name for answer in answers} == {"OK"}, answers[0].details
    return Counter(answer.replica for answer in answers)


def connected(channel: grpc.Channel, model: str, expected: str) -> None:
    """Waits until a channel calls all replicas of a model: it connects to them one after the other."""
    wait_for(lambda: set(replicas(channel, ("x-model", model), model=model)) == set(expected), f"all of {expected}")


def test_calls_are_balanced_over_all_replicas_of_their_model_and_no_others(three: Three) -> None:
    with open_channel(VISION_TARGET) as channel:
        for metadata, model, expected in (
            ([("x-model", "digits")], "", "AB"),
            ([("x-model", "faces")], "faces", "BC"),
            ([], "digits", "AB"),  # the method's default model
            ([("x-model", "")], "digits", "AB"),
        ):
            connected(channel, model or "digits", expected)
            found = replicas(channel, *metadata, model=model)
            assert found.keys() == set(expected)
            assert min(found.values()) >= 15, found


def test_tensors_follow_x_model_on_the_channel_of_their_domain(three: Three) -> None:
    with open_channel(VISION_TARGET) as channel:
        answers = [ask(channel, ("x-model", "faces"), model="faces", path=f"{V2}/ModelInfer") for _ in range(20)]
    assert {answer.code.name for answer in answers} == {"OK"}
    assert {answer.replica for answer in answers} <= {"B", "C"}


def test_what_no_worker_has_is_refused_by_a_worker(three: Three) -> None:
    with open_channel(VISION_TARGET) as channel:
        assert ask(channel, ("x-model", "nope")).code is grpc.StatusCode.NOT_FOUND
        assert ask(channel, path=f"{VISION}/Nope").code is grpc.StatusCode.UNIMPLEMENTED


async def test_asyncio_clients_are_served_too(three: Three) -> None:
    async with in_flight(VISION_TARGET, "faces") as load:
        await load.more(100)
    assert load.codes.keys() == {"OK"}, load.failures[:3]
    assert load.replicas.keys() == {"B", "C"}


async def test_withdrawing_a_model_from_one_replica_fails_no_call(three: Three) -> None:
    _, a, b, _ = three
    async with in_flight(VISION_TARGET, "digits") as load:
        for flip in range(20):
            a.set(models={} if flip % 2 == 0 else DEFAULT)
            await load.more(20)
        a.set(models={"digits": {"state": "FAILED", "reason": "golden sample 1 differs"}})
        await load.more(50)
        load.replicas.clear()
        await load.more(50)
        assert load.replicas.keys() == {"B"}, "a replica that is no longer READY is no endpoint"
        a.set(models=DEFAULT)
        b.set(models={})
        await load.more(50)
    assert load.codes.keys() == {"OK"}, load.failures[:3]


async def test_a_worker_that_leaves_takes_no_new_calls_and_fails_none(three: Three) -> None:
    _, _, b, _ = three
    async with in_flight(VISION_TARGET, "digits", metadata=[("test-do", "sleep:0.02")]) as load:
        await load.more(50)
        b.set(draining=True)
        await load.more(50)
        b.process.kill()
        load.replicas.clear()
        await load.more(50)
    assert load.codes.keys() == {"OK"}, load.failures[:3]
    assert load.replicas.keys() == {"A"}


def received(standins: tuple[Standin, ...], model: str) -> int:
    """Attempts that have reached the workers."""
    return sum(each.set()["received"].get(model, 0) for each in standins)


def test_a_refusal_is_tried_elsewhere_and_an_overload_is_not(three: Three) -> None:
    _, *standins = three
    with open_channel(VISION_TARGET) as channel:
        connected(channel, "digits", "AB")
        for _ in range(10):  # one after the other: the next replica in turn gets the second attempt
            assert ask(channel, ("x-model", "digits"), ("test-do", "retry:B")).replica == "A"
        before = received(tuple(standins), "digits")
        for _ in range(10):
            answer = ask(channel, ("x-model", "digits"), ("test-do", "busy"))
            assert (answer.code, answer.details) == (grpc.StatusCode.UNAVAILABLE, "busy")
        assert received(tuple(standins), "digits") - before == 10
        before = received(tuple(standins), "digits")
        assert ask(channel, ("x-model", "digits"), ("test-do", "retry")).code is grpc.StatusCode.UNAVAILABLE
        assert received(tuple(standins), "digits") - before == 2, "no attempt after the second"


def test_the_python_clients_options_have_large_bodies_sent_again_too(three: Three) -> None:
    request, metadata = classify("", 15_000_000), [("x-model", "digits"), ("test-do", "retry:B")]
    with open_channel(VISION_TARGET, **dict(xds.options(VISION_TARGET))) as channel:
        connected(channel, "digits", "AB")
        answers = [call(channel, f"{VISION}/Classify", request, metadata=metadata) for _ in range(4)]
    assert [(answer.code.name, answer.replica) for answer in answers] == [("OK", "A")] * 4
    with open_channel(VISION_TARGET) as channel:
        connected(channel, "digits", "AB")
        answers = [call(channel, f"{VISION}/Classify", request, metadata=metadata) for _ in range(4)]
    assert grpc.StatusCode.UNAVAILABLE in {answer.code for answer in answers}, "the option is not needed any more"


async def test_the_python_clients_options_find_a_worker_that_hangs(three: Three) -> None:
    _, _, b, _ = three
    options, busy = xds.options(VISION_TARGET), [("test-do", "sleep:0.05")]
    async with in_flight(VISION_TARGET, "digits", metadata=busy, options=options) as load:
        await load.more(100)
        b.process.send_signal(signal.SIGSTOP)
        await load.more(400)
    assert load.codes.keys() == {"OK"}, load.failures[:3]


def test_workers_and_domains_that_come_later_are_found_on_open_channels(three: Three, tmp_path: Path) -> None:
    gateway, a, b, c = three
    vision = [("vision", each.address) for each in (a, b, c)]
    with (
        open_channel(VISION_TARGET) as channel,
        open_channel("xds:///argosy.nlp") as nlp,
        run_standin("vision", "D", {"cats": {}}) as d,
        run_standin("nlp", "N", {"sentiment": {}}) as n,
    ):
        metadata: Metadata = [("x-model", "sentiment")]
        assert ask(channel, ("x-model", "cats")).code is grpc.StatusCode.NOT_FOUND
        assert call(nlp, f"{NLP}/Classify", b"", metadata=metadata).code is grpc.StatusCode.UNAVAILABLE
        gateway.write_fleet([*vision, ("vision", d.address), ("nlp", n.address)])
        wait_for(lambda: ask(channel, ("x-model", "cats")).replica == "D", "cats to answer", gateway)
        wait_for(lambda: call(nlp, f"{NLP}/Classify", b"", metadata=metadata).replica == "N", "nlp to answer", gateway)
        gateway.write_fleet(vision)
        wait_for(lambda: ask(channel, ("x-model", "cats")).code.name == "NOT_FOUND", "cats to be gone", gateway)


class Held:
    """Requests of a stream that stays open until the end of a block."""

    def __init__(self, *requests: DiscoveryRequest) -> None:
        self._requests = iter(requests)
        self._end = threading.Event()

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()

    def __iter__(self) -> Iterator[DiscoveryRequest]:
        yield from self._requests
        self._end.wait(30)


def first_request(user_agent: str, *names: str) -> DiscoveryRequest:
    """What opens a stream."""
    return DiscoveryRequest(type_url=LISTENER, node=Node(id="n", user_agent_name=user_agent), resource_names=names)


def test_streams_and_requests_beyond_the_limits_are_refused_with_a_reason(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_control_plane([("vision", a.address)], tmp_path, "--max-ads-streams", "2") as gateway,
        open_channel(gateway.control_plane) as channel,
        ExitStack() as stack,
    ):
        method = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"

        def stream(*requests: DiscoveryRequest) -> Answer:
            return call(channel, method, *requests)

        too_large = stream(first_request("gRPC", *map(str, range(5000))))
        assert too_large.refused()[:2] == ("RESOURCE_EXHAUSTED", "REQUEST_TOO_LARGE")
        stub = AggregatedDiscoveryServiceStub(channel)
        requests = [stack.enter_context(Held(first_request("gRPC C-core", "argosy.vision"))) for _ in range(2)]
        held = [stub.StreamAggregatedResources(iter(each), timeout=20) for each in requests]
        assert [len(next(each).resources) for each in held] == [1, 1]
        refused = stream(first_request("gRPC Go", "argosy.vision"))
        assert refused.refused()[:2] == ("RESOURCE_EXHAUSTED", "TOO_MANY_STREAMS")
        assert stream(first_request("envoy")).code is grpc.StatusCode.OK, "Envoy has a limit of its own"
        for each in held:
            each.cancel()
        wait_for(lambda: stream(first_request("gRPC Go", "argosy.vision")).code.name == "OK", "a stream to be free")
