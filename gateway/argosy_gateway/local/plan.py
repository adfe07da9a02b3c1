# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which processes make a local fleet. Pure: nothing is started, opened or looked up here."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from argosy_gateway import bootstrap
from argosy_gateway.local.fleet_file import LocalProgram, LocalWorker
from argosy_gateway.local.options import Options, join_address


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a process will listen on, and the setting that changes it."""

    host: str
    number: int
    setting: str


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process of the fleet."""

    name: str
    """For people, such as "worker vision"; unique in the fleet."""
    command: tuple[str, ...]
    ports: tuple[Port, ...] = ()

    @property
    def log_name(self) -> str:
        """Name of its log file."""
        return self.name.replace(" ", "-").replace(":", "-") + ".log"


def control_plane(options: Options) -> ProcessSpec:
    """The control plane, on 127.0.0.1."""
    host, metrics_port = "127.0.0.1", options.control_port + 1
    return ProcessSpec(
        name="control plane",
        command=(
            *(sys.executable, "-m", "argosy_gateway", "--fleet", str(options.fleet)),
            *("--bind", host, "--port", str(options.control_port), "--metrics-port", str(metrics_port)),
            *("--gateway-address", options.gateway_address, "--snapshot", str(options.snapshot)),
        ),
        ports=(
            Port(host, options.control_port, "--control-port"),
            Port(host, metrics_port, "--control-port, its metrics are on the next one"),
        ),
    )


def standby(options: Options) -> ProcessSpec:
    """What configures an Envoy that is started again while the control plane is dead, on 127.0.0.1."""
    host, port = "127.0.0.1", options.control_port + 2
    return ProcessSpec(
        name="standby",
        command=(
            *(sys.executable, "-m", "argosy_gateway.standby", "--bind", host, "--port", str(port)),
            *("--snapshot", str(options.snapshot), "--control-plane", join_address(host, options.control_port)),
        ),
        ports=(Port(host, port, "--control-port, the standby is on the second after it"),),
    )


def bootstrap_options(options: Options) -> bootstrap.Options:
    """What Envoy's bootstrap file is made from."""
    control_plane = join_address("127.0.0.1", options.control_port)
    standby = join_address("127.0.0.1", options.control_port + 2)
    return bootstrap.Options(control_plane, options.bind, options.port, options.admin_port, standby)


def envoy(options: Options, binary: Path, concurrency: int) -> ProcessSpec:
    """Envoy with its bootstrap file and ``concurrency`` event loops."""
    return ProcessSpec(
        name="envoy",
        command=bootstrap.envoy_command(binary, options.bootstrap, concurrency),
        ports=(
            Port(options.bind, options.port, "--port, or PORT= with make run"),
            Port("127.0.0.1", options.admin_port, "--admin-port"),
        ),
    )


def workers(options: Options, listed: Sequence[LocalWorker]) -> tuple[ProcessSpec, ...]:
    """The workers of the fleet document; a domain's second one is named with its port."""
    domains = [worker.domain for worker in listed]
    return tuple(
        _worker(
            options, worker, worker.domain if domains.count(worker.domain) == 1 else f"{worker.domain}:{worker.port}"
        )
        for worker in listed
    )


def _worker(options: Options, worker: LocalWorker, label: str) -> ProcessSpec:
    setting = f"in {options.fleet}"
    command = [sys.executable, "-m", "argosy_worker", worker.domain, "--repository", str(worker.repository)]
    command += ["--bind", worker.host, "--port", str(worker.port)]
    ports = [Port(worker.host, worker.port, f"its address {setting}")]
    if worker.metrics_port is not None:
        command += ["--metrics-port", str(worker.metrics_port)]
        ports.append(Port(worker.host, worker.metrics_port, f"its metrics {setting}"))
    return ProcessSpec(f"worker {label}", tuple(command), tuple(ports))


def programs(options: Options, listed: Sequence[LocalProgram]) -> tuple[ProcessSpec, ...]:
    """The programs of the fleet document."""
    places = {
        "{control_plane}": join_address("127.0.0.1", options.control_port),
        "{gateway}": options.gateway_address,
    }
    return tuple(
        ProcessSpec(
            each.name,
            tuple(sys.executable if word == "python" else places.get(word, word) for word in each.command),
            (Port(each.host, each.port, f"its address and command in {options.fleet}"),),
        )
        for each in listed
    )
