# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where workers come from. A source says which workers there are and what is wanted of their models."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from argosy.fleet.v1.model_pb2 import ModelDescription

from argosy_gateway.traffic import Traffic


@dataclass(frozen=True, slots=True)
class WorkerSpec:
    """A worker that ought to be there: its domain and the "ip:port" on which it serves."""

    domain: str
    address: str


@dataclass(frozen=True, slots=True)
class Desired:
    """What is wanted: the workers; the version labels of each model by name, the models that are not loaded, and how
    the versions of a model share its calls, for models that say so; and descriptions of models, as far as the source
    has any, which count while an autoscaler leaves their domain without workers."""

    workers: tuple[WorkerSpec, ...]
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    unloaded: frozenset[str] = frozenset()
    traffic: dict[str, Traffic] = field(default_factory=dict)
    described: tuple[ModelDescription, ...] = ()


class Source(Protocol):
    """Something that knows the workers."""

    @property
    def epoch(self) -> int:
        """Epoch under which this control plane applies what it wants: workers refuse one lower than they have seen."""
        ...

    def current(self) -> Desired:
        """What is wanted now."""
        ...

    def changes(self) -> AsyncIterator[Desired]:
        """Yields what is wanted after each change, until cancelled."""
        ...
