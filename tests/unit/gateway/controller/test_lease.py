# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One controller of several is active, and each that is has a higher epoch."""

import asyncio
import copy
import datetime
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from argosy_gateway.controller.election import Leadership
from argosy_gateway.controller.lease import CountedLock, Times
from kubernetes import client, config

from tests.support.waiting import until

QUICK = Times(duration_s=4, renew_deadline_s=2, retry_s=1, request_s=1.0)


AWAY = urllib3.exceptions.MaxRetryError(None, "", "connection refused")  # type: ignore[arg-type]
PAGE = json.JSONDecodeError("Expecting value", "<html>", 0)
NO_TOKEN = config.ConfigException("Token file exists but empty.")


class Server:
    """The Leases of an API server, which may be away."""

    def __init__(self) -> None:
        self.lease: Any = None
        self.version = 0
        self.trouble: Exception | None = None
        self.calls = 0
        self.timeouts: set[float] = set()
        self._lock = threading.Lock()
        self.reads: dict[int, int] = {}
        """By thread."""

    def read_namespaced_lease(self, _name: str, _namespace: str, _request_timeout: float) -> Any:
        self._called(_request_timeout)
        self.reads[threading.get_ident()] = self.reads.get(threading.get_ident(), 0) + 1
        if self.lease is None:
            error = client.ApiException(status=404)
            error.body = '{"code": 404}'
            raise error
        return copy.deepcopy(self.lease)

    def create_namespaced_lease(self, _namespace: str, body: Any, _request_timeout: float) -> Any:
        self._called(_request_timeout)
        with self._lock:
            if self.lease is not None:
                raise client.ApiException(status=409)
            body.metadata = client.V1ObjectMeta(name="lease", resource_version="0")
            self.lease = copy.deepcopy(body)
        return body

    def replace_namespaced_lease(self, name: str, namespace: str, body: Any, _request_timeout: float) -> Any:
        self._called(_request_timeout)
        with self._lock:
            if body.metadata.resource_version != str(self.version):
                raise client.ApiException(status=409)
            self.version += 1
            body.metadata.resource_version = str(self.version)
            self.lease = copy.deepcopy(body)
        return body

    def _called(self, timeout: float) -> None:
        self.timeouts.add(timeout)
        self.calls += 1
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    found = Server()
    monkeypatch.setattr(client, "CoordinationV1Api", lambda *_: found)
    yield found
    found.trouble = RuntimeError("the test is over")  # leaves the client's election, whose thread ends with its loop


def candidate(identity: str) -> Leadership:
    return Leadership(CountedLock(client.ApiClient(), "fleet", identity, QUICK.request_s), QUICK)


def lease(identity: str, transitions: int) -> client.V1Lease:
    """A Lease that somebody has held until a moment ago, and no longer renews."""
    now = datetime.datetime.now(datetime.UTC)
    spec = client.V1LeaseSpec(
        holder_identity=identity,
        lease_duration_seconds=QUICK.duration_s,
        acquire_time=now,
        renew_time=now,
        lease_transitions=transitions,
    )
    return client.V1Lease(metadata=client.V1ObjectMeta(name="lease", resource_version="0"), spec=spec)


async def becomes(leadership: Leadership, epoch: int) -> None:
    async with asyncio.timeout(20):
        async for found in leadership.epoch.changes():
            if found == epoch:
                return


async def test_one_is_active_and_the_next_has_a_higher_epoch(server: Server) -> None:
    first, second = candidate("first"), candidate("second")
    first.start()
    await becomes(first, 1)
    before = set(server.reads)
    second.start()
    await until(lambda: any(server.reads[thread] >= 2 for thread in set(server.reads) - before), 20)
    assert second.epoch.value == 0
    await first.stop()
    await becomes(second, 2)
    assert server.lease.spec.holder_identity == "second"
    assert server.timeouts == {1.0}, "no request waits for ever"


@pytest.mark.parametrize("trouble", [AWAY, PAGE, NO_TOKEN, RuntimeError("a defect")])
async def test_an_api_server_that_is_away_ends_the_term_and_the_next_has_another_epoch_only_with_another_holder(
    server: Server, trouble: Exception
) -> None:
    leadership = candidate("first")
    leadership.start()
    await becomes(leadership, 1)
    server.trouble = trouble
    await becomes(leadership, 0)
    server.trouble = None
    await becomes(leadership, 1)
    assert server.lease.spec.holder_identity == "first"


@pytest.mark.parametrize("trouble", [AWAY, PAGE, NO_TOKEN])
async def test_one_renewal_that_comes_to_nothing_does_not_end_a_term(server: Server, trouble: Exception) -> None:
    leadership = candidate("first")
    leadership.start()
    await becomes(leadership, 1)
    server.trouble, before = trouble, server.calls
    await until(lambda: server.calls > before, 20)
    server.trouble, renewed = None, server.version
    await until(lambda: server.version > renewed or leadership.epoch.value == 0, 20)
    assert leadership.epoch.value == 1


async def test_a_lease_that_somebody_deletes_is_made_again_and_counts_on(server: Server) -> None:
    server.lease = lease("another", transitions=4)
    first = candidate("first")
    first.start()
    await becomes(first, 6)
    server.lease, server.version = None, 0
    await becomes(first, 7)
    assert server.lease.spec.holder_identity == "first"


async def test_an_epoch_is_put_above_one_that_others_know_and_stays_there(server: Server) -> None:
    first, second = candidate("first"), candidate("second")
    first.start()
    await becomes(first, 1)
    first.raise_above(7)
    await becomes(first, 8)
    first.raise_above(3)
    first.raise_above(1 << 40)  # the Lease cannot count so far
    renewed = server.version
    await until(lambda: server.version > renewed, 20)
    assert first.epoch.value == 8
    second.start()
    await first.stop()
    await becomes(second, 9)


async def test_who_does_not_hold_the_lease_raises_nothing(server: Server) -> None:
    server.lease = lease("another", transitions=4)
    first, before = candidate("first"), copy.deepcopy(server.lease.spec)
    first.raise_above(7)
    first.start()
    await until(lambda: server.calls >= 2, 20)
    assert server.lease.spec == before


async def test_a_controller_whose_event_loop_hangs_loses_the_lease_to_another(server: Server) -> None:
    """Both the election's thread and the connection to the API server are as well as ever."""
    first, taken, over = candidate("first"), threading.Event(), threading.Event()

    async def take_over() -> None:
        second = candidate("second")
        second.start()
        await becomes(second, 2)
        taken.set()
        await asyncio.to_thread(over.wait)

    first.start()
    await becomes(first, 1)
    other = threading.Thread(target=lambda: asyncio.run(take_over()))
    other.start()
    try:
        assert taken.wait(20), "nobody took over"  # blocks the loop of the first
        assert (first.held, first.epoch.value) == (0, 1), "its event loop has not heard of it"
        await becomes(first, 0)
    finally:
        over.set()
        other.join()
    assert server.lease.spec.holder_identity == "second"
