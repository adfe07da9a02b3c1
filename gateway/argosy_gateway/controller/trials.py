# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Looks at every canary that has a share of calls, and takes out those that do worse than they may."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from argosy_gateway.controller import canary, reporter
from argosy_gateway.controller.api import WriteFailed
from argosy_gateway.controller.canary import Verdict
from argosy_gateway.controller.usage import Usage
from argosy_gateway.model_resource import Canary, WantedModel

_log = logging.getLogger(__name__)


class Writer(reporter.Writer, Protocol):
    """Takes what is changed, beside what is reported."""

    def change(self, resource: Mapping[str, Any], patch: Mapping[str, Any]) -> None:
        """Changes a resource as it was read. Raises WriteFailed."""
        ...


class Trials:
    """Judges canaries by the calls that they had since their trial began. For one event loop.

    Args:
        usage: What calls of versions did.
        writer: Takes what is changed, and is told why.
    """

    def __init__(self, usage: Usage, writer: Writer) -> None:
        self._usage = usage
        self._writer = writer
        self._since: dict[str, tuple[str, float]] = {}

    async def end_bad_ones(
        self, resources: Mapping[str, Mapping[str, Any]], models: Mapping[str, WantedModel], now: float
    ) -> None:
        """Takes out each canary that does worse than it may, or did before as it is.

        Args:
            resources: Every ``Model`` as last read, by the name of the resource.
            models: What they want, by the name of the model.
            now: The monotonic time, in seconds.
        """
        self._since = {name: since for name, since in self._since.items() if name in models}
        for model in models.values():
            resource = resources.get(model.resource)
            if model.canary is None or resource is None or not canary.on_trial(model):
                continue
            if resource["metadata"]["generation"] != model.generation:
                continue  # it cannot be used any more, and what is on trial by what it said last is not there to change
            verdict = canary.failed_before(resource, model) or self._judged(model, model.canary, now)
            if verdict is not None:
                await self._take_out(resource, model, verdict)

    def _judged(self, model: WantedModel, rule: Canary, now: float) -> Verdict | None:
        name = canary.trial(model)
        if self._since.get(model.name, ("", 0.0))[0] != name:
            self._since[model.name] = (name, now)
        since = self._since[model.name][1]
        stable = self._usage.lately(model.name, model.labels[rule.stable], since)
        return canary.judge(model, stable, self._usage.lately(model.name, model.labels[rule.label], since))

    async def _take_out(self, resource: Mapping[str, Any], model: WantedModel, verdict: Verdict) -> None:
        try:
            await asyncio.to_thread(self._writer.change, resource, canary.patch(resource, model, verdict))
        except WriteFailed as error:
            _log.warning("canary not taken out", extra={"model": model.name, "reason": str(error)})
            return
        _log.warning("canary taken out", extra={"model": model.name, "reason": verdict.message})
        try:
            await asyncio.to_thread(self._writer.tell, resource, "RolledBack", verdict.message, warning=True)
        except WriteFailed as error:
            _log.warning("event not written", extra={"resource": model.resource, "reason": str(error)})
