# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A gateway of its own for a test: control plane and Envoy as processes on free ports.

```python
with run_gateway([("vision", worker.address)], tmp_path) as gateway:
    channel = grpc.insecure_channel(gateway.address)
```
"""

import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from argosy_gateway.bootstrap import envoy_binary, envoy_command

START_SECONDS = 30.0


@dataclass
class Gateway:
    """A running gateway."""

    folder: Path
    port: int
    admin_port: int
    control_port: int
    metrics_port: int
    options: Sequence[str] = ()
    module: str = "argosy_gateway"
    standby_port: int = 0
    """Where the standby listens; 0 runs without one."""
    envoy: str = "envoy"
    """What Envoy's process is called here."""
    envoy_options: Sequence[str] = ()
    """Further options of the bootstrap."""
    source: Sequence[str] = ()
    """Options that say where the control plane learns its workers, in the place of the fleet document."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further variables of all processes."""
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where Envoy listens."""
        return f"127.0.0.1:{self.port}"

    @property
    def control_plane(self) -> str:
        """Where ADS and the front listen."""
        return f"127.0.0.1:{self.control_port}"

    @property
    def fleet(self) -> Path:
        """The fleet document."""
        return self.folder / "fleet.yaml"

    @property
    def snapshot(self) -> Path:
        """Where the control plane keeps what Envoy accepted."""
        return self.folder / "snapshot.pb"

    def write_fleet(
        self,
        workers: Sequence[tuple[str, str]],
        labels: Mapping[str, Mapping[str, int]] | None = None,
        models: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Writes the fleet document: (domain, address) of each worker, labels of models, other models as they are."""
        document = {
            "workers": [{"domain": domain, "address": address} for domain, address in workers],
            "models": {name: {"labels": dict(wanted)} for name, wanted in (labels or {}).items()} | dict(models or {}),
        }
        fresh = self.folder / "fleet.yaml.new"
        fresh.write_text(yaml.safe_dump(document))
        fresh.replace(self.fleet)

    def start_control_plane(self) -> None:
        """Starts the control plane; ``log("control_plane")`` is what it says."""
        command = [sys.executable, "-m", self.module, *(self.source or ("--fleet", str(self.fleet)))]
        command += ["--port", str(self.control_port), "--metrics-port", str(self.metrics_port)]
        command += ["--gateway-address", self.address, "--poll-interval-s", "0.05", *self.options]
        if self.standby_port:
            command += ["--snapshot", str(self.snapshot)]
        self._start("control_plane", command)

    def start_envoy(self) -> None:
        """Writes the bootstrap and starts Envoy."""
        bootstrap = self.folder / "envoy.json"
        command = [sys.executable, "-m", "argosy_gateway.bootstrap", "--control-plane", self.control_plane]
        command += ["--port", str(self.port), "--admin-port", str(self.admin_port), "--output", str(bootstrap)]
        if self.standby_port:
            command += ["--standby", f"127.0.0.1:{self.standby_port}"]
        subprocess.run([*command, *self.envoy_options], check=True)
        self._start(self.envoy, [*envoy_command(envoy_binary(), bootstrap, 1)])

    def start_standby(self) -> None:
        """Starts what configures an Envoy that starts while the control plane is dead."""
        command = [sys.executable, "-m", "argosy_gateway.standby", "--snapshot", str(self.snapshot)]
        command += ["--control-plane", self.control_plane, "--port", str(self.standby_port)]
        self._start("standby", command)

    def wait_until_ready(self) -> None:
        """Waits until Envoy has its first configuration and listens."""
        wait_for(lambda: self.get("/ready").startswith("LIVE"), "Envoy to be ready", self)

    def stop(self, name: str, *, kill: bool = False) -> int:
        """Stops one process and returns its exit status."""
        process = self.processes.pop(name)
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            return process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def get(self, path: str) -> str:
        """Reads a page of Envoy's admin; empty where it does not answer 200."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=5) as answer:
                text: str = answer.read().decode()
                return text
        except OSError:
            return ""

    def post(self, path: str) -> None:
        """Has Envoy's admin do something."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.admin_port}{path}", method="POST")
        with urllib.request.urlopen(request, timeout=5):  # noqa: S310
            pass

    def stats(self, pattern: str) -> dict[str, int]:
        """Envoy's counters and gauges whose name matches a regular expression."""
        lines = (line.rpartition(": ") for line in self.get("/stats").splitlines())
        return {name: int(value) for name, _, value in lines if re.search(pattern, name) and value.isdigit()}

    def log(self, name: str) -> str:
        """What a process has said so far."""
        path = self.folder / f"{name}.log"
        return path.read_text() if path.exists() else ""

    def _start(self, name: str, command: Sequence[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **self.environment}
            )


@contextlib.contextmanager
def run_gateway(
    workers: Sequence[tuple[str, str]],
    folder: Path,
    *options: str,
    labels: Mapping[str, Mapping[str, int]] | None = None,
    models: Mapping[str, Mapping[str, Any]] | None = None,
    module: str = "argosy_gateway",
    standby: bool = False,
    envoy_options: Sequence[str] = (),
    source: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> Iterator[Gateway]:
    """Runs a gateway for workers, given as (domain, address), and waits until it routes.

    Args:
        workers: The workers; they should serve already, or the start waits two seconds for them.
        folder: An empty folder for its files.
        options: Further options of the control plane.
        labels: Version labels by model.
        models: Whole entries of further models.
        module: What runs as control plane.
        standby: Whether to run one.
        envoy_options: Further options of Envoy's bootstrap.
        source: Options that say where the control plane learns its workers, in the place of a fleet document.
        environment: Further variables of all processes.
    """
    port, admin_port, control_port, metrics_port, standby_port = free_ports(5)
    gateway = Gateway(folder, port, admin_port, control_port, metrics_port, options, module)
    gateway.standby_port, gateway.envoy_options = (standby_port if standby else 0), envoy_options
    gateway.source, gateway.environment = source, environment or {}
    gateway.write_fleet(workers, labels, models)
    try:
        gateway.start_control_plane()
        if standby:
            gateway.start_standby()
        gateway.start_envoy()
        gateway.wait_until_ready()
        yield gateway
    finally:
        for name in list(gateway.processes):
            gateway.stop(name)


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on. They lie below those that systems hand out for outgoing connections, which a test
    beside this one could get before they are used."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in found:
                found.append(port)
    return found


def wait_for(
    condition: Callable[[], bool], what: str, gateway: Gateway | None = None, seconds: float = START_SECONDS
) -> None:
    """Waits until a condition holds; fails with the processes' logs where it never does."""
    end = time.monotonic() + seconds
    while not condition():
        if gateway is not None:
            for name, process in gateway.processes.items():
                if process.poll() is not None:
                    raise AssertionError(f"{name} ended with {process.returncode}: {gateway.log(name)}")
        if time.monotonic() > end:
            logs = {name: gateway.log(name) for name in gateway.processes} if gateway else {}
            raise AssertionError(f"waited {seconds:g} s for {what}: {json.dumps(logs, indent=1)}")
        time.sleep(0.01)
