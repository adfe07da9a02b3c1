# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m argosy_gateway.controller``: applies Model resources to workers, while it holds the Lease."""

import asyncio
import logging
import signal
import sys

from argosy import logs
from kubernetes import client, config

from argosy_gateway.controller import settings
from argosy_gateway.controller.api import Api
from argosy_gateway.controller.lead import Term
from argosy_gateway.controller.lease import CountedLock, Leadership, Times
from argosy_gateway.controller.settings import Settings
from argosy_gateway.controller.world import World
from argosy_gateway.discovery.kubernetes.connection import connect

_log = logging.getLogger("argosy_gateway.controller")


def main() -> int:
    """Runs until told to stop; 0 then, 1 with one line on standard error where it cannot start."""
    chosen = settings.read(sys.argv[1:])
    logs.configure()
    found = client.Configuration()
    try:
        config.load_config(client_configuration=found)
    except (config.ConfigException, OSError) as error:
        sys.stderr.write(f"argosy_gateway.controller: no way to an API server: {' '.join(str(error).split())}\n")
        return 1
    asyncio.run(run(chosen, client.ApiClient(found)))
    return 0


async def run(chosen: Settings, api: client.ApiClient) -> None:
    """Takes part in the election, and leads whenever it is elected, until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    times = Times()
    leadership = Leadership(CountedLock(api, chosen.chosen_namespace, chosen.identity, times.request_s), times)
    world = World(connect, chosen.chosen_namespace)
    writer = Api(api, chosen.chosen_namespace, chosen.identity)
    following = asyncio.create_task(world.run())
    leading: asyncio.Task[None] | None = None

    def ended(task: "asyncio.Task[None]") -> None:
        # Where nobody has cancelled it, kopf was told to stop: it takes the signals while it runs.
        if not task.cancelled():
            if task.exception() is not None:
                _log.error("defect", exc_info=task.exception())
            stop.set()

    async def follow_epoch() -> None:
        nonlocal leading
        async for epoch in leadership.epoch.changes():
            if leading is not None:
                _log.warning("no longer the controller")
                leading.cancel()
                await asyncio.gather(leading, return_exceptions=True)
                leading = None
            _take_signals(stop)
            if epoch:
                _log.info("this is the controller now", extra={"epoch": epoch})
                leading = asyncio.create_task(Term(epoch, world.seen, writer, chosen).run())
                leading.add_done_callback(ended)

    electing = asyncio.create_task(follow_epoch())
    leadership.start()
    await stop.wait()
    electing.cancel()
    tasks = [task for task in (leading, following, electing) if task is not None]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await leadership.stop()
    _log.info("stopped")


def _take_signals(stop: asyncio.Event) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)


if __name__ == "__main__":
    sys.exit(main())
