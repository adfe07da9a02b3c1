# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Model resources and workers' copies as data."""

from typing import Any

from argosy.fleet.v1 import model_pb2
from argosy_gateway.controller.placement import Place
from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import WantedModel, parse

from tests.unit.gateway import fleets

CREATED = "2026-11-30T00:00:00Z"


def resource(name: str = "digits", created: str = CREATED, /, *, deleting: bool = False, **spec: Any) -> dict[str, Any]:
    """A resource as the API server has it; its domain is vision and its source in a claim unless told otherwise."""
    metadata = {
        "name": name, "uid": f"uid-{name}", "generation": 3, "creationTimestamp": created, "resourceVersion": "10"
    }  # fmt: skip
    if deleting:
        metadata["deletionTimestamp"] = CREATED
    return {"metadata": metadata, "spec": {"domain": "vision", "source": {"uri": f"pvc://demo/{name}"}, **spec}}


def wanted(name: str = "digits", /, **spec: Any) -> WantedModel:
    """What a resource wants."""
    return parse(resource(name, **spec))


def copied(
    model: WantedModel,
    state: str = "READY",
    *,
    pull: str = "DONE",
    revision: str | None = None,
    reason: str = "",
    versions: dict[int, str] | None = None,
    **progress: int,
) -> model_pb2.WorkerModel:
    """A worker's copy of a model."""
    held = fleets.model(model.name, state, reason=reason, versions=versions)
    held.pull.CopyFrom(
        model_pb2.Pull(
            state=model_pb2.PullState.Value(f"PULL_STATE_{pull}"),
            revision=model.source.revision if revision is None else revision,
            reason=reason,
            **progress,
        )
    )
    return held


def places(*workers: WorkerView, pool: str = "") -> list[Place]:
    """Workers of one pool."""
    return [Place(worker, pool) for worker in workers]
