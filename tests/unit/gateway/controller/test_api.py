# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the controller writes to an API server that does not answer as one."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from argosy_gateway.controller.api import Api, WriteFailed
from kubernetes import client, config

from tests.unit.gateway.controller.resources import resource

WRITES: list[Callable[[Api], Any]] = [
    lambda api: api.write_status(resource(), {}),
    lambda api: api.change(resource(), {}),
    lambda api: api.tell(resource(), "Ready", "2 of 2 copies answer", warning=False),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
@pytest.mark.parametrize("body", ["<html>sign in</html>", "[]", ""])
async def test_the_page_of_a_proxy_is_a_write_that_failed(write: Callable[[Api], Any], kind: str, body: str) -> None:
    async def answer(_request: web.BaseRequest) -> web.Response:
        return web.Response(text=body, content_type=kind)

    async with RawTestServer(answer) as server:
        found = client.Configuration()
        found.host = f"http://127.0.0.1:{server.port}"
        with pytest.raises(WriteFailed):
            await asyncio.to_thread(write, Api(client.ApiClient(found), "fleet", "first"))


@pytest.mark.parametrize("write", WRITES)
def test_a_token_that_cannot_be_read_is_a_write_that_failed(write: Callable[[Api], Any]) -> None:
    def refresh(_configuration: client.Configuration) -> None:
        raise config.ConfigException("Token file exists but empty.")

    found = client.Configuration()
    found.refresh_api_key_hook = refresh
    found.api_key = {"authorization": "old"}
    with pytest.raises(WriteFailed, match="empty"):
        write(Api(client.ApiClient(found), "fleet", "first"))
