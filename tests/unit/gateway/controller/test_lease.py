# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One controller of several is active, and each that is has a higher epoch."""

import asyncio
import copy
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from argosy_gateway.controller.lease import CountedLock, Leadership, Times
from kubernetes import client, config

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
    found.trouble = AWAY


def candidate(identity: str) -> Leadership:
    return Leadership(CountedLock(client.ApiClient(), "fleet", identity, QUICK.request_s), QUICK)


async def becomes(leadership: Leadership, epoch: int) -> None:
    async with asyncio.timeout(20):
        async for found in leadership.epoch.changes():
            if found == epoch:
                return


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.005)


async def test_one_is_active_and_the_next_has_a_higher_epoch(server: Server) -> None:
    first, second = candidate("first"), candidate("second")
    first.start()
    await becomes(first, 1)
    before = set(server.reads)
    second.start()
    async with asyncio.timeout(20):
        while not any(server.reads[thread] >= 2 for thread in set(server.reads) - before):
            await asyncio.sleep(0.01)
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
    await until(lambda: server.calls > before)
    server.trouble, renewed = None, server.version
    await until(lambda: server.version > renewed or leadership.epoch.value == 0)
    assert leadership.epoch.value == 1
