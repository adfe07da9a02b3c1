# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the status of each ``Model`` when it changes, and tells of what changed in events."""

import asyncio
import datetime
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from argosy_gateway import model_resource
from argosy_gateway.controller import canary, status
from argosy_gateway.controller.api import Outdated, WriteFailed
from argosy_gateway.controller.copies import Copy, copy_of
from argosy_gateway.controller.placement import Placed
from argosy_gateway.controller.status import Condition, Figures
from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import ModelResourceError, WantedModel

_log = logging.getLogger(__name__)

#: What of a status may wait until the next report; the rest is written at once.
_MAY_WAIT = frozenset({"requestsPerSecond", "p99", "disagreement", "workers", "epoch"})
#: Most reports of one model in an interval.
_BURST = 4


class Writer(Protocol):
    """Takes what is reported. Its methods block."""

    def write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> Mapping[str, Any]:
        """Writes a status; returns the resource as it is then. Raises WriteFailed."""
        ...

    def tell(self, resource: Mapping[str, Any], reason: str, message: str, *, warning: bool) -> None:
        """Emits an event. Raises WriteFailed."""
        ...


class Pace:
    """When a model's status may be written: what can wait once in an interval, the rest at once, a few times in it."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._written: deque[float] = deque(maxlen=_BURST)

    def allows(self, now: float, *, urgent: bool) -> bool:
        """Whether a report may be written at a monotonic time."""
        if not self._written or now - self._written[-1] >= self._interval_s:
            return True
        return urgent and (len(self._written) < _BURST or now - self._written[0] >= self._interval_s)

    def wrote(self, now: float) -> None:
        """Takes note of a report."""
        self._written.append(now)


class Reporter:
    """Keeps what the API server holds of each ``Model`` true. For one event loop.

    Args:
        writer: Takes it.
        epoch: Epoch of the Lease, written with it.
        interval_s: Least time between two reports that are not urgent, in seconds.
        figures: Says what the calls of a model did.
    """

    def __init__(
        self, writer: Writer, epoch: int, interval_s: float, figures: Callable[[WantedModel], Figures]
    ) -> None:
        self._writer = writer
        self._epoch = epoch
        self._interval_s = interval_s
        self._figures = figures
        self._paces: dict[str, Pace] = {}
        self._written: dict[str, Mapping[str, Any]] = {}

    async def report(
        self,
        resources: Mapping[str, Mapping[str, Any]],
        models: Mapping[str, WantedModel],
        placed: Mapping[str, Placed],
        views: Mapping[str, WorkerView],
    ) -> None:
        """Writes whatever is due.

        Args:
            resources: Every ``Model`` as last read, by the name of the resource.
            models: What they want, by the name of the model; those that count for nothing left out.
            placed: Their places, by the name of the model.
            views: What is known of each worker, by address.
        """
        uids = {resource["metadata"]["uid"] for resource in resources.values()}
        self._paces = {uid: pace for uid, pace in self._paces.items() if uid in uids}
        self._written = {uid: written for uid, written in self._written.items() if uid in uids}
        for resource in resources.values():
            await self._report_one(self._newest(resource), models, placed, views)

    def _newest(self, resource: Mapping[str, Any]) -> Mapping[str, Any]:
        """The resource as we wrote it, until the watch has brought that or something newer."""
        about = resource["metadata"]
        written = self._written.get(about["uid"])
        if written is not None and int(about["resourceVersion"]) < int(written["metadata"]["resourceVersion"]):
            return written
        return resource

    async def _report_one(
        self,
        resource: Mapping[str, Any],
        models: Mapping[str, WantedModel],
        placed: Mapping[str, Placed],
        views: Mapping[str, WorkerView],
    ) -> None:
        uid, old = resource["metadata"]["uid"], resource.get("status", {})
        new, found = self._status(resource, models, placed, views)
        if new is None:
            return
        new = {**dict.fromkeys(old), **new}  # a merge patch leaves what it does not name, and None removes it
        stable = [{**each, "lastTransitionTime": ""} for each in old.get("conditions", ())]
        same = stable == [{**each, "lastTransitionTime": ""} for each in new["conditions"]]
        changed = {key for key, value in new.items() if key != "conditions" and old.get(key) != value}
        if same and not changed - {"epoch"}:
            return
        pace = self._paces.setdefault(uid, Pace(self._interval_s))
        urgent = bool(changed - _MAY_WAIT) or _statuses(old.get("conditions", ())) != _statuses(new["conditions"])
        if not pace.allows(time.monotonic(), urgent=urgent):
            return
        pace.wrote(time.monotonic())
        try:
            self._written[uid] = await asyncio.to_thread(self._writer.write_status, resource, new)
        except Outdated:
            return  # the watch brings the newer one
        except WriteFailed as error:
            _log.warning("status not written", extra={"resource": resource["metadata"]["name"], "reason": str(error)})
            return
        await self._tell(resource, old.get("conditions", ()), found)

    def _status(
        self,
        resource: Mapping[str, Any],
        models: Mapping[str, WantedModel],
        placed: Mapping[str, Placed],
        views: Mapping[str, WorkerView],
    ) -> tuple[dict[str, Any] | None, tuple[Condition, ...]]:
        """The status of a resource, and its conditions; None where nothing is known yet."""
        about, old = resource["metadata"], resource.get("status", {})
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            model = model_resource.parse(resource)
        except ModelResourceError as error:
            found = status.invalid("Invalid", str(error))
            body: dict[str, Any] = {"observedGeneration": about["generation"], "epoch": self._epoch}
            return {
                **body,
                "conditions": status.merged(old.get("conditions", ()), found, about["generation"], now),
            }, found
        holder = models.get(model.name)
        if holder is not None and holder.uid != model.uid:
            found = status.invalid("NameTaken", f"Model '{holder.resource}' has the name '{model.name}' already")
            body = {"observedGeneration": model.generation, "epoch": self._epoch}
            return {**body, "conditions": status.merged(old.get("conditions", ()), found, model.generation, now)}, found
        places = placed.get(model.name)
        if holder is None or holder.generation != model.generation or places is None:
            return None, ()
        chosen = _copies(model, places.chosen, views)
        others = _copies(model, sorted(places.kept), views)
        found = (*status.conditions(model, chosen), *canary.condition(resource, model))
        body = status.body(model, chosen, others, self._figures(model), self._epoch)
        body["conditions"] = status.merged(old.get("conditions", ()), found, model.generation, now)
        return body, found

    async def _tell(self, resource: Mapping[str, Any], old: Any, found: tuple[Condition, ...]) -> None:
        """Emits an event where the model became ready or not, or is not ready for another reason."""
        ready = next(each for each in found if each.type == "Ready")
        before: Mapping[str, Any] = next((each for each in old if each["type"] == "Ready"), {})
        if (before.get("status"), before.get("reason")) == (ready.status, ready.reason):
            return
        warning = ready.status == "False" and (
            before.get("status") == "True" or ready.reason.endswith(("Failed", "Taken", "Invalid", "Workers"))
        )
        message = ready.message or "its workers are on their way"
        try:
            await asyncio.to_thread(self._writer.tell, resource, ready.reason, message, warning=warning)
        except WriteFailed as error:
            _log.warning("event not written", extra={"resource": resource["metadata"]["name"], "reason": str(error)})


def _copies(model: WantedModel, addresses: Any, views: Mapping[str, WorkerView]) -> list[Copy]:
    return [copy_of(model, views[address]) for address in addresses if address in views]


def _statuses(conditions: Any) -> set[tuple[str, str, str]]:
    """What of conditions is news: their statuses, and why a model is not ready."""
    return {(each["type"], each["status"], each["reason"] if each["type"] == "Ready" else "") for each in conditions}
