# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Asks every loaded instance its model's golden samples again and again: readiness follows what the engine answers."""

import asyncio

from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle import golden
from argosy_worker.lifecycle.domain import Domain
from argosy_worker.lifecycle.instance_call import InstanceCall
from argosy_worker.lifecycle.keeper import Keeper
from argosy_worker.lifecycle.records import Held, Model
from argosy_worker.lifecycle.served import ServedModel

#: An instance that takes longer than this for its golden samples counts as failing, in seconds.
PATIENCE_S = 10.0


class Examiner:
    """Examines everything that a keeper has loaded, one instance at a time and past the batchers' queues."""

    def __init__(self, keeper: Keeper, domain: Domain, patience_s: float = PATIENCE_S) -> None:
        self._keeper = keeper
        self._domain = domain
        self._patience_s = patience_s
        self._hanging: dict[tuple[ServedModel, int], asyncio.Task[str]] = {}

    async def run(self, interval_s: float) -> None:
        """Examines everything at intervals, until cancelled; an interval of 0 never does."""
        while interval_s:
            await asyncio.sleep(interval_s)
            await self.examine_all()

    async def examine_all(self) -> None:
        """Examines everything once."""
        for model, held in self._keeper.loaded():
            if held.served is not None and held.entry.config.golden:
                await self._examine(model, held, held.served)

    async def _examine(self, model: Model, held: Held, served: ServedModel) -> None:
        problem = ""
        for index in range(len(served.engines)):
            problem = problem or await self._problem(served, index)
        self._keeper.examined(model, held, served, problem)

    async def _problem(self, served: ServedModel, index: int) -> str:
        """What is wrong with an instance; empty where nothing is."""
        key = (served, index)
        # What hangs is not asked again: each question would take a thread for itself.
        task = self._hanging.pop(key, None) or asyncio.create_task(self._ask(served, index))
        try:
            done, _ = await asyncio.wait({task}, timeout=self._patience_s)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            self._hanging[key] = task
            return f"{_instance(served, index)}golden samples took more than {self._patience_s:g} s"
        return task.result()

    async def _ask(self, served: ServedModel, index: int) -> str:
        served.usage.hold()
        try:
            await golden.check(served.graph, served.version, self._domain, InstanceCall(served, served.engines[index]))
        except ModelInvalid as error:
            return f"{_instance(served, index)}{error}"
        except Exception as error:  # a defect in a domain's or an engine's code
            return f"{_instance(served, index)}{type(error).__name__}: {error}"
        finally:
            served.usage.release()
        return ""


def _instance(served: ServedModel, index: int) -> str:
    return f"instance {index} on {served.engines[index].device}: " if len(served.engines) > 1 else ""
