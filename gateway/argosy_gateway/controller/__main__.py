# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m argosy_gateway.controller``: applies Model resources to workers, while it holds the Lease."""

import asyncio
import logging
import signal
import sys
from typing import Any

from argosy import logs
from kubernetes import client

from argosy_gateway.controller import health, metrics, settings
from argosy_gateway.controller.api import Api
from argosy_gateway.controller.election import Leadership
from argosy_gateway.controller.health import ListenError
from argosy_gateway.controller.lead import Term
from argosy_gateway.controller.lease import CountedLock, Times
from argosy_gateway.controller.settings import Settings
from argosy_gateway.controller.world import World
from argosy_gateway.discovery.kubernetes import access
from argosy_gateway.discovery.kubernetes.access import AccessError
from argosy_gateway.discovery.kubernetes.connection import connect

_log = logging.getLogger("argosy_gateway.controller")


def main() -> int:
    """Runs until told to stop; 0 then, 1 with one line on standard error where it cannot start."""
    chosen = settings.read(sys.argv[1:])
    logs.configure()
    for chatty in ("kopf", "leaderelection", "urllib3"):  # each renewal, each step of each handler, each attempt
        logging.getLogger(chatty).setLevel(logging.ERROR)
    try:
        found = access.configuration()
        found.retries = 0  # an election has its own, and times that depend on it
        asyncio.run(run(chosen, client.ApiClient(found)))
    except (AccessError, ListenError) as error:
        sys.stderr.write(f"argosy_gateway.controller: {error}\n")
        return 1
    return 0


async def run(chosen: Settings, api: client.ApiClient) -> None:
    """Takes part in the election, and leads whenever it is elected, until SIGTERM or SIGINT.

    Raises:
        ListenError: A port cannot be had.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    times = Times()
    leadership = Leadership(CountedLock(api, chosen.chosen_namespace, chosen.identity, times.request_s), times)
    world = World(connect, chosen.chosen_namespace)
    writer = Api(api, chosen.chosen_namespace, chosen.identity)
    metrics.serve(chosen.bind, chosen.metrics_port, metrics.registry(lambda: leadership.held))
    async with health.answered(chosen.bind, chosen.health_port, world.seen):
        leadership.start()
        tasks: list[asyncio.Task[Any]] = [
            asyncio.create_task(world.run()),
            asyncio.create_task(_lead(leadership, world, writer, chosen)),
            asyncio.create_task(stop.wait()),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await leadership.stop()
    for task in done:
        task.result()  # raises what ended it
    _log.info("stopped")


async def _lead(leadership: Leadership, world: World, writer: Api, chosen: Settings) -> None:
    """Leads in each term, until cancelled."""
    term: asyncio.Task[None] | None = None
    last = 0
    try:
        async for epoch in leadership.epoch.changes():
            if term is not None:
                if not epoch:
                    _log.warning("no longer the controller")
                await _end(term)
                term = None
            if epoch:
                _log.info("this is the controller now", extra={"epoch": epoch})
                of_epoch = Term(epoch, epoch == last, world.seen, writer, chosen, leadership.raise_above)
                last, term = epoch, asyncio.create_task(of_epoch.run())
                term.add_done_callback(_exit_on_defect)
    finally:
        if term is not None:
            await _end(term)


async def _end(term: "asyncio.Task[None]") -> None:
    term.cancel()
    await asyncio.gather(term, return_exceptions=True)


def _exit_on_defect(term: "asyncio.Task[None]") -> None:
    """Stops the process where a term ends by itself: who starts it again begins anew, and another may take over."""
    if not term.cancelled() and term.exception() is not None:
        _log.error("defect", exc_info=term.exception())
        signal.raise_signal(signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
