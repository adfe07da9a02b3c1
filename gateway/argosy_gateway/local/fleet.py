# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A whole fleet on this machine: what has to hold before, starting it, and waiting until it answers."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy_gateway import bootstrap
from argosy_gateway.local import checks, fleet_file, plan, readiness
from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.options import Options
from argosy_gateway.local.supervisor import Supervisor

#: Event loops of a local Envoy; more would take processor time from the workers.
ENVOY_CONCURRENCY = 2


@dataclass(frozen=True, slots=True)
class Prepared:
    """A fleet that passed all checks."""

    options: Options
    specs: tuple[plan.ProcessSpec, ...]
    bootstrap: str
    """What Envoy's bootstrap file will hold."""
    workers: tuple[fleet_file.LocalWorker, ...]
    models: tuple[str, ...]
    """Names of all models that will be READY."""
    programs: tuple[plan.ProcessSpec, ...] = ()
    """What is started once they are."""


def prepare(options: Options) -> Prepared:
    """Checks all that can be known before anything is started.

    Raises:
        CannotRun: something is missing, taken or wrong.
    """
    checks.python()
    listed = fleet_file.read(options.fleet)
    workers = listed.workers
    repositories = dict.fromkeys(worker.repository for worker in workers)
    models = tuple(name for repository in repositories for name in checks.models(repository))
    checks.bind(options.bind)
    binary = _envoy_binary()
    checks.envoy(binary)
    specs = (
        plan.control_plane(options),
        plan.standby(options),
        plan.envoy(options, binary, min(ENVOY_CONCURRENCY, os.cpu_count() or 1)),
        *plan.workers(options, workers),
    )
    programs = plan.programs(options, listed.programs) if options.programs else ()
    checks.ports((*specs, *programs))
    envoy_bootstrap = json.dumps(bootstrap.bootstrap(plan.bootstrap_options(options)))
    return Prepared(options, specs, envoy_bootstrap, workers, models, programs)


def _envoy_binary() -> Path:
    try:
        return bootstrap.envoy_binary()
    except FileNotFoundError as error:
        raise CannotRun(str(error)) from None


async def start(prepared: Prepared, supervisor: Supervisor, changed: Callable[[readiness.Models], None]) -> None:
    """Starts the fleet and waits until every model is READY; ``changed`` is told of each model's state meanwhile.

    Raises:
        CannotRun: a process ended, or a model failed, before all was READY.
    """
    options = prepared.options
    _make_folder(options, prepared.bootstrap)
    await supervisor.start(prepared.specs)
    models = readiness.Models(prepared.models)
    ready = readiness.all_ready(options.gateway_address, models, changed, options.ready_timeout_s)
    await unless_failed(supervisor, ready)
    if prepared.programs:
        await supervisor.start(prepared.programs)
        await unless_failed(supervisor, readiness.listening(prepared.programs, options.ready_timeout_s))
    supervisor.settle()


async def unless_failed(supervisor: Supervisor, work: Coroutine[Any, Any, None]) -> None:
    """Does ``work``, and gives it up when the supervisor fails."""
    tasks = [asyncio.create_task(supervisor.failure()), asyncio.create_task(work)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _make_folder(options: Options, bootstrap_text: str) -> None:
    try:
        options.logs.mkdir(parents=True, exist_ok=True)
        for old in options.logs.glob("*.log"):
            old.unlink()
        options.snapshot.unlink(missing_ok=True)  # of another fleet, perhaps
        options.bootstrap.write_text(bootstrap_text, "utf-8")
    except OSError as error:
        raise CannotRun(f"cannot write below {options.logs}: {error.strerror}") from None
