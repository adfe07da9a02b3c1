# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where workers come from. A source says which workers there are and what is wanted of their models."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from argosy.fleet.v1.model_pb2 import ModelDescription

from argosy_gateway.document import ModelEntry
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
    has any, which count while an autoscaler leaves their domain without workers. ``distant`` are the addresses of
    workers that are to get calls only where no nearer one can answer."""

    workers: tuple[WorkerSpec, ...]
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    unloaded: frozenset[str] = frozenset()
    traffic: dict[str, Traffic] = field(default_factory=dict)
    described: tuple[ModelDescription, ...] = ()
    distant: frozenset[str] = frozenset()


def desired(
    workers: Iterable[WorkerSpec],
    models: Mapping[str, ModelEntry],
    described: Iterable[ModelDescription] = (),
    distant: frozenset[str] = frozenset(),
) -> Desired:
    """Puts workers and what is wanted of models together."""
    traffic = {name: model.traffic.resolved(model.labels) for name, model in models.items()}
    return Desired(
        tuple(workers),
        {name: dict(model.labels) for name, model in models.items() if model.labels},
        frozenset(name for name, model in models.items() if not model.loaded),
        {name: shares for name, shares in traffic.items() if shares != Traffic()},
        tuple(described),
        distant,
    )


class Source(Protocol):
    """Something that knows the workers."""

    @property
    def epoch(self) -> int | None:
        """Epoch under which this control plane applies what it wants: workers refuse one lower than they have seen.

        None where somebody else tells workers what is wanted of them.
        """
        ...

    def current(self) -> Desired | None:
        """What is wanted now; None while that is not known."""
        ...

    def changes(self) -> AsyncIterator[Desired]:
        """Yields what is wanted after each change, until cancelled."""
        ...
