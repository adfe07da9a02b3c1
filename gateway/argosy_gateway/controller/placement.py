# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which workers have a model, as a pure function of what is wanted and what there is."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_DRAINING, WORKER_STATUS_SERVING

from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import WantedModel


@dataclass(frozen=True, slots=True)
class Place:
    """A worker, and the pool that it belongs to: the Service that selects it."""

    worker: WorkerView
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """Addresses of the workers that are to have a model, and of those that keep theirs until these answer."""

    chosen: tuple[str, ...]
    kept: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """Every worker that is told of the model."""
        return self.kept | set(self.chosen)


def place(model: WantedModel, places: Sequence[Place]) -> Placed:
    """Chooses the workers that are to have a model.

    Workers that leave are not chosen and keep what they have. Where there is a limit, workers that have the model come
    before others, so that nothing moves without need; a copy that is to go stays until all that are chosen answer.
    """
    wanted = model.placement
    of_domain = [place.worker for place in places if place.worker.domain == model.domain]
    pool = {place.worker.address for place in places if wanted.pool in ("", place.pool)}
    candidates = [worker for worker in of_domain if worker.address in pool and worker.status != WORKER_STATUS_DRAINING]
    candidates.sort(key=lambda worker: _rank(model, worker))
    chosen = candidates[: wanted.max_copies or None]
    addresses = {worker.address for worker in chosen}
    complete = bool(chosen) and all(_answers(worker, model.name) for worker in chosen)
    kept = {
        worker.address
        for worker in of_domain
        if worker.address not in addresses
        and model.name in worker.models
        and (worker.status == WORKER_STATUS_DRAINING or not (complete or not chosen))
    }
    return Placed(tuple(sorted(addresses)), frozenset(kept))


def place_all(models: Mapping[str, WantedModel], places: Sequence[Place]) -> dict[str, Placed]:
    """Chooses the workers of every model, by name."""
    return {name: place(model, places) for name, model in models.items()}


def _rank(model: WantedModel, worker: WorkerView) -> tuple[bool, bool, bytes]:
    spread = hashlib.sha256(f"{model.name} {worker.address}".encode()).digest()
    return worker.status != WORKER_STATUS_SERVING, model.name not in worker.models, spread


def _answers(worker: WorkerView, model: str) -> bool:
    return model in worker.models and worker.answers(model)
