# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers and control planes that die, with requests in flight. Every gRPC status is counted."""

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from argosy import v2
from argosy_client import Argosy, ArgosyError, UnavailableError

from tests.e2e.load import in_flight
from tests.e2e.replicas import Replicas, end_in_turn, run_replicas
from tests.e2e.requests import GOOD, IMAGES, check_answer, images, pixels
from tests.e2e.wire import Outcome, open_channel, send
from tests.support.envoy import Gateway, run_gateway, wait_for
from tests.support.fleet import copy_models, run_workers
from tests.support.models import add_model
from tests.support.worker import run_worker

KILLS = 10
IN_FLIGHT = 32
#: For the sum of all events; a deadline of at least 1 s belongs to the claim.
REQUESTS = 3_000


@contextlib.contextmanager
def run_pair(folder: Path, module: str = "argosy_gateway") -> Iterator[tuple[Replicas, Gateway]]:
    """Runs two vision workers with the same model behind a gateway."""
    with run_replicas(folder, copy_models(folder, "vision"), "--drain-s", "0", module=module) as running:
        yield running


@pytest.mark.timeout(300)
def test_no_request_fails_when_workers_are_killed(tmp_path: Path) -> None:
    with run_pair(tmp_path) as (pair, gateway), in_flight(gateway.address, IN_FLIGHT) as load:
        end_in_turn(pair, load, pair.kill, KILLS, REQUESTS // KILLS)
    assert not load.failures, load.codes
    assert load.total >= REQUESTS


@pytest.mark.timeout(300)
def test_without_retries_some_requests_fail_when_workers_are_killed(tmp_path: Path) -> None:
    with (
        run_pair(tmp_path, "tests.e2e.control_plane_without_retries") as (pair, gateway),
        in_flight(gateway.address, IN_FLIGHT) as load,
    ):
        for _ in range(KILLS):
            end_in_turn(pair, load, pair.kill, 1, REQUESTS // KILLS)
            if load.failures:
                break
    assert load.codes["UNAVAILABLE"] > 0, load.codes


def test_without_a_control_plane_models_answer_and_a_new_one_takes_over(tmp_path: Path) -> None:
    added = copy_models(tmp_path / "added", "tabular")
    with run_pair(tmp_path) as (pair, gateway), Argosy(gateway.address, timeout_s=30) as argosy:
        gateway.stop("control_plane", kill=True)
        with in_flight(gateway.address, 8) as load:
            with pytest.raises(UnavailableError):
                argosy.models()
            with pytest.raises(UnavailableError):
                argosy.health()
            load.more(2_000)
        assert not load.failures, load.codes
        with run_worker("tabular", added, "--drain-s", "0") as worker:
            workers = [("vision", each.address) for each in pair.workers]
            gateway.write_fleet([*workers, ("tabular", worker.address)])
            gateway.start_control_plane()
            _wait_for_answer(gateway, "tabular")
            assert {model.name for model in argosy.models()} == {"digits", "diabetes"}


def test_a_model_whose_only_worker_is_gone_is_not_ready_and_answers_when_it_is_back(tmp_path: Path) -> None:
    repository = copy_models(tmp_path, "vision")
    folder = tmp_path / "gateway"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        worker = stack.enter_context(run_worker("vision", repository, "--drain-s", "0"))
        gateway = stack.enter_context(run_gateway([("vision", worker.address)], folder))
        channel = stack.enter_context(open_channel(gateway.address))
        check_answer(GOOD["vision"], _send_good(channel, "vision"))
        worker.process.kill()
        wait_for(lambda: _send_good(channel, "vision").problem.reason == "MODEL_NOT_READY", "the loss to be noticed")
        for metadata in ((), (("x-model", "digits"),)):
            outcome = send(channel, IMAGES, GOOD["vision"].message(), metadata=metadata)
            assert outcome.refused() == ("UNAVAILABLE", "MODEL_NOT_READY")
            assert outcome.problem.metadata["state"] == "UNREACHABLE"
        assert send(channel, IMAGES, images(model="nope")).refused() == ("NOT_FOUND", "MODEL_NOT_FOUND")
        stack.enter_context(run_worker("vision", repository, "--drain-s", "0", port=worker.port))
        _wait_for_answer(gateway, "vision")


def test_a_lone_worker_that_misses_its_health_checks_fails_no_call(tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    with (
        run_worker("vision", copy_models(tmp_path, "vision"), "--drain-s", "0") as worker,
        run_gateway([("vision", worker.address)], tmp_path / "gateway") as gateway,
    ):
        # It would take the worker for gone, and rightly, if this machine let the stall last for too long.
        gateway.stop("control_plane", kill=True)
        with in_flight(gateway.address, 16, deadline_s=60) as load:
            load.more(100)
            late = _failed_checks(gateway) + 2
            worker.process.send_signal(signal.SIGSTOP)
            try:
                wait_for(lambda: _failed_checks(gateway) >= late, "missed health checks", gateway)
            finally:
                worker.process.send_signal(signal.SIGCONT)
            load.more(300)
    assert not load.failures, load.codes


def _failed_checks(gateway: Gateway) -> int:
    (count,) = gateway.stats("^cluster.domain/vision.health_check.failure$").values()
    return count


def test_a_worker_that_a_control_plane_watches_stops_as_soon_as_its_calls_are_done(tmp_path: Path) -> None:
    (tmp_path / "gateway").mkdir()
    with (
        run_worker("vision", copy_models(tmp_path, "vision"), "--drain-s", "0", "--stop-grace-s", "90") as worker,
        run_gateway([("vision", worker.address)], tmp_path / "gateway") as gateway,
    ):
        _wait_for_answer(gateway, "vision")
        worker.process.terminate()
        assert worker.process.wait(60) == 0


def _send_good(channel: grpc.Channel, domain: str) -> Outcome:
    return send(channel, GOOD[domain].path, GOOD[domain].message())


def _wait_for_answer(gateway: Gateway, domain: str) -> None:
    with open_channel(gateway.address) as channel:
        wait_for(lambda: _send_good(channel, domain).code is grpc.StatusCode.OK, f"{domain} to answer", gateway)
        check_answer(GOOD[domain], _send_good(channel, domain))


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, dict[str, str]]]:
    """A gateway before two vision workers with different models, and the replica of each model."""
    folder = tmp_path_factory.mktemp("apart")
    repositories = []
    for suffix in ("a", "b"):
        repository = copy_models(folder / suffix, "vision", f"digits-{suffix}")
        add_model(repository, f"wide-{suffix}", shape=("batch", "width"))
        repositories.append(("vision", repository))
    with run_workers(repositories, "--drain-s", "0") as workers:
        replicas = {}
        for suffix, worker in zip(("a", "b"), workers, strict=True):
            with open_channel(worker.address) as direct:
                answer = send(direct, IMAGES, images(model=f"digits-{suffix}"))
                replicas[f"digits-{suffix}"] = replicas[f"wide-{suffix}"] = str(answer.trailers["argosy-replica"])
        (folder / "gateway").mkdir()
        with run_gateway([("vision", worker.address) for worker in workers], folder / "gateway") as gateway:
            yield gateway, replicas


def _tensor(model: str, size_bytes: int) -> bytes:
    request = v2.message("ModelInferRequest")(model_name=model)
    request.inputs.add(name="x", datatype="FP32", shape=[1, size_bytes // 4])
    request.raw_input_contents.append(np.full(size_bytes // 4, 1.5, np.float32).tobytes())
    raw: bytes = request.SerializeToString()
    return raw


@pytest.mark.parametrize("model", ["digits-a", "digits-b"])
@pytest.mark.parametrize(
    ("side", "header", "compressed", "calls"),
    [(8, False, False, 5), (8, False, True, 5), (8, True, True, 5), (2240, False, True, 1), (4470, True, False, 1)],
    ids=["small", "small gzip", "small gzip with header", "15 MB gzip", "60 MB with header"],
)
def test_typed_requests_of_any_size_reach_the_worker_of_their_model(
    apart: tuple[Gateway, dict[str, str]], model: str, side: int, header: bool, compressed: bool, calls: int
) -> None:
    gateway, replicas = apart
    request = pixels(bytes(side * side * 3), side, side, 3)
    request.model = model
    metadata = [("x-model", model)] if header else []
    with open_channel(gateway.address) as channel:
        outcomes = [send(channel, IMAGES, request, gzip=compressed, metadata=metadata) for _ in range(calls)]
    assert [(outcome.code.name, outcome.trailers.get("argosy-replica")) for outcome in outcomes] == [
        ("OK", replicas[model])
    ] * calls, outcomes[0].details


@pytest.mark.parametrize("model", ["wide-a", "wide-b"])
@pytest.mark.parametrize(("mebibytes", "header"), [(1, False), (15, False), (60, True)])
def test_tensors_of_any_size_reach_the_worker_of_their_model(
    apart: tuple[Gateway, dict[str, str]], model: str, mebibytes: int, header: bool
) -> None:
    gateway, replicas = apart
    metadata = [("x-model", model)] if header else []
    with open_channel(gateway.address) as channel:
        path = f"/{v2.SERVICE}/ModelInfer"
        outcome = send(channel, path, _tensor(model, mebibytes << 20), metadata=metadata)
    assert (outcome.code.name, outcome.trailers.get("argosy-replica")) == ("OK", replicas[model]), outcome.details
    answer = v2.message("ModelInferResponse").FromString(outcome.answer)
    assert np.frombuffer(answer.raw_output_contents[0], np.float32)[[0, -1]].tolist() == [3.0, 3.0]


def test_the_client_reaches_models_of_both_workers(apart: tuple[Gateway, dict[str, str]]) -> None:
    gateway, replicas = apart
    picture = np.zeros((28, 28), np.uint8)
    with Argosy(gateway.address, timeout_s=30) as argosy:
        for model in ("digits-a", "digits-b"):
            assert argosy.vision.classify(picture, model=model).timing.replica == replicas[model]
        with pytest.raises(ArgosyError) as error:
            argosy.vision.classify(picture, model="wide-a")
    assert (error.value.code.name, error.value.reason) == ("FAILED_PRECONDITION", "METHOD_NOT_SUPPORTED")
