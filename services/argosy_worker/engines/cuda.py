# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Why CUDA is not there: what ONNX Runtime's CUDA provider needs of this machine and what is found."""

import ctypes
import re
from collections.abc import Iterable
from pathlib import Path

from argosy_worker.engines import elf

_DRIVER_VERSION = Path("/proc/driver/nvidia/version")
#: Comes with the driver; its major version is part of the name of every other library, not of this one.
DRIVER_LIBRARY = "libcuda.so.1"
#: Loaded when the first operator wants them, so that the provider's file does not name them.
_LOADED_LATER = ("libcudnn.so.9",)
#: Where the provider's file cannot be read, or there is none as in a build for the CPU.
_USUAL = (DRIVER_LIBRARY, "libcudart.so", "libcublasLt.so", "libcublas.so", "libcurand.so.10", *_LOADED_LATER)
_OF_NVIDIA = re.compile(r"lib(cu|nv)")


def libraries(provider: Path) -> tuple[str, ...]:
    """Names of NVIDIA's libraries that a CUDA provider needs, the driver's first.

    Args:
        provider: The provider's shared library. Where it cannot be read, names without versions are returned.
    """
    try:
        named = [name for name in elf.needed(provider) if _OF_NVIDIA.match(name)]
    except (OSError, ValueError):
        return _USUAL
    return tuple(dict.fromkeys((DRIVER_LIBRARY, *named, *_LOADED_LATER)))


def diagnosis(names: Iterable[str], driver_version: Path = _DRIVER_VERSION) -> str:
    """Names the driver and the libraries that CUDA needs, each with whether it is found."""
    loads = {name: _load(name) is not None for name in names}
    found = ", ".join(name for name in loads if loads[name]) or "none"
    missing = ", ".join(name for name in loads if not loads[name]) or "none"
    return f"driver: {_driver(driver_version)}; libraries found: {found}; needed and not found: {missing}"


def _driver(path: Path) -> str:
    """The driver's version, and the newest CUDA that it runs: libraries of a later one do not start."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return f"none (no {path})"
    version = re.search(r"\b\d+\.\d+(\.\d+)?\b", text)
    return (version.group() if version else "of unknown version") + _newest_cuda()


def _newest_cuda() -> str:
    library = _load(DRIVER_LIBRARY)
    number = ctypes.c_int()
    if library is None or library.cuDriverGetVersion(ctypes.byref(number)) != 0:
        return ""
    return f" (runs CUDA up to {number.value // 1000}.{number.value % 1000 // 10})"


def _load(name: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None
