# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A small HTTP server that lists and watches objects as the API server of Kubernetes does, and misbehaves on demand.

```python
async with ApiServer() as server:
    await server.put(SLICES, "one", {"addressType": "IPv4", ...})
```

``beside`` runs one beside a test that blocks.
"""

import asyncio
import contextlib
import json
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import yaml
from aiohttp import web
from argosy_gateway.discovery.kubernetes.access import Access

#: Answers a request in the place of the server; None leaves it to the server.
Answer = Callable[[web.Request], Awaitable[web.StreamResponse | None]]


@dataclass(frozen=True)
class Event:
    """Something that happened to an object of one kind."""

    revision: int
    path: str
    type: str
    object: Mapping[str, Any]


@dataclass
class ApiServer:
    """Objects by path and name. ``requests`` are the queries that came, in order, with their paths."""

    port: int = 0
    revision: int = 1
    objects: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    """Paths of kinds that the server does not know."""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answer: Answer | None = None
    """Answers in the place of the server."""
    authorization: list[str] = field(default_factory=list)
    _account: "_Account" = field(default_factory=lambda: _Account())
    _events: list[Event] = field(default_factory=list)
    _forgotten: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _watches: list[web.Request] = field(default_factory=list)
    _runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def watches(self) -> int:
        """How many watches there are now."""
        return len(self._watches)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listens, on the same port as before."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Ends every connection and listens no more; objects stay."""
        if self._runner is not None:
            self.drop()
            await self._runner.cleanup()
            self._runner = None

    def drop(self) -> None:
        """Cuts the connection of every watch."""
        for request in self._watches:
            if request.transport is not None:
                request.transport.abort()

    async def put(self, path: str, name: str, content: Mapping[str, Any]) -> None:
        """Makes an object, or changes it; ``content`` may have ``metadata``."""
        kept = self.objects.setdefault(path, {})
        self.revision += 1
        metadata = {**content.get("metadata", {}), "name": name, "resourceVersion": str(self.revision)}
        kind = "MODIFIED" if name in kept else "ADDED"
        kept[name] = {**content, "metadata": metadata}
        await self.tell(Event(self.revision, path, kind, kept[name]))

    async def delete(self, path: str, name: str) -> None:
        """Takes an object away."""
        self.revision += 1
        gone = self.objects[path].pop(name)
        metadata = {**gone["metadata"], "resourceVersion": str(self.revision)}
        await self.tell(Event(self.revision, path, "DELETED", {**gone, "metadata": metadata}))

    async def bookmark(self, path: str) -> None:
        """Tells watches how far they are."""
        self.revision += 1
        await self.tell(Event(self.revision, path, "BOOKMARK", {"metadata": {"resourceVersion": str(self.revision)}}))

    async def tell(self, event: Event) -> None:
        """Sends an event to the watches of its path, and to those that begin before it."""
        self._events.append(event)
        async with self._changed:
            self._changed.notify_all()

    def access(self) -> Access:
        """How it is reached; each request has a token of its own."""
        return Access(self.url, ssl.create_default_context(), None, self._account)

    def forget(self) -> None:
        """Loses what happened until now: a watch from before it expires."""
        self.revision += 1
        self._forgotten = self.revision
        self._events.clear()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, dict(request.query)))
        self.authorization.append(request.headers.get("Authorization", ""))
        if self.answer is not None and (answered := await self.answer(request)) is not None:
            return answered
        if request.path in self.unknown:
            return web.json_response({"kind": "Status", "code": 404, "message": "no such kind"}, status=404)
        if request.query.get("watch"):
            return await self._watch(request)
        items = list(self.objects.get(request.path, {}).values())
        return web.json_response({"metadata": {"resourceVersion": str(self.revision)}, "items": items})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        seen = int(request.query["resourceVersion"])
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        if seen < self._forgotten:
            expired = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"}
            await response.write(line({"type": "ERROR", "object": expired}))
            return response
        self._watches.append(request)
        try:
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(float(request.query["timeoutSeconds"])):
                    await self._send(request.path, seen, response)
        finally:
            self._watches.remove(request)
        return response

    async def _send(self, path: str, seen: int, response: web.StreamResponse) -> None:
        while True:
            async with self._changed:
                while not (due := [each for each in self._events if each.path == path and each.revision > seen]):
                    await self._changed.wait()
            for event in due:
                await response.write(line({"type": event.type, "object": event.object}))
                seen = event.revision


class _Account:
    """What the Kubernetes client's configuration is to ``Access``."""

    def __init__(self) -> None:
        self._tokens = 0

    def auth_settings(self) -> dict[str, dict[str, str]]:
        """A token that is replaced all the time."""
        self._tokens += 1
        return {"BearerToken": {"in": "header", "key": "authorization", "value": f"Bearer t{self._tokens}"}}


def line(event: Any) -> bytes:
    """An event as a watch sends it."""
    return json.dumps(event).encode() + b"\n"


@dataclass(frozen=True)
class Beside:
    """An API server in a thread of its own."""

    server: ApiServer
    kubeconfig: Path
    _loop: asyncio.AbstractEventLoop

    def do(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Has the server do something, such as ``beside.do(beside.server.put(...))``."""
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)


@contextlib.contextmanager
def beside(folder: Path) -> Iterator[Beside]:
    """Runs an API server until the end of the block; ``kubeconfig`` is a file in ``folder``."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    running = Beside(ApiServer(), folder / "kubeconfig.yaml", loop)
    try:
        running.do(running.server.start())
        running.kubeconfig.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [{"name": "test", "cluster": {"server": running.server.url}}],
                    "users": [{"name": "test", "user": {"token": "secret"}}],
                    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                    "current-context": "test",
                }
            )
        )
        yield running
    finally:
        running.do(running.server.stop())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
