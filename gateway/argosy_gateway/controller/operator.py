# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The handlers of ``Model`` resources that kopf runs: a resource goes only once no worker answers with its model."""

import asyncio
from collections.abc import Callable
from typing import Any

import kopf

from argosy_gateway import model_resource

FINALIZER = "argosy.dev/drained"
#: Time between two looks at a model that is to go, in seconds.
_AGAIN_S = 1.0


async def run(namespace: str, drained: Callable[[str], bool], stop: asyncio.Event) -> None:
    """Runs until told to stop.

    Args:
        namespace: Namespace of the resources.
        drained: Whether no worker answers with the model of a resource, by its uid.
        stop: Ends it.
    """
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry)(_login)  # type: ignore[arg-type]

    async def drain(uid: str, **_: Any) -> None:
        if not drained(uid):
            raise kopf.TemporaryError("calls in progress finish", delay=_AGAIN_S)

    resource = (model_resource.GROUP, model_resource.VERSION, model_resource.PLURAL)
    kopf.on.delete(*resource, id="drain", registry=registry)(drain)  # type: ignore[arg-type]
    await kopf.operator(
        registry=registry, settings=_settings(), namespaces=[namespace], standalone=True, stop_flag=stop
    )


def _login(**about: Any) -> Any:
    return kopf.login_via_client(**about)


def _settings() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    settings.persistence.finalizer = FINALIZER
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix="kopf.argosy.dev")
    settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix="kopf.argosy.dev")
    settings.posting.enabled = False  # events are told by the reporter
    settings.scanning.disabled = True  # would need to watch all custom resource definitions of the cluster
    # A watch that the API server has forgotten is begun again within so many seconds.
    settings.watching.server_timeout = 60
    settings.watching.client_timeout = 90
    return settings
