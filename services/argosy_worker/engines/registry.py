# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Engines by name, from the entry point group ``argosy.engines``."""

from importlib.metadata import entry_points

from argosy_worker.engines.port import EngineFactory
from argosy_worker.errors import ModelInvalid

GROUP = "argosy.engines"


def engine(name: str) -> EngineFactory:
    """Finds an engine's factory.

    Raises:
        ModelInvalid: no such engine, or its library is not installed.
    """
    found = entry_points(group=GROUP)
    if name not in found.names:
        raise ModelInvalid(f"execution.engine: no engine '{name}'; there are: {', '.join(sorted(found.names))}")
    try:
        factory: EngineFactory = found[name].load()
    except ImportError as error:
        raise ModelInvalid(f"execution.engine: '{name}' needs a package that is not installed: {error}") from error
    return factory
