# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One run of the command line with a fleet on Kubernetes: forwards what is asked for, and ends it together."""

import contextlib
from collections.abc import Callable, Sequence

from argosy_client.fleet_results import Worker
from argosy_client.kube.errors import KubeError
from argosy_client.kube.forward import LOOPBACK, Forward
from argosy_client.kube.kubectl import Cluster
from argosy_client.kube.pods import gateway, pods
from argosy_client.kube.settings import KUBECTL_TIMEOUT_S
from argosy_client.top.scrape import metrics_address

#: Where the gateway's Envoy takes calls in its pod.
GATEWAY_PORT = 8080


class Session:
    """What is forwarded for one run. Nothing is before it is asked for; use it from the main thread."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._gateway: Forward | None = None
        self._metrics: dict[str, Forward] = {}
        self._slow: set[Forward] = set()
        """Those that were waited for in vain, which hold up no further look."""
        self._open = contextlib.ExitStack()

    def address(self) -> str:
        """The gateway, as host:port of this machine. Raises KubeError."""
        if self._gateway is None:
            chosen = gateway(pods(self.cluster), self.cluster.namespace)
            self._gateway = self._forward(chosen.name, GATEWAY_PORT)
        return f"{LOOPBACK}:{self._gateway.port(KUBECTL_TIMEOUT_S)}"

    def lost(self) -> KubeError | None:
        """Why the gateway can no longer be reached; None where nothing is known of that."""
        if self._gateway is None or self._gateway.alive:
            return None
        return self._gateway.why_ended()

    def metrics(self, workers: Sequence[Worker]) -> Callable[[Worker], tuple[str, int]]:
        """Forwards the metrics of workers; returns what tells where they are, as ``scrape`` takes it.

        Those that are forwarded already are left as they are. A worker whose metrics cannot be had spoils none of the
        others: what is returned raises ValueError for it, with the reason.
        """
        trouble: dict[str, str] = {}
        try:
            missing = [each for each in workers if each.metrics_address and not self._forwarded(each)]
            names = {each.ip: each.name for each in pods(self.cluster)} if missing else {}
            for worker in missing:
                host, port = _host(worker.address), metrics_address(worker)[1]
                if host in names:
                    self._metrics[worker.address] = self._forward(names[host], port)
                else:
                    trouble[worker.address] = f"no pod of the namespace {self.cluster.namespace} has its address"
        except (KubeError, ValueError) as error:
            trouble |= {worker.address: str(error) for worker in workers if not self._forwarded(worker)}

        def locate(worker: Worker) -> tuple[str, int]:
            if worker.address in trouble or worker.address not in self._metrics:
                raise ValueError(trouble.get(worker.address, "it serves no metrics"))
            try:
                forward = self._metrics[worker.address]
                return LOOPBACK, forward.port(0.0 if forward in self._slow else KUBECTL_TIMEOUT_S)
            except KubeError as error:
                self._slow.add(forward)
                raise ValueError(str(error)) from error

        return locate

    def close(self) -> None:
        """Ends all that was forwarded."""
        self._open.close()

    def _forwarded(self, worker: Worker) -> bool:
        forward = self._metrics.get(worker.address)
        return forward is not None and forward.alive

    def _forward(self, pod: str, port: int) -> Forward:
        made = Forward(self.cluster, pod, port)
        self._open.callback(made.close)
        return made


def _host(address: str) -> str:
    return address.rpartition(":")[0].removeprefix("[").removesuffix("]")
