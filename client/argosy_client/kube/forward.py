# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A port of a pod, forwarded to a free port of this machine."""

import re
import threading
from collections import deque

from argosy_client.kube.errors import KubeError, explain
from argosy_client.kube.kubectl import STOP_S, Cluster

LOOPBACK = "127.0.0.1"
_FORWARDING = re.compile(rf"Forwarding from {re.escape(LOOPBACK)}:(\d+) ")
#: Of what kubectl says, as much is kept for the line that says why it ended.
_KEPT_LINES = 20


class Forward:
    """One port of one pod. It starts at once; ask for ``port`` when it is needed.

    Create it from the main thread (see :mod:`argosy_client.kube.kubectl`). Raises KubeError where there is no kubectl.
    """

    def __init__(self, cluster: Cluster, pod: str, port: int) -> None:
        self.pod = pod
        self._kubectl = cluster.start("port-forward", f"pod/{pod}", f":{port}", f"--address={LOOPBACK}")
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)
        self._port = 0
        self._settled = threading.Event()
        # kubectl tells of every connection: somebody has to listen, or it would stop in the middle of a line one day.
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._kubectl.alive

    def port(self, timeout_s: float) -> int:
        """The local port, once connections are taken. Raises KubeError where that fails, or takes longer."""
        if not self._settled.wait(timeout_s):
            raise KubeError(f"{self.pod}: no port-forward within {timeout_s:g} s")
        if not self._port:
            raise self.why_ended()
        return self._port

    def why_ended(self) -> KubeError:
        """Why it has ended by itself."""
        self._listening.join(STOP_S)
        return KubeError(f"the port-forward to {self.pod} ended: {explain(''.join(self._last))}")

    def close(self) -> None:
        """Ends it."""
        self._kubectl.end()
        self._listening.join(STOP_S)

    def _listen(self) -> None:
        with self._kubectl.output as lines:
            for line in lines:
                self._last.append(line)
                if found := _FORWARDING.match(line):
                    self._port = int(found[1])
                    self._settled.set()
        self._settled.set()
