# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What each worker is told, as a pure function of the models and their places."""

from collections.abc import Mapping

from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_DRAINING, WORKER_STATUS_SERVING
from argosy.fleet.v1.worker_pb2 import ApplyDesiredRequest, DesiredModel

from argosy_gateway.controller.placement import Placed
from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import WantedModel

#: Statuses of workers that say what they have.
_HEARD = (WORKER_STATUS_SERVING, WORKER_STATUS_DRAINING)


def request(
    epoch: int,
    worker: WorkerView,
    models: Mapping[str, WantedModel],
    placed: Mapping[str, Placed],
    unknown: frozenset[str] = frozenset(),
) -> ApplyDesiredRequest:
    """All that a worker is to have. A model that it is not told of, it removes where it had copied it.

    Args:
        epoch: Epoch of the Lease under which that is said.
        worker: The worker.
        models: Every model, by name.
        placed: Their places, by name.
        unknown: Names of models of which nothing is known. A worker that has one of them, or may have, removes none.
    """
    return ApplyDesiredRequest(
        epoch=epoch,
        models=[
            DesiredModel(name=name, version_labels=model.labels, unloaded=not model.served, source=model.source)
            for name, model in sorted(models.items())
            if model.domain == worker.domain and worker.address in placed[name].all
        ],
        all_sources=not unknown or (worker.status in _HEARD and unknown.isdisjoint(worker.models)),
    )
