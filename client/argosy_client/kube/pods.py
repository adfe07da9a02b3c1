# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The pods of a fleet: which there are, and what their manifests say."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from argosy_client.kube.errors import KubeError
from argosy_client.kube.kubectl import Cluster

PART = "app.kubernetes.io/part-of=argosy"
COMPONENT, NAME, DOMAIN = "app.kubernetes.io/component", "app.kubernetes.io/name", "argosy.dev/domain"
#: Defaults of a worker that its manifest says nothing of, in seconds.
_DRAIN_S, _STOP_GRACE_S = 1.0, 20.0


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod of the fleet.

    Args:
        group: What it is a replica of, such as "worker-vision".
        component: "worker", "gateway", or that of another program of the fleet.
        domain: Domain of a worker.
        ready: Whether it is Ready and has not begun to leave.
        created: When it was made, as Kubernetes writes it.
        trouble: Why it is not Ready, in a few words.
        restarted: Containers that have been started again.
        drain_limit_s: Longest time that a worker may take to finish what it has once it is asked to stop, in seconds.
    """

    name: str
    uid: str
    ip: str
    group: str
    component: str
    domain: str
    ready: bool
    leaving: bool
    created: str
    trouble: str
    restarted: tuple[str, ...]
    drain_limit_s: float


def pods(cluster: Cluster) -> list[Pod]:
    """Lists the pods of the fleet by name. Raises KubeError where there are none, or the cluster cannot be asked."""
    found = json.loads(cluster.run("get", "pods", f"--selector={PART}", "--output=json"))["items"]
    if not found:
        where = f" of the context {cluster.context}" if cluster.context else ""
        raise KubeError(f"there is no fleet in the namespace {cluster.namespace}{where}: --namespace names another")
    return sorted(map(pod, found), key=lambda each: each.name)


def pod(manifest: Mapping[str, Any]) -> Pod:
    """Reads a pod's manifest."""
    metadata, spec, status = manifest["metadata"], manifest["spec"], manifest.get("status", {})
    labels = metadata.get("labels", {})
    conditions = {each["type"]: each for each in status.get("conditions", ())}
    leaving = "deletionTimestamp" in metadata
    ready = not leaving and conditions.get("Ready", {}).get("status") == "True"
    statuses = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    return Pod(
        name=metadata["name"],
        uid=metadata["uid"],
        ip=status.get("podIP", ""),
        group=labels.get(NAME, ""),
        component=labels.get(COMPONENT, ""),
        domain=labels.get(DOMAIN, ""),
        ready=ready,
        leaving=leaving,
        created=metadata["creationTimestamp"],
        trouble="" if ready else _trouble(leaving, status, statuses),
        restarted=tuple(each["name"] for each in statuses if each.get("restartCount", 0) > 0),
        drain_limit_s=_drain_limit_s(spec),
    )


def gateway(among: Iterable[Pod], namespace: str) -> Pod:
    """The newest pod of the gateway that takes calls. Raises KubeError where none does."""
    gateways = [each for each in among if each.component == "gateway"]
    ready = [each for each in gateways if each.ready]
    if ready:
        return max(ready, key=lambda each: each.created)
    if not gateways:
        raise KubeError(f"the namespace {namespace} has no pod of the gateway")
    troubles = ", ".join(f"{each.name} ({each.trouble})" for each in gateways)
    raise KubeError(f"no pod of the gateway is ready: {troubles}")


def ended(manifest: Mapping[str, Any]) -> tuple[int, datetime] | None:
    """Exit code of a pod's last container to end, and when that was; None while one runs or nothing is known."""
    statuses = manifest.get("status", {}).get("containerStatuses", ())
    ends = [each["state"]["terminated"] for each in statuses if "terminated" in each.get("state", {})]
    if not ends or len(ends) < len(statuses):
        return None
    last = max(ends, key=lambda each: str(each["finishedAt"]))
    return int(last["exitCode"]), time(last["finishedAt"])


def asked_to_stop(manifest: Mapping[str, Any]) -> datetime | None:
    """When a pod was asked to stop; None where it was not."""
    metadata = manifest["metadata"]
    if "deletionTimestamp" not in metadata:
        return None
    # Kubernetes keeps the time at which the pod is to be gone.
    at = time(metadata["deletionTimestamp"]).timestamp() - metadata.get("deletionGracePeriodSeconds", 0)
    return datetime.fromtimestamp(at, UTC)


def time(text: str) -> datetime:
    """A time as Kubernetes writes it."""
    return datetime.fromisoformat(text)


def _trouble(leaving: bool, status: Mapping[str, Any], statuses: Iterable[Mapping[str, Any]]) -> str:
    if leaving:
        return "Terminating"
    waiting = [each["state"]["waiting"].get("reason", "") for each in statuses if "waiting" in each.get("state", {})]
    return next((reason for reason in waiting if reason), str(status.get("phase", "Unknown")))


def _drain_limit_s(spec: Mapping[str, Any]) -> float:
    said = {each["name"]: each.get("value") for one in spec["containers"] for each in one.get("env", ())}
    drain_s = float(said.get("ARGOSY_WORKER_DRAIN_S") or _DRAIN_S)
    grace_s = float(said.get("ARGOSY_WORKER_STOP_GRACE_S") or _STOP_GRACE_S)
    return min(drain_s + grace_s, float(spec.get("terminationGracePeriodSeconds", 30)))
