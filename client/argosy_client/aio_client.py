# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The asyncio client."""

import asyncio
from collections.abc import AsyncIterator
from types import TracebackType

from argosy_client.aio_transport import AsyncTransport
from argosy_client.domains import fleet
from argosy_client.domains.nlp import AsyncNlp
from argosy_client.domains.recommendation import AsyncRecommendation
from argosy_client.domains.speech import AsyncSpeech
from argosy_client.domains.tabular import AsyncTabular
from argosy_client.domains.tensors import AsyncTensors
from argosy_client.domains.vision import AsyncVision
from argosy_client.errors import ArgosyError
from argosy_client.fleet_results import HealthStatus, Model, ModelUpdate, Worker
from argosy_client.readiness import PAUSE_S, Readiness
from argosy_client.settings import Compression, Settings


class AsyncArgosy:
    """A fleet, for asyncio; arguments, results and errors as in Argosy. Belongs to the loop of its first call."""

    def __init__(
        self, address: str | None = None, *, timeout_s: float = 10.0, compression: Compression | None = None
    ) -> None:
        self._transport = AsyncTransport(Settings.of(address, timeout_s, compression))
        self.vision = AsyncVision(self._transport)
        self.speech = AsyncSpeech(self._transport)
        self.nlp = AsyncNlp(self._transport)
        self.recommendation = AsyncRecommendation(self._transport)
        self.tabular = AsyncTabular(self._transport)
        self.tensors = AsyncTensors(self._transport)

    @property
    def address(self) -> str:
        """Where the fleet is."""
        return self._transport.settings.address

    async def models(self, domain: str = "", *, timeout_s: float | None = None) -> list[Model]:
        """See Argosy.models."""
        return await self._transport.send(fleet.models_call(domain), timeout_s)

    async def model(self, name: str, *, timeout_s: float | None = None) -> Model:
        """See Argosy.model."""
        return await self._transport.send(fleet.model_call(name), timeout_s)

    async def workers(self, domain: str = "", *, timeout_s: float | None = None) -> list[Worker]:
        """See Argosy.workers."""
        return await self._transport.send(fleet.workers_call(domain), timeout_s)

    def watch_models(self, domain: str = "", *, timeout_s: float | None = None) -> AsyncIterator[ModelUpdate]:
        """See Argosy.watch_models; iterate with ``async for``."""
        return self._transport.stream(fleet.watch_call(domain), timeout_s)

    async def health(self, service: str = "", *, timeout_s: float | None = None) -> HealthStatus:
        """See Argosy.health."""
        return await self._transport.send(fleet.health_call(service), timeout_s)

    async def wait_until_ready(self, timeout_s: float, *, service: str = "") -> None:
        """See Argosy.wait_until_ready."""
        readiness = Readiness(self.address, service, timeout_s)
        while True:
            try:
                if readiness.ready(await self.health(service, timeout_s=readiness.remaining_s())):
                    return
            except ArgosyError as error:
                readiness.failed(error)
            await asyncio.sleep(min(PAUSE_S, readiness.remaining_s()))

    async def close(self) -> None:
        """Closes the connection; calls in progress fail with CANCELLED."""
        await self._transport.close()

    async def __aenter__(self) -> "AsyncArgosy":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
