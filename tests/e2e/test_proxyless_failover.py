# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers and control planes that die while gRPC clients call workers without a proxy. Every gRPC status is counted."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import grpc
import pytest

from tests.e2e.load import Question, in_flight
from tests.e2e.replicas import Replicas, end_in_turn, run_replicas
from tests.e2e.wire import open_channel, send
from tests.support import misbehaving
from tests.support.envoy import Gateway, wait_for
from tests.support.fleet import copy_models
from tests.support.proxyless import VISION_TARGET, run_control_plane, start_control_plane

pytestmark = pytest.mark.failures

EVENTS = 10
IN_FLIGHT = 32
#: For the sum of all events; a deadline of at least 1 s belongs to the claim.
REQUESTS = 3_000
WITHOUT_RETRIES = "tests.e2e.control_plane_without_retries"
MODEL = "double"
TENSORS = "/inference.GRPCInferenceService/ModelInfer"


@contextlib.contextmanager
def followed(folder: Path, module: str = "argosy_gateway") -> Iterator[tuple[Replicas, Gateway]]:
    """Runs two vision workers and the control plane that clients follow."""
    repository = copy_models(folder, "vision")
    with run_replicas(folder, repository, "--drain-s", "0", module=module, front=run_control_plane) as running:
        yield running


@pytest.mark.timeout(300)
@pytest.mark.parametrize("end", [Replicas.kill, Replicas.stop])
def test_no_request_fails_when_workers_are_ended_in_turn(tmp_path: Path, end: Callable[[Replicas, int], int]) -> None:
    with followed(tmp_path) as (pair, _), in_flight(VISION_TARGET, IN_FLIGHT) as load:
        end_in_turn(pair, load, partial(end, pair), EVENTS, REQUESTS // EVENTS)
    assert not load.failures, load.codes
    assert load.total >= REQUESTS


@pytest.mark.timeout(300)
def test_without_retries_some_requests_fail_when_workers_are_killed(tmp_path: Path) -> None:
    with followed(tmp_path, WITHOUT_RETRIES) as (pair, _), in_flight(VISION_TARGET, IN_FLIGHT) as load:
        for _ in range(EVENTS):
            end_in_turn(pair, load, pair.kill, 1, REQUESTS // EVENTS)
            if load.failures:
                break
    assert load.codes["UNAVAILABLE"] > 0, load.codes


@pytest.mark.timeout(300)
def test_no_request_fails_without_a_control_plane_though_workers_are_killed_and_stopped(tmp_path: Path) -> None:
    with followed(tmp_path) as (pair, gateway), in_flight(VISION_TARGET, IN_FLIGHT) as load:
        load.answers_from("replica-0")
        gateway.stop("control_plane", kill=True)
        end_in_turn(pair, load, pair.kill, EVENTS // 2, REQUESTS // EVENTS)
        end_in_turn(pair, load, pair.stop, EVENTS // 2, REQUESTS // EVENTS)
        start_control_plane(gateway)
        load.more(REQUESTS // EVENTS)
    assert not load.failures, load.codes
    assert load.total >= REQUESTS


@pytest.mark.timeout(300)
def test_a_call_that_ends_its_worker_ends_two_at_most(tmp_path: Path) -> None:
    repository = tmp_path / "tabular"
    misbehaving.add_misbehaving(repository, MODEL)
    environment = misbehaving.installed(tmp_path / "engines")
    question = Question(TENSORS, misbehaving.infer(MODEL, 3.0), MODEL, lambda answer: None)
    target = "xds:///argosy.tabular"
    with (
        run_replicas(
            tmp_path, repository, "--drain-s", "0", count=4, environment=environment, front=run_control_plane
        ) as (replicas, _),
        in_flight(target, 8, question=question) as load,
        open_channel(target) as channel,
    ):
        for which in range(4):
            load.answers_from(f"replica-{which}")
        poison = misbehaving.infer(MODEL, misbehaving.POISON)
        assert send(channel, TENSORS, poison, metadata=[("x-model", MODEL)]).code is grpc.StatusCode.UNAVAILABLE
        wait_for(lambda: len(replicas.ended()) == 2, "two workers to end")
        load.more(200)
        assert len(replicas.ended()) == 2
