# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers and control planes that die while gRPC clients call workers without a proxy. Every gRPC status is counted."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.load import Load, in_flight
from tests.support.envoy import Gateway
from tests.support.fleet import copy_models
from tests.support.proxyless import VISION_TARGET, run_control_plane, start_control_plane
from tests.support.worker import WorkerProcess, run_worker

EVENTS = 10
IN_FLIGHT = 32
#: For the sum of all events; a deadline of at least 1 s belongs to the claim.
REQUESTS = 3_000


class Pair:
    """Two vision workers with the same model, named replica-0 and replica-1."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self._repository = copy_models(folder, "vision")
        self._stack = stack
        self.workers = [self._run(which) for which in range(2)]

    def kill(self, which: int) -> None:
        """SIGKILL: connections break in the middle of calls."""
        self.workers[which].process.kill()
        self.workers[which].process.wait()

    def terminate(self, which: int) -> None:
        """SIGTERM; returns once the worker has ended of itself."""
        self.workers[which].process.terminate()
        assert self.workers[which].process.wait(60) == 0

    def start(self, which: int) -> None:
        """Starts one that has ended again on its port; returns once it serves."""
        self.workers[which] = self._run(which, self.workers[which].port)

    def _run(self, which: int, port: int = 0) -> WorkerProcess:
        options = ("--drain-s", "0", "--replica", f"replica-{which}")
        return self._stack.enter_context(run_worker("vision", self._repository, *options, port=port))


@contextlib.contextmanager
def run_pair(folder: Path, module: str = "argosy_gateway") -> Iterator[tuple[Pair, Gateway]]:
    """Runs a pair of workers and the control plane that clients follow."""
    (folder / "control").mkdir()
    with contextlib.ExitStack() as stack:
        pair = Pair(folder, stack)
        addresses = [("vision", worker.address) for worker in pair.workers]
        with run_control_plane(addresses, folder / "control", module=module) as gateway:
            yield pair, gateway


def end_in_turn(pair: Pair, load: Load, end: Callable[[int], None], events: int) -> None:
    """Ends the two in turn, each while the other answers, and waits until the ended one answers again."""
    for event in range(events):
        which = event % 2
        load.answers_from("replica-0")
        load.answers_from("replica-1")
        load.more(REQUESTS // EVENTS // 3)
        end(which)
        load.more(REQUESTS // EVENTS)
        pair.start(which)
        load.answers_from(f"replica-{which}")


@pytest.mark.timeout(300)
def test_no_request_fails_when_workers_are_killed(tmp_path: Path) -> None:
    with run_pair(tmp_path) as (pair, _), in_flight(VISION_TARGET, IN_FLIGHT) as load:
        end_in_turn(pair, load, pair.kill, EVENTS)
    assert not load.failures, load.codes
    assert load.total >= REQUESTS


@pytest.mark.timeout(300)
def test_without_retries_some_requests_fail_when_workers_are_killed(tmp_path: Path) -> None:
    with (
        run_pair(tmp_path, "tests.e2e.control_plane_without_retries") as (pair, _),
        in_flight(VISION_TARGET, IN_FLIGHT) as load,
    ):
        for _ in range(EVENTS):
            end_in_turn(pair, load, pair.kill, 1)
            if load.failures:
                break
    assert load.codes["UNAVAILABLE"] > 0, load.codes


@pytest.mark.timeout(300)
def test_no_request_fails_when_all_workers_are_restarted_again_and_again(tmp_path: Path) -> None:
    with run_pair(tmp_path) as (pair, _), in_flight(VISION_TARGET, IN_FLIGHT) as load:
        end_in_turn(pair, load, pair.terminate, EVENTS)
    assert not load.failures, load.codes
    assert load.total >= REQUESTS


@pytest.mark.timeout(300)
def test_no_request_fails_without_a_control_plane_though_workers_are_killed_and_stopped(tmp_path: Path) -> None:
    with run_pair(tmp_path) as (pair, gateway), in_flight(VISION_TARGET, IN_FLIGHT) as load:
        load.answers_from("replica-0")
        gateway.stop("control_plane", kill=True)
        end_in_turn(pair, load, pair.kill, EVENTS // 2)
        end_in_turn(pair, load, pair.terminate, EVENTS // 2)
        start_control_plane(gateway)
        load.more(REQUESTS // EVENTS)
    assert not load.failures, load.codes
    assert load.total >= REQUESTS
