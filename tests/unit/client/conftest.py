# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from argosy_client import Argosy, AsyncArgosy

from tests.unit.client.fake_fleet import FakeFleet, serve

#: Makes a call with a client and gives its result: ``await ask(lambda client: client.models())``.
Ask = Callable[[Callable[[Any], Any]], Awaitable[Any]]


@pytest.fixture(autouse=True)
def _no_address_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARGOSY_ADDRESS", raising=False)


@pytest.fixture
def fleet() -> Iterator[FakeFleet]:
    fleet = FakeFleet()
    server = serve(fleet)
    yield fleet
    fleet.cancelled.set()
    server.stop(None).wait()


@pytest.fixture(params=["blocking", "asyncio"])
async def ask(request: pytest.FixtureRequest, fleet: FakeFleet) -> AsyncIterator[Ask]:
    """Both clients through one door, so that every test of the SDK holds for both."""
    if request.param == "blocking":
        with Argosy(fleet.address) as client:
            yield lambda call: asyncio.to_thread(call, client)
        return
    async with AsyncArgosy(fleet.address) as aio:

        async def run(call: Callable[[Any], Any]) -> Any:
            made = call(aio)
            return await made if inspect.isawaitable(made) else made

        yield run
