# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What operators do to a fleet under load: stop workers, restart them in turn, replace models. Nobody must notice."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.load import Load, in_flight
from tests.e2e.replicas import Replicas, run_replicas
from tests.support.envoy import wait_for
from tests.support.fleet import copy_models

pytestmark = pytest.mark.failures

#: Of each kind; a restart of all is two.
EVENTS = 10
IN_FLIGHT = 16
REQUESTS = 3_000


def restart_in_turn(replicas: Replicas, load: Load, restarts: int) -> None:
    """Restarts workers by SIGTERM, one after the other, each while the others answer."""
    for restart in range(restarts):
        which = restart % len(replicas.workers)
        for each in range(len(replicas.workers)):
            load.answers_from(f"replica-{each}")
        assert replicas.stop(which) == 0
        load.more(REQUESTS // EVENTS // 2)
        replicas.start(which)
        load.answers_from(f"replica-{which}")
        load.more(REQUESTS // EVENTS // 2)


@pytest.mark.timeout(300)
def test_no_request_fails_and_none_needs_a_retry_when_all_workers_are_restarted_in_turn(tmp_path: Path) -> None:
    with (
        run_replicas(tmp_path, copy_models(tmp_path, "vision"), "--drain-s", "0.5") as (replicas, gateway),
        in_flight(gateway.address, IN_FLIGHT) as load,
    ):
        restart_in_turn(replicas, load, EVENTS)
        # Leaving the endpoints first is what spares the calls; a retry may save one where this machine was slow.
        assert gateway.stats("^cluster.domain/vision.upstream_rq_retry$").popitem()[1] <= EVENTS
    assert not load.failures, load.codes
    assert load.total >= REQUESTS


@pytest.mark.timeout(300)
def test_without_draining_and_retries_some_requests_fail_when_a_worker_stops(tmp_path: Path) -> None:
    repository = copy_models(tmp_path, "vision")
    options = ("--drain-s", "0", "--stop-grace-s", "0")
    with (
        run_replicas(tmp_path, repository, *options, module="tests.e2e.control_plane_without_retries") as (
            replicas,
            gateway,
        ),
        in_flight(gateway.address, IN_FLIGHT) as load,
    ):
        for _ in range(6 * EVENTS):  # one is enough as a rule, unless no call was there just as a worker stopped
            restart_in_turn(replicas, load, 1)
            if load.failures:
                break
    assert load.codes["UNAVAILABLE"] > 0, load.codes


def replace_model(repository: Path, version: int) -> None:
    """Adds a version, which takes over from the last; every other time changes the model's settings instead."""
    folder = repository / "digits"
    if version % 2 == 0:
        shutil.copytree(folder / "1", folder / f".{version}")
        (folder / f".{version}").rename(folder / str(version))
    else:
        fresh = folder / "model.yaml.new"
        fresh.write_text((folder / "model.yaml").read_text() + f"# {version}\n")
        fresh.rename(folder / "model.yaml")


def test_no_request_fails_when_a_model_is_replaced(tmp_path: Path) -> None:
    repository = copy_models(tmp_path, "vision")
    options = ("--repository-poll-s", "0.1", "--repository-settle-s", "0.1")
    with (
        run_replicas(tmp_path, repository, *options, count=1) as (replicas, gateway),
        in_flight(gateway.address, IN_FLIGHT) as load,
    ):
        (worker,) = replicas.workers
        for event in range(EVENTS):
            loaded = sum('"model ready"' in line for line in worker.log)
            load.more(REQUESTS // EVENTS // 2)
            replace_model(repository, 2 + event)
            wait_for(
                lambda loaded=loaded: sum('"model ready"' in line for line in worker.log) > loaded,
                "the model to be loaded again",
                gateway,
            )
            load.more(REQUESTS // EVENTS // 2)
        assert load.versions.keys() == {"1", *map(str, range(2, 2 + EVENTS, 2))}
    assert not load.failures, load.codes
    assert load.total >= REQUESTS
