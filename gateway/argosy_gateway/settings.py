# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of the control plane. Each is an option of the command line and an environment variable; options win."""

import argparse
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from argosy_gateway.services import domains

_PREFIX = "ARGOSY_GATEWAY_"
#: Variables with names of their own.
_VARIABLES = {"pod": "POD_NAME"}
_HELP = {
    "fleet": "fleet document (YAML) that says which workers there are",
    "kubernetes": "the API server of Kubernetes says which workers there are, in the place of a fleet document",
    "namespace": "namespace of the workers and of the Model resources, with --kubernetes",
    "pod": "name of the pod that this is, with --kubernetes: workers in its zone are preferred where their Service "
    "asks for that",
    "zone": "zone in which this is, with --kubernetes; empty is that of the pod",
    "bind": "IP address on which to serve ADS, the front and metrics",
    "port": "port of ADS and the front; 0 takes a free one",
    "metrics_port": "port of Prometheus metrics; 0 takes a free one",
    "gateway_address": "host:port of Envoy, to which the front sends calls whose model it had to read",
    "load_timeout_s": "seconds to wait for a worker's first state before configuring Envoy without it",
    "poll_interval_s": "seconds between looks at the fleet document",
    "max_ads_streams": "ADS streams at a time of Envoys, and as many of gRPC clients without a proxy",
    "snapshot": "file in which to keep the last configuration that Envoy accepted, for argosy_gateway.standby; "
    "empty keeps none",
    "autoscaled": "domains, separated by commas, whose workers an autoscaler starts and stops, or all: while one has "
    "none, calls of its models are told when to come back",
    "peers": "host:port of other control planes, separated by commas, a name standing for all its addresses: they tell "
    "each other of calls that found no worker",
    "first_wake_s": "seconds that such calls are told to wait until it was measured how long a model takes",
    "worker_tls": "folder with tls.crt, tls.key and ca.crt, for TLS to workers; empty speaks to them without",
    "envoy_secrets": "folder in which Envoy finds what its bootstrap wrote beside itself, with --worker-tls",
    "stop_grace_s": "seconds that calls in progress get when the process stops",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings, read once at start. Times are in seconds; ports are 0 to 65535, 0 being any free one.

    Either ``fleet`` or ``kubernetes`` is given. The variable of each is its name in capitals after
    ``ARGOSY_GATEWAY_``, such as ``ARGOSY_GATEWAY_PORT``; that of ``pod`` is ``POD_NAME``, as manifests call it.
    """

    fleet: Path | None = None
    kubernetes: bool = False
    namespace: str = "argosy-system"
    pod: str = ""
    zone: str = ""
    bind: str = "127.0.0.1"
    port: int = 18000
    metrics_port: int = 18001
    gateway_address: str = "127.0.0.1:8080"
    load_timeout_s: float = 2.0
    poll_interval_s: float = 0.5
    max_ads_streams: int = 1000
    snapshot: str = ""
    autoscaled: str = ""
    peers: str = ""
    first_wake_s: float = 30.0
    worker_tls: str = ""
    envoy_secrets: str = "/run/argosy"
    stop_grace_s: float = 2.0

    @property
    def autoscaled_domains(self) -> tuple[str, ...]:
        """Domains whose workers an autoscaler starts and stops."""
        return domains() if self.autoscaled == "all" else _listed(self.autoscaled)

    @property
    def peer_names(self) -> tuple[str, ...]:
        """The other control planes, "host:port" each."""
        return _listed(self.peers)


def read(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Settings:
    """Reads settings from command-line arguments and the environment; exits 2 with a message where one is unusable."""
    variables = os.environ if environment is None else environment
    parser = argparse.ArgumentParser(prog="argosy_gateway", description="Argosy's control plane.")
    for setting in fields(Settings):
        name = setting.name
        # argparse applies ``type`` to a default that is text: variables are checked like options.
        variable = _VARIABLES.get(name, _PREFIX + name.upper())
        default: Any = variables.get(variable, setting.default)
        switch: dict[str, Any] = {"nargs": "?", "const": True, "metavar": "yes|no"} if setting.type is bool else {}
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type=_kind(name, setting.type),
            default=default,
            help=f"{_HELP[name]} (variable {variable}; default {default or 'empty'})",
            **switch,
        )
    chosen = Settings(**vars(parser.parse_args(arguments)))
    if (chosen.fleet is not None) == chosen.kubernetes:
        parser.error("either --fleet or --kubernetes must be given")
    return chosen


def _kind(name: str, annotated: Any) -> Any:
    if name == "fleet":
        return Path
    if name == "namespace":
        return _label
    if annotated is bool:
        return _yes_or_no
    if name.endswith("port"):
        return _port
    if name == "gateway_address":
        return _address
    if name == "peers":
        return _addresses
    if name == "autoscaled":
        return _domains
    if annotated is int:
        return _count
    return _seconds(least=0.01 if name == "poll_interval_s" else 0.0) if annotated is float else annotated


def _label(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text):
        raise argparse.ArgumentTypeError(f"must be a name of a namespace, not {text!r}")
    return text


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"must be yes or no, not {text!r}")
    return text == "yes"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= 65536:
        raise argparse.ArgumentTypeError(f"must be from 0 to 65535, not {text!r}")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 1_000_000:
        raise argparse.ArgumentTypeError(f"must be from 1 to 999999, not {text!r}")
    return int(text)


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not _port(port):
        raise argparse.ArgumentTypeError(f"must be host:port, not {text!r}")
    return text


def _addresses(text: str) -> str:
    for each in _listed(text):
        _address(each)
    return text


def _domains(text: str) -> str:
    unknown = set(_listed(text)) - {*domains(), "all"}
    if unknown:
        raise argparse.ArgumentTypeError(f"must be all, or some of {', '.join(domains())}; not {', '.join(unknown)}")
    return text


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in text.split(","))))


def _seconds(least: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            seconds = float(text)
        except ValueError:
            seconds = -1.0
        if not least <= seconds < float("inf"):
            raise argparse.ArgumentTypeError(f"must be a number of seconds from {least:g} up, not {text!r}")
        return seconds

    return parse
