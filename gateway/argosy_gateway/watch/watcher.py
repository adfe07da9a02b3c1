# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Keeps one watch running for each wanted worker."""

import asyncio
from functools import partial

from argosy_gateway.discovery import Desired, Source, WorkerSpec
from argosy_gateway.fleet import WorkerView
from argosy_gateway.latest import Latest
from argosy_gateway.registry import Registry
from argosy_gateway.watch.dial import Dial, plain
from argosy_gateway.watch.labels import Wanted
from argosy_gateway.watch.worker import Report, watch


async def run(source: Source, registry: Registry, report: Report, dial: Dial = plain) -> None:
    """Follows a source: watches its workers and applies what is wanted of their models, until cancelled.

    Nothing is applied where the source has no epoch. ``report`` is told of each worker's load.
    """
    wanted: Latest[Wanted | None] = Latest(None)
    watches: dict[WorkerSpec, asyncio.Task[None]] = {}

    async with asyncio.TaskGroup() as tasks:

        def follow(desired: Desired) -> None:
            epoch = source.epoch
            labels = None if epoch is None else Wanted(epoch, desired.labels, desired.unloaded)
            if labels != wanted.value:
                wanted.set(labels)
            registry.want(desired)
            for spec in watches.keys() - set(desired.workers):
                watches.pop(spec).cancel()
            for spec in desired.workers:
                if spec not in watches:
                    view = WorkerView(domain=spec.domain, address=spec.address)
                    watches[spec] = tasks.create_task(
                        watch(spec, view, partial(registry.update, spec), wanted, dial, report)
                    )

        if (known := source.current()) is not None:
            follow(known)
        async for desired in source.changes():
            follow(desired)
