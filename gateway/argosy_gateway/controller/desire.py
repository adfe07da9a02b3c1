# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What each worker is told, as a pure function of the models and their places."""

from collections.abc import Mapping

from argosy.fleet.v1.worker_pb2 import ApplyDesiredRequest, DesiredModel

from argosy_gateway.controller.placement import Placed
from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import WantedModel


def request(
    epoch: int, worker: WorkerView, models: Mapping[str, WantedModel], placed: Mapping[str, Placed]
) -> ApplyDesiredRequest:
    """All that a worker is to have. A model that it is not told of, it removes where it had copied it.

    Args:
        epoch: Epoch of the Lease under which that is said.
        worker: The worker.
        models: Every model, by name.
        placed: Their places, by name.
    """
    return ApplyDesiredRequest(
        epoch=epoch,
        models=[
            DesiredModel(name=name, version_labels=model.labels, unloaded=not model.served, source=model.source)
            for name, model in sorted(models.items())
            if model.domain == worker.domain and worker.address in placed[name].all
        ],
        all_sources=True,
    )
