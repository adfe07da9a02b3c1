# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How Envoy shares a model's calls out: by weight between versions, by session between replicas, and as copies."""

import json
import math
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from argosy_gateway.resources.clusters import SHADOWS

from tests.contract.gateway.calls import V2, VISION, Answer, Metadata, call, classify, infer, open_channel
from tests.contract.gateway.fleet import Standin, run_standin
from tests.contract.gateway.standin import message
from tests.support.envoy import Gateway, run_gateway, wait_for

CALLS = 600
MODELS: dict[str, Any] = {
    "digits": {"default_for": ["Classify"], "versions": [1, 2]},
    "copied": {"default_for": ["Embed"], "versions": [1, 2]},
    "slow": {"versions": [1, 2]},
    "plain": {},
}
TRAFFIC = {
    "digits": {"labels": {"stable": 1, "canary": 2}, "traffic": {"split": {"stable": 80, "canary": 20}}},
    "copied": {"traffic": {"mirror": {"2": 25}}},
    "slow": {"traffic": {"mirror": {"2": 100}}},
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Standin, Standin, Standin]]:
    """Three vision workers: two with all models, and one that has nothing but the first version of digits."""
    with (
        run_standin("vision", "A", MODELS) as a,
        run_standin("vision", "B", MODELS) as b,
        run_standin("vision", "C", {"digits": {"default_for": ["Classify"]}}) as c,
        run_gateway(
            [(each.domain, each.address) for each in (a, b, c)], tmp_path_factory.mktemp("gateway"), models=TRAFFIC
        ) as gateway,
    ):
        yield gateway, a, b, c


@pytest.fixture(scope="module")
def channel(fleet: tuple[Gateway, Standin, Standin, Standin]) -> Iterator[grpc.Channel]:
    with open_channel(fleet[0].address) as opened:
        yield opened


def near(count: int, calls: int, part: float) -> bool:
    """Whether a count is within 4.5 standard deviations of its part: chance misses that once in 150,000 times."""
    return abs(count - calls * part) <= 4.5 * math.sqrt(calls * part * (1 - part))


def seen(answer: Answer) -> dict[str, str]:
    """The metadata that the worker got."""
    found: dict[str, str] = json.loads(answer.trailers["test-seen"])
    return found


def version(answer: Answer) -> str:
    """The version that the worker was told to use."""
    assert answer.code is grpc.StatusCode.OK, answer.details
    return seen(answer).get("argosy-version", "")


@pytest.mark.parametrize(
    ("path", "request_message", "metadata"),
    [
        (f"{VISION}/Classify", classify(), [("x-model", "digits")]),
        (f"{VISION}/Classify", classify("digits"), []),
        (f"{VISION}/Classify", classify(), []),
        (f"{V2}/ModelInfer", infer("digits"), [("x-model", "digits")]),
        (f"{V2}/ModelInfer", infer("digits"), []),
    ],
    ids=["typed by x-model", "typed by message", "typed default", "V2 by x-model", "V2 by message"],
)
def test_calls_are_split_by_weight_however_they_name_their_model(
    channel: grpc.Channel, path: str, request_message: Any, metadata: Metadata
) -> None:
    answers = [call(channel, path, request_message, metadata=metadata) for _ in range(CALLS)]
    versions = Counter(map(version, answers))
    assert versions.keys() == {"1", "2"}
    assert near(versions["2"], CALLS, 0.2), versions
    holders = {(version(answer), answer.replica) for answer in answers}
    assert holders == {("1", "A"), ("1", "B"), ("1", "C"), ("2", "A"), ("2", "B")}, "only those that have the version"


def test_compressed_calls_are_split_too(channel: grpc.Channel) -> None:
    versions = Counter(version(call(channel, f"{VISION}/Classify", classify("digits"), gzip=True)) for _ in range(200))
    assert near(versions["2"], 200, 0.2), versions


def test_a_call_that_asks_for_a_version_gets_it(channel: grpc.Channel) -> None:
    for metadata in ([("x-model", "digits")], []):
        asked = [("argosy-version", "canary"), *metadata]
        answers = [call(channel, f"{VISION}/Classify", classify("digits"), metadata=asked) for _ in range(20)]
        assert {version(answer) for answer in answers} == {"canary"}


def test_an_empty_version_asks_for_none(channel: grpc.Channel) -> None:
    metadata = [("argosy-version", ""), ("x-model", "digits")]
    assert version(call(channel, f"{VISION}/Classify", classify(), metadata=metadata)) in ("1", "2")


def test_models_without_traffic_are_not_told_a_version(channel: grpc.Channel) -> None:
    for metadata in ([("x-model", "plain")], [("x-model", "plain"), ("argosy-session", "s")]):
        assert version(call(channel, f"{VISION}/Classify", classify(), metadata=metadata)) == ""


def test_questions_about_a_model_are_answered_by_its_largest_version(channel: grpc.Channel) -> None:
    for metadata in ([("x-model", "digits")], []):
        question = message("inference.ModelMetadataRequest")(name="digits")
        answers = [call(channel, f"{V2}/ModelMetadata", question, metadata=metadata) for _ in range(30)]
        assert {version(answer) for answer in answers} == {"1"}


def test_a_session_stays_with_its_replica_and_version_and_sessions_are_spread(channel: grpc.Channel) -> None:
    places: dict[int, set[tuple[str, str]]] = {}
    for number in range(120):
        metadata = [("x-model", "digits"), ("argosy-session", f"session-{number}")]
        answers = [
            call(channel, f"{VISION}/Classify", classify(), metadata=metadata),
            call(channel, f"{VISION}/Classify", classify("digits"), metadata=metadata[1:]),
            call(channel, f"{V2}/ModelInfer", infer("digits"), metadata=metadata),
        ]
        places[number] = {(answer.replica, version(answer)) for answer in answers}
    assert {len(found) for found in places.values()} == {1}, places
    versions = Counter(version for ((_, version),) in places.values())
    assert near(versions["2"], 120, 0.2), versions
    replicas = Counter(replica for ((replica, _),) in places.values())
    assert replicas.keys() == {"A", "B", "C"}


def test_a_session_never_meets_a_replica_without_its_model(channel: grpc.Channel) -> None:
    replicas = set()
    for number in range(60):
        metadata = [("x-model", "plain"), ("argosy-session", f"session-{number}")]
        answer = call(channel, f"{VISION}/Classify", classify(), metadata=metadata)
        assert answer.code is grpc.StatusCode.OK, answer.details
        replicas.add(answer.replica)
    assert replicas == {"A", "B"}


def copies(*workers: Standin) -> list[dict[str, str]]:
    return [each for worker in workers for each in worker.set()["shadows"]]


def test_a_part_of_the_calls_is_copied_and_nobody_notices(fleet: tuple[Gateway, Standin, Standin, Standin]) -> None:
    gateway, *workers = fleet
    before = len(copies(*workers))
    kinds = (
        (f"{VISION}/Classify", classify("copied"), [("x-model", "copied")]),
        (f"{VISION}/Classify", classify("copied"), []),
        (f"{VISION}/Embed", message("argosy.vision.v1.EmbedRequest")(), []),
        (f"{V2}/ModelInfer", infer("copied"), []),
    )
    with open_channel(gateway.address) as channel:
        for path, request, metadata in kinds:
            metadata = [*metadata, ("argosy-shadow", "1"), ("test-do", "copies-fail:INTERNAL")]
            for _ in range(CALLS // 4):
                answer = call(channel, path, request, metadata=metadata)
                assert version(answer) == "", "a call goes where it would have gone"
                assert "argosy-shadow" not in seen(answer), "callers cannot make copies themselves"
    wait_for(lambda: near(len(copies(*workers)) - before, CALLS, 0.25), "copies to arrive", gateway)
    made = copies(*workers)[before:]
    assert {(each["argosy-shadow"], each["argosy-version"], each["x-model"]) for each in made} == {("1", "2", "copied")}
    assert {each["path"] for each in made} == {path for path, _, _ in kinds}


def test_questions_and_streams_are_not_copied(fleet: tuple[Gateway, Standin, Standin, Standin]) -> None:
    gateway, *_ = fleet
    before = gateway.stats("^cluster.shadow/copied/2.upstream_rq_total$")
    with open_channel(gateway.address) as channel:
        for _ in range(40):
            call(channel, f"{V2}/ModelReady", message("inference.ModelReadyRequest")(name="copied"))
            call(channel, f"{V2}/ModelStreamInfer", infer("copied"), infer("copied"))
    assert gateway.stats("^cluster.shadow/copied/2.upstream_rq_total$") == before


def test_a_version_that_is_slow_with_copies_gets_no_more_than_so_many(
    fleet: tuple[Gateway, Standin, Standin, Standin],
) -> None:
    gateway, *_ = fleet
    with open_channel(gateway.address) as channel:
        metadata = [("x-model", "slow"), ("test-do", "copies-sleep:60")]
        for _ in range(SHADOWS + 50):  # an answer that comes before its request has ended also ends the copy
            assert version(call(channel, f"{VISION}/Classify", classify("slow"), metadata=metadata, timeout=60)) == ""
        (active,) = gateway.stats("^cluster.shadow/slow/2.upstream_rq_active$").values()
        (refused,) = gateway.stats("^cluster.shadow/slow/2.upstream_rq_active_overflow$").values()
    assert active == SHADOWS
    assert refused > 0


def test_a_version_that_fails_everywhere_gives_its_calls_to_the_others_until_it_is_back(tmp_path: Path) -> None:
    versions = {"versions": [1, 2]}
    with (
        run_standin("vision", "A", {"digits": versions}) as a,
        run_gateway([("vision", a.address)], tmp_path, models={"digits": TRAFFIC["digits"]}) as gateway,
        open_channel(gateway.address) as channel,
    ):

        def found() -> set[str]:
            metadata = [("x-model", "digits")]
            answers = [call(channel, f"{VISION}/Classify", classify(), metadata=metadata) for _ in range(40)]
            # Endpoints are withdrawn before routes follow: in between the version's share is refused.
            return {version(each) if each.code is grpc.StatusCode.OK else each.code.name for each in answers}

        wait_for(lambda: found() == {"1", "2"}, "both versions", gateway)
        a.set(models={"digits": {**versions, "failed": [2]}})
        wait_for(lambda: found() == {"1"}, "the canary to be left out", gateway)
        a.set(models={"digits": {**versions, "failed": [1]}})
        wait_for(lambda: found() == {"2"}, "the stable one to be left out", gateway)
        a.set(models={"digits": versions})
        wait_for(lambda: found() == {"1", "2"}, "both versions again", gateway)


def test_callers_with_many_bytes_do_not_wait_for_a_mirror_that_hangs(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", {"big": {"versions": [1]}}) as a,
        run_standin("vision", "B", {"big": {"versions": [2]}}) as b,
        run_gateway(
            [("vision", a.address), ("vision", b.address)],
            tmp_path,
            models={"big": {"traffic": {"split": {1: 100}, "mirror": {2: 100}}}},
        ) as gateway,
        open_channel(gateway.address) as channel,
    ):
        request, metadata = infer("big", 8 << 20), [("x-model", "big")]
        assert version(call(channel, f"{V2}/ModelInfer", request, metadata=metadata)) == "1"
        wait_for(lambda: len(copies(b)) == 1, "a copy", gateway)
        gateway.stop("control_plane", kill=True)  # which would notice that it hangs
        b.process.send_signal(signal.SIGSTOP)
        seconds = []
        for _ in range(9):
            began = time.monotonic()
            answer = call(channel, f"{V2}/ModelInfer", request, metadata=metadata)
            assert answer.code is grpc.StatusCode.OK, answer.details
            seconds.append(time.monotonic() - began)
        b.process.send_signal(signal.SIGCONT)
    assert statistics.median(seconds) < 0.75, seconds
