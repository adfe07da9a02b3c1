# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""KEDA's external scaler: how many replicas a ScaledObject is to have.

The one metric is the number of replicas that is wanted, and one replica stands for 1 of it: the horizontal pod
autoscaler that KEDA makes takes the number as it is.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import grpc
from argosy.keda import externalscaler_pb2 as keda
from argosy.keda.externalscaler_pb2_grpc import ExternalScalerServicer
from argosy.status import Problem
from grpc.aio import ServicerContext
from prometheus_client import CollectorRegistry, Gauge

from argosy_gateway.front.problems import abort
from argosy_gateway.latest import Latest
from argosy_gateway.scaling import trigger
from argosy_gateway.scaling.groups import FORGET_S, MOST_GROUPS, Group, Groups, TooManyGroups
from argosy_gateway.scaling.policy import Settings

#: Time between two looks at whether there is to be any replica, in seconds; a call that finds none is seen at once.
_LOOK_S = 1.0
#: Longest names that Kubernetes gives a namespace and a resource: a metric has those of all that ask.
_LONGEST_NAMESPACE, _LONGEST_NAME = 63, 253


class ExternalScaler(ExternalScalerServicer):
    """Answers for every domain."""

    def __init__(
        self, groups: Groups, changed: Latest[int], known: Callable[[], bool], metrics: CollectorRegistry
    ) -> None:
        """
        Args:
            groups: What decides.
            changed: Changes with each call that finds no worker.
            known: Whether the fleet is known: nothing is decided before.
            metrics: Where the answers are shown.
        """
        self._groups = groups
        self._changed = changed
        self._known = known
        self._asked: dict[tuple[str, str], float] = {}
        """When each ScaledObject last asked, by namespace and name; monotonic, in seconds."""
        self._wanted = Gauge(
            "argosy_gateway_wanted_replicas",
            "Replicas that a ScaledObject was last told to have.",
            ["namespace", "scaled_object"],
            registry=metrics,
        )

    async def IsActive(self, request: keda.ScaledObjectRef, context: ServicerContext) -> keda.IsActiveResponse:
        """Whether any replica is wanted."""
        return keda.IsActiveResponse(result=await self._replicas(request, context) > 0)

    async def StreamIsActive(
        self, request: keda.ScaledObjectRef, context: ServicerContext
    ) -> AsyncIterator[keda.IsActiveResponse]:
        """Whether any replica is wanted, now and after each change."""
        sent: bool | None = None
        changes = self._changed.changes()
        following = asyncio.ensure_future(anext(changes, None))
        try:
            while True:
                active = await self._replicas(request, context) > 0
                if active != sent:
                    yield keda.IsActiveResponse(result=active)
                    sent = active
                await asyncio.wait({following}, timeout=_LOOK_S)
                if following.done():
                    if following.result() is None:
                        break
                    following = asyncio.ensure_future(anext(changes, None))
        finally:
            following.cancel()
        await abort(context, grpc.StatusCode.UNAVAILABLE, Problem("the control plane is stopping", "STOPPING"))

    async def GetMetricSpec(
        self, request: keda.ScaledObjectRef, context: ServicerContext
    ) -> keda.GetMetricSpecResponse:
        """The one metric, of which a replica stands for 1."""
        group, _ = await self._read(request, context)
        spec = keda.MetricSpec(metricName=metric_name(group), targetSize=1, targetSizeFloat=1.0)
        return keda.GetMetricSpecResponse(metricSpecs=[spec])

    async def GetMetrics(self, request: keda.GetMetricsRequest, context: ServicerContext) -> keda.GetMetricsResponse:
        """The number of replicas that are wanted."""
        wanted = await self._replicas(request.scaledObjectRef, context)
        value = keda.MetricValue(metricName=request.metricName, metricValue=wanted, metricValueFloat=wanted)
        return keda.GetMetricsResponse(metricValues=[value])

    async def _replicas(self, scaled: keda.ScaledObjectRef, context: ServicerContext) -> int:
        group, settings = await self._read(scaled, context)
        if not self._known():
            # KEDA changes nothing while it gets no answer; of an unknown fleet it would be told to have no worker.
            problem = Problem("the fleet is not known yet", "FLEET_UNKNOWN", retry_after_s=_LOOK_S)
            await abort(context, grpc.StatusCode.UNAVAILABLE, problem)
        try:
            wanted = self._groups.wanted(group, settings)
        except TooManyGroups as error:
            return await abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, Problem(str(error), "TOO_MANY_GROUPS"))
        self._show(scaled, wanted)
        return wanted

    def _show(self, scaled: keda.ScaledObjectRef, wanted: int) -> None:
        """Shows what one was told; no longer of those that have not asked for long, which are gone."""
        now = time.monotonic()
        for name in [each for each, asked in self._asked.items() if asked < now - FORGET_S]:
            del self._asked[name]
            self._wanted.remove(*name)
        name = scaled.namespace, scaled.name
        if name in self._asked or len(self._asked) < MOST_GROUPS:
            self._asked[name] = now
            self._wanted.labels(*name).set(wanted)

    async def _read(self, scaled: keda.ScaledObjectRef, context: ServicerContext) -> tuple[Group, Settings]:
        try:
            if len(scaled.namespace) > _LONGEST_NAMESPACE or len(scaled.name) > _LONGEST_NAME:
                raise trigger.TriggerProblem("no ScaledObject has a name, or a namespace, of so many characters")
            return trigger.read(scaled.scalerMetadata)
        except trigger.TriggerProblem as problem:
            return await abort(context, grpc.StatusCode.INVALID_ARGUMENT, Problem(str(problem), "TRIGGER_INVALID"))


def metric_name(group: Group) -> str:
    """Name of the metric of a group."""
    return "-".join(("argosy", "replicas", group.domain, *sorted(group.models)))
