# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A worker's updates as a pure function: view and update in, view out."""

import logging
from collections.abc import Iterable
from dataclasses import replace

from argosy.fleet.v1.fleet_pb2 import (
    WORKER_STATUS_DRAINING,
    WORKER_STATUS_SERVING,
    WORKER_STATUS_UNREACHABLE,
    WorkerStatus,
)
from argosy.fleet.v1.model_pb2 import WorkerModel
from argosy.fleet.v1.worker_pb2 import WatchStateResponse, WorkerState
from argosy.names import is_model_name

from argosy_gateway.fleet import WorkerView

_log = logging.getLogger(__name__)


class WorkerProblem(Exception):
    """A worker that says something unusable."""


def apply(view: WorkerView, update: WatchStateResponse) -> WorkerView:
    """Applies one update of a watch. Raises WorkerProblem where it cannot be what a worker of ours sends."""
    match update.WhichOneof("update"):
        case "snapshot":
            return _from_snapshot(view, update.snapshot)
        case "model_changed":
            models = dict(view.models)
            models.update(_usable([update.model_changed], view.address))
            return replace(view, models=models)
        case "model_removed":
            return replace(view, models={k: v for k, v in view.models.items() if k != update.model_removed})
        case "draining":
            return replace(view, status=_status(update.draining), reason=_reason(update.draining))
        case _:
            return view  # an update that a newer worker may send


def unreachable(view: WorkerView) -> WorkerView:
    """A worker that cannot be reached; what it held stays known. Callers are told no addresses."""
    return replace(view, status=WORKER_STATUS_UNREACHABLE, reason="its worker cannot be reached")


def _from_snapshot(view: WorkerView, state: WorkerState) -> WorkerView:
    if state.domain != view.domain:
        raise WorkerProblem(f"it serves domain {state.domain!r}, and is listed as one of {view.domain!r}")
    return replace(
        view,
        status=_status(state.draining),
        reason=_reason(state.draining),
        replica=state.replica or view.address,
        models=_usable(state.models, view.address),
        metrics_address=state.metrics_address,
        software_version=state.software_version,
    )


def _usable(models: Iterable[WorkerModel], address: str) -> dict[str, WorkerModel]:
    usable = {}
    for model in models:
        # The repository refuses other names, a broken worker may not.
        if is_model_name(model.description.name):
            usable[model.description.name] = model
        else:
            _log.error("model ignored: unusable name", extra={"worker": address, "model": model.description.name})
    return usable


def _status(draining: bool) -> WorkerStatus:
    return WORKER_STATUS_DRAINING if draining else WORKER_STATUS_SERVING


def _reason(draining: bool) -> str:
    return "the worker is leaving" if draining else ""
