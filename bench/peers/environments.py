# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The servers that we compare with: what each is installed from and started with, each in an environment of its own."""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.procs import ServerFailed

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".cache" / "peers"
_INSTALL_TIMEOUT_S = 1800.0
#: Of the engine, beside what each server brings.
_COMMON = ("numpy", "onnxruntime", "googleapis-common-protos")
#: Longest time that pytriton's queue holds a request where that is set by hand, in ms.
QUEUE_TIMEOUT_MS = 30


@dataclass(frozen=True, slots=True)
class Start:
    """What a server is started with."""

    programs: Path
    """Folder of its environment's programs."""
    folder: Path
    """An empty folder, for its configuration."""
    ports: tuple[int, int, int]
    """The first is asked; the others are for what it serves besides and cannot be told not to."""
    model: str
    batch: int


@dataclass(frozen=True, slots=True)
class Peer:
    """One server."""

    name: str
    environment: str
    requirements: tuple[str, ...]
    command: Callable[[Start], list[str]]
    http: bool = False
    """Whether it speaks HTTP alone."""


def _module(name: str, *arguments: str) -> Callable[[Start], list[str]]:
    def command(start: Start) -> list[str]:
        ports = [str(start.ports[0]), *(arguments or (str(start.ports[1]),))]
        return [str(start.programs / "python"), "-m", f"bench.peers.{name}", *ports]

    return command


def _mlserver(start: Start) -> list[str]:
    ports = dict(zip(("grpc_port", "http_port", "metrics_port"), start.ports, strict=True))
    settings = {**ports, "host": "127.0.0.1", "debug": False, "parallel_workers": 0}
    model = {
        "name": start.model,
        "implementation": "bench.peers.mlserver_runtime.Runtime",
        "max_batch_size": start.batch,
        "max_batch_time": 0.005,
    }
    (start.folder / "settings.json").write_text(json.dumps(settings), "utf-8")
    (start.folder / "model-settings.json").write_text(json.dumps(model), "utf-8")
    return [str(start.programs / "mlserver"), "start", str(start.folder)]


def _bentoml(start: Start) -> list[str]:
    served = "bench.peers.serve_bentoml:Served"
    options = ["--working-dir", str(ROOT), "--host", "127.0.0.1", "--port", str(start.ports[0])]
    return [str(start.programs / "bentoml"), "serve", served, *options]


PEERS = (
    Peer("pytriton", "pytriton", ("nvidia-pytriton>=0.7",), _module("serve_pytriton", "0")),
    Peer(
        f"pytriton, queue timeout {QUEUE_TIMEOUT_MS} ms",
        "pytriton",
        ("nvidia-pytriton>=0.7",),
        _module("serve_pytriton", str(QUEUE_TIMEOUT_MS)),
    ),
    Peer("kserve", "kserve", ("kserve>=0.15",), _module("serve_kserve")),
    Peer("mlserver", "mlserver", ("mlserver>=1.7",), _mlserver),
    Peer("bentoml", "bentoml", ("bentoml>=1.4",), _bentoml, http=True),
    Peer("ray serve", "ray", ("ray[serve]>=2.50",), _module("serve_ray")),
)


def install(peer: Peer) -> Path:
    """Makes the peer's environment, if that is still to do; returns the folder of its programs.

    Raises:
        ServerFailed: it cannot be installed; with pip's last line.
    """
    environment = FOLDER / peer.environment
    programs, done = environment / "bin", environment / ".done"
    wanted = " ".join((*peer.requirements, *_COMMON))
    if done.is_file() and done.read_text("utf-8") == wanted:
        return programs
    FOLDER.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", str(environment)])
    pip = [str(programs / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, *peer.requirements, *_COMMON])
    done.write_text(wanted, "utf-8")
    return programs


def variables(model: str, device: str, graph: Path, token: str) -> list[str]:
    """The variables of a server's process, as arguments of the program env."""
    paths = ":".join(map(str, (ROOT, ROOT / "services", ROOT / "protos")))
    # pytriton starts an interpreter of its own, which must find this Python's library and not the system's.
    libraries = ":".join(filter(None, (sysconfig.get_config_var("LIBDIR"), os.environ.get("LD_LIBRARY_PATH"))))
    named = {
        "PYTHONPATH": paths,
        "LD_LIBRARY_PATH": libraries,
        "PEER_MODEL": model,
        "PEER_DEVICE": device,
        "PEER_GRAPH": str(graph),
        "PEER_TOKEN": token,
        "BENTOML_DO_NOT_TRACK": "True",
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    return ["env", *(f"{name}={value}" for name, value in named.items())]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["nothing was said"]
        raise ServerFailed(f"does not install: {said[-1]}")
