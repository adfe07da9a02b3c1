# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of the controller. Each is an option of the command line and an environment variable; options win."""

import argparse
import os
import socket
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

_PREFIX = "ARGOSY_CONTROLLER_"
_HELP = {
    "namespace": "namespace of the Model resources and the workers; empty takes the pod's own, or 'default'",
    "bind": "address to listen on for probes and metrics",
    "health_port": "port of grpc.health.v1 for probes; 0 listens on none",
    "metrics_port": "port of metrics for Prometheus; 0 serves none",
    "identity": "name of this controller in the Lease and in events; empty takes host name and a random part",
    "status_interval_s": "least seconds between two reports of one model's figures",
    "usage_interval_s": "seconds between two readings of the workers' metrics",
    "canary_window_s": "seconds over whose calls a canary is compared with the stable version",
    "worker_tls": "folder with tls.crt, tls.key and ca.crt, for TLS to workers; empty speaks to them without",
    "load_timeout_s": "seconds to wait for each worker's first state before any is told anything",
}
_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def _own_name() -> str:
    return f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings, read once at start. Times are in seconds.

    The variable of each is its name in capitals after ``ARGOSY_CONTROLLER_``, such as ``ARGOSY_CONTROLLER_NAMESPACE``.
    """

    namespace: str = ""
    bind: str = "127.0.0.1"
    health_port: int = 0
    metrics_port: int = 0
    identity: str = field(default_factory=_own_name)
    status_interval_s: float = 30.0
    usage_interval_s: float = 15.0
    canary_window_s: float = 60.0
    worker_tls: str = ""
    load_timeout_s: float = 5.0

    @property
    def chosen_namespace(self) -> str:
        """The namespace that was named, else the pod's own, else "default"."""
        if self.namespace:
            return self.namespace
        return _NAMESPACE.read_text().strip() if _NAMESPACE.exists() else "default"


def read(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Settings:
    """Reads settings from command-line arguments and the environment; exits 2 with a message where one is unusable."""
    variables = os.environ if environment is None else environment
    parser = argparse.ArgumentParser(
        prog="argosy_gateway.controller", description="Applies Model resources to Argosy's workers."
    )
    defaults = Settings()
    for setting in fields(Settings):
        name = setting.name
        default: Any = variables.get(_PREFIX + name.upper()) or getattr(defaults, name)
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=_TYPES.get(setting.type, str),
            default=default,
            help=f"{_HELP[name]} (variable {_PREFIX}{name.upper()})",
        )
    return Settings(**vars(parser.parse_args(arguments)))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.01 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number of seconds from 0.01 up, not {text!r}")
    return seconds


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"must be a port from 0 to 65535, not {text!r}")
    return int(text)


_TYPES: Mapping[object, Callable[[str], Any]] = {float: _seconds, int: _port}
