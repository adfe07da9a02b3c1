# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings, streams and the life of both clients."""

import subprocess
import sys

import argosy_client
import grpc
import pytest
from argosy.status import Problem
from argosy_client import Argosy, AsyncArgosy, UnavailableError

from tests.unit.client.fake_fleet import FakeFleet


def test_the_address_comes_from_the_argument_then_the_environment_then_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Argosy() as client:
        assert client.address == "127.0.0.1:8080"
    monkeypatch.setenv("ARGOSY_ADDRESS", "fleet:1")
    with Argosy() as client:
        assert client.address == "fleet:1"
    for address in ("other:2", "[::1]:2", "dns:///other:2", "unix:/run/fleet"):
        assert AsyncArgosy(address).address == address


@pytest.mark.parametrize("client", [Argosy, AsyncArgosy])
def test_settings_that_cannot_be_used_are_refused(client: type[Argosy] | type[AsyncArgosy]) -> None:
    for address in ("http://127.0.0.1:8080", "fleet", "fleet:99999", "fleet:0", ":8080", "::::", "fleet:grpc"):
        with pytest.raises(ValueError, match="host:port"):
            client(address)
    with pytest.raises(ValueError, match="timeout_s"):
        client(timeout_s=0)
    with pytest.raises(ValueError, match="compression"):
        client(compression="zip")  # type: ignore[arg-type]


def test_a_compressed_request_arrives_whole(fleet: FakeFleet) -> None:
    with Argosy(fleet.address, compression="gzip") as client:
        client.nlp.classify("word " * 1000)

    assert fleet.last.request.texts[0] == "word " * 1000


def test_a_blocking_watch_ends_the_call_when_it_is_left(fleet: FakeFleet) -> None:
    with Argosy(fleet.address) as client:
        updates = client.watch_models()
        seen = [next(updates) for _ in range(3)]
        assert not fleet.cancelled.is_set()
        updates.close()  # type: ignore[attr-defined]
        assert fleet.cancelled.wait(10)

    assert [(update.kind, update.name) for update in seen] == [
        ("changed", "digits"),
        ("synced", ""),
        ("removed", "digits"),
    ]
    assert seen[0].model is not None
    assert seen[0].model.state == "READY"


async def test_an_asyncio_watch_gives_the_same_updates(fleet: FakeFleet) -> None:
    kinds = []
    async with AsyncArgosy(fleet.address) as client:
        async for update in client.watch_models():
            kinds.append(update.kind)
            if update.kind == "removed":
                break

    assert kinds == ["changed", "synced", "removed"]


async def test_a_broken_watch_is_an_error(fleet: FakeFleet) -> None:
    fleet.problem = (grpc.StatusCode.UNAVAILABLE, Problem("stopping", "STOPPING"))

    with Argosy(fleet.address) as client, pytest.raises(UnavailableError, match="STOPPING"):
        list(client.watch_models())
    async with AsyncArgosy(fleet.address) as aio:
        with pytest.raises(UnavailableError, match="STOPPING"):
            async for _ in aio.watch_models():
                pass


async def test_a_closed_client_refuses_calls(fleet: FakeFleet) -> None:
    client = Argosy(fleet.address)
    client.close()
    with pytest.raises(ValueError, match="closed"):
        client.models()
    aio = AsyncArgosy(fleet.address)
    await aio.close()
    with pytest.raises(ValueError, match="closed"):
        await aio.models()


def test_every_public_name_can_be_imported_and_no_other() -> None:
    for name in argosy_client.__all__:
        assert getattr(argosy_client, name).__name__ == name
    with pytest.raises(AttributeError):
        argosy_client.Nothing  # noqa: B018


def test_the_sdk_needs_neither_typer_nor_rich() -> None:
    program = (
        "import sys; sys.modules.update(dict.fromkeys(('typer', 'rich', 'yaml', 'pydantic', 'grpc_health')));"
        "from argosy_client import *; from argosy_client import Argosy, AsyncArgosy; from argosy_client import demo"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
