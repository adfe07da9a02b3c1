# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Why CUDA is not there: what it needs of this machine and what is found."""

import ctypes
import re
from collections.abc import Iterable
from pathlib import Path

_DRIVER_VERSION = Path("/proc/driver/nvidia/version")
#: Libraries that ONNX Runtime's CUDA provider loads; the first comes with the driver.
LIBRARIES = (
    "libcuda.so.1",
    "libcudart.so.12",
    "libcublasLt.so.12",
    "libcublas.so.12",
    "libcufft.so.11",
    "libcudnn.so.9",
)


def diagnosis(driver_version: Path = _DRIVER_VERSION, libraries: Iterable[str] = LIBRARIES) -> str:
    """Names the driver and the libraries that CUDA needs, each with whether it is found."""
    loads = {name: _loads(name) for name in libraries}
    found = ", ".join(name for name in loads if loads[name]) or "none"
    missing = ", ".join(name for name in loads if not loads[name]) or "none"
    return f"driver: {_driver(driver_version)}; libraries found: {found}; needed and not found: {missing}"


def _driver(path: Path) -> str:
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return f"none (no {path})"
    version = re.search(r"\b\d+\.\d+(\.\d+)?\b", text)
    return version.group() if version else "of unknown version"


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
