# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The handlers of ``Model`` resources that kopf runs: a resource goes only once no worker answers with its model."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import kopf

from argosy_gateway import model_resource

FINALIZER = "argosy.dev/drained"
_PREFIX = "kopf.argosy.dev"
#: Time between two looks at a model that is to go, in seconds.
_AGAIN_S = 0.5


async def run(namespace: str, drained: Callable[[str], bool]) -> None:
    """Runs until cancelled.

    kopf has a thread and an event loop of its own: it takes the process's signals otherwise, and takes every task that
    began after it for one of its own when it stops.

    Args:
        namespace: Namespace of the resources.
        drained: Whether no worker answers with the model of a resource, by its uid. Called in that thread.
    """
    stop = threading.Event()
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry)(_login)

    async def drain(uid: str, **_: Any) -> None:
        while not drained(uid):  # noqa: ASYNC110 - it is another event loop that knows
            await asyncio.sleep(_AGAIN_S)

    resource = (model_resource.GROUP, model_resource.VERSION, model_resource.PLURAL)
    kopf.on.delete(*resource, id="drain", registry=registry)(drain)

    def work() -> None:
        asyncio.run(
            kopf.operator(
                registry=registry, settings=_settings(), namespaces=[namespace], standalone=True, stop_flag=stop
            )
        )

    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        await asyncio.shield(running)
    finally:
        stop.set()
        await asyncio.wait({running})


class _KeepsNothing(kopf.DiffBaseStorage):
    """Leaves resources as they are: what they were last is of use to handlers of changes, and there are none."""

    def fetch(self, *, body: kopf.Body) -> Any:
        """Knows nothing."""
        del body

    def store(self, *, body: kopf.Body, patch: kopf.Patch, essence: Any) -> None:
        """Writes nothing."""
        del body, patch, essence


def _login(**about: Any) -> Any:
    return kopf.login_via_client(**about)


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.persistence.finalizer = FINALIZER
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=_PREFIX)
    settings.persistence.diffbase_storage = _KeepsNothing()
    settings.posting.enabled = False  # events are told by the reporter
    settings.scanning.disabled = True  # would need to watch all custom resource definitions of the cluster
    # A watch that the API server has forgotten is begun again within so many seconds.
    settings.watching.server_timeout = 60
    settings.watching.client_timeout = 90
    # Who takes over waits for us: nothing here takes long, and what is cut short is begun again.
    settings.queueing.exit_timeout = 0.5
    settings.queueing.idle_timeout = 1.0
    return settings
