# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of a worker: one option and one variable each; options win. Read once at start."""

import argparse
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

PREFIX = "ARGOSY_WORKER_"
#: Variables of the OpenTelemetry specification that name the endpoint, the more special one first.
_OTLP = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
HELP = {
    "domain": "domain to serve: vision, speech, nlp, recommendation or tabular",
    "repository": "folder of the domain's models",
    "bind": "IP address on which to serve calls and metrics",
    "port": "port of gRPC; 0 takes a free one",
    "metrics_port": "port of Prometheus metrics; 0 takes a free one",
    "tls_folder": (
        "folder with tls.crt, tls.key and ca.crt: calls must come over TLS, with a certificate of ca.crt; empty serves "
        "without TLS"
    ),
    "health_port": "port that serves health alone, without TLS, for probes; 0 serves none",
    "replica": "name of this worker in trailers and states; empty takes host name and port",
    "max_message_bytes": "largest request, in bytes",
    "decode_threads": "threads that decode large payloads and load models",
    "inline_below_ms": "runs predicted to be shorter than this, in milliseconds, happen on the event loop",
    "repository_poll_s": "seconds between two looks at the repository for changes; 0 never looks again",
    "repository_settle_s": "seconds for which a model's files must stay the same before it is loaded",
    "golden_interval_s": "seconds between two rounds of golden samples on every loaded instance; 0 only when loading",
    "claims": "folder in which volumes of models are mounted: pvc://CLAIM/PATH of a Model is CLAIM/PATH in it",
    "pulls": "models that are copied from their sources at a time",
    "pull_retry_s": "seconds until a model that could not be copied is tried again; failures double them, to 32 times",
    "memory_limit_mb": "memory that loaded models may take together, in MB; 0 sets no limit",
    "cache_dir": "folder for optimised graphs, which make the next start faster; empty keeps none",
    "device_runs": "runs at a time on one device; 0 means one for each usable processor on the CPU, else one",
    "drain_s": "seconds for which a stopping worker still takes calls while control planes send new ones elsewhere",
    "stop_grace_s": "seconds that calls in progress get after that",
    "otlp_endpoint": (
        "host:port or URL to which traces are sent over OTLP (gRPC); empty takes OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or "
        "OTEL_EXPORTER_OTLP_ENDPOINT, and traces nothing where both are unset"
    ),
    "trace_ratio": "part, 0 to 1, of the calls without a traceparent that are traced; others do as their parent does",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; :data:`HELP` says what each means."""

    domain: str
    repository: Path
    bind: str = "127.0.0.1"
    port: int = 8101
    metrics_port: int = 9101
    tls_folder: str = ""
    health_port: int = 0
    replica: str = ""
    max_message_bytes: int = 64 << 20
    decode_threads: int = min(4, os.cpu_count() or 1)
    inline_below_ms: float = 0.5
    repository_poll_s: float = 2.0
    repository_settle_s: float = 1.0
    golden_interval_s: float = 30.0
    claims: Path = Path("/var/lib/argosy/claims")
    pulls: int = 2
    pull_retry_s: float = 15.0
    memory_limit_mb: int = 0
    cache_dir: str = "~/.cache/argosy/graphs"
    device_runs: int = 0
    drain_s: float = 1.0
    stop_grace_s: float = 20.0
    otlp_endpoint: str = ""
    trace_ratio: float = 1.0

    @property
    def cache(self) -> Path | None:
        """Folder for optimised graphs; None where none are kept, as for a user without a home."""
        try:
            return Path(self.cache_dir).expanduser() if self.cache_dir else None
        except RuntimeError:
            return None

    def replica_name(self, port: int) -> str:
        """Returns the replica's name, once the port is known."""
        return self.replica or f"{socket.gethostname()}:{port}"


def read(arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Settings:
    """Reads the command line and the environment; exits 2 with one line where a value is unusable."""
    variables = os.environ if environment is None else environment
    parser = argparse.ArgumentParser(prog="argosy_worker", description="Serves the models of one domain.")
    for setting in fields(Settings):
        name = setting.name
        # argparse checks a default that is text as it checks an option.
        default: Any = variables.get(PREFIX + name.upper(), setting.default)
        if name == "otlp_endpoint":
            default = default or next((variables[known] for known in _OTLP if variables.get(known)), "")
        text = f"{HELP[name]} (variable {PREFIX}{name.upper()})"
        kind: Any = _kind(name, setting.type)
        if name == "domain":
            parser.add_argument(name, type=str, help=HELP[name])
        elif name == "repository":
            given = variables.get(PREFIX + "REPOSITORY")
            parser.add_argument("--repository", type=Path, default=given, required=given is None, help=text)
        else:
            parser.add_argument(
                f"--{name.replace('_', '-')}", type=kind, default=default, help=f"{text}; default {default}"
            )
    return Settings(**vars(parser.parse_args(arguments)))


def _kind(name: str, annotated: Any) -> Any:
    if name.endswith("port"):
        return _port
    if name == "trace_ratio":
        return _ratio
    if name in ("max_message_bytes", "decode_threads", "pulls"):
        return _positive
    if name == "replica":
        return _replica
    return _not_negative(annotated) if annotated in (int, float) else annotated


def _number(kind: type[int] | type[float], text: str) -> float:
    try:
        return kind(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a {'whole ' * (kind is int)}number, not {text!r}") from None


def _not_negative(kind: type[int] | type[float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        number = _number(kind, text)
        if not 0 <= number < float("inf"):
            raise argparse.ArgumentTypeError("must be a number from 0 up")
        return number

    return parse


def _positive(text: str) -> float:
    number = _number(int, text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _port(text: str) -> float:
    port = _number(int, text)
    if not 0 <= port < 65536:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


def _ratio(text: str) -> float:
    ratio = _number(float, text)
    if not 0 <= ratio <= 1:
        raise argparse.ArgumentTypeError("must be from 0 to 1")
    return ratio


def _replica(text: str) -> str:
    """The name travels in trailers, which hold printable ASCII."""
    if not (text.isascii() and text.isprintable()):
        raise argparse.ArgumentTypeError("must be printable ASCII")
    return text
