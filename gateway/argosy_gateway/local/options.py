# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of a local fleet. The defaults here are the only ones."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What ``argosy up`` can be told."""

    fleet: Path = Path("deploy/local/fleet.yaml")
    """The fleet document. Paths in it are relative to the current folder."""
    bind: str = "127.0.0.1"
    """Address that the gateway listens on; everything else stays on 127.0.0.1."""
    port: int = 8080
    """Port of the gateway."""
    admin_port: int = 9901
    """Port of Envoy's admin page, on 127.0.0.1."""
    control_port: int = 18000
    """Port of the control plane; its metrics are on the next one, the standby on the one after."""
    run_folder: Path = Path(".cache/run")
    """Where logs and Envoy's bootstrap file go, in a folder named after the gateway's port."""
    programs: bool = False
    """Whether the programs of the fleet document are run as well."""
    ready_timeout_s: float = 120.0
    """Longest time until every model is READY, in seconds."""

    @property
    def gateway_address(self) -> str:
        """Address at which this machine reaches the gateway, "host:port"."""
        wildcard = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
        return join_address(wildcard.get(self.bind, self.bind), self.port)

    @property
    def logs(self) -> Path:
        """Folder of this fleet's logs; fleets on other ports have others."""
        return self.run_folder / str(self.port)

    @property
    def snapshot(self) -> Path:
        """Where the control plane keeps the configuration that Envoy accepted."""
        return self.logs / "snapshot.pb"

    @property
    def bootstrap(self) -> Path:
        """Envoy's bootstrap file."""
        return self.logs / "envoy.json"


def join_address(host: str, port: int) -> str:
    """Writes "host:port", an IPv6 host in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
