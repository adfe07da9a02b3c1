# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How one worker's copy of a model is, as people read it."""

from dataclasses import dataclass

from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_CONNECTING, WORKER_STATUS_DRAINING, WORKER_STATUS_UNREACHABLE
from argosy.fleet.v1.model_pb2 import (
    MODEL_STATE_DRAINING,
    MODEL_STATE_FAILED,
    MODEL_STATE_LOADING,
    MODEL_STATE_UNLOADED,
    PULL_STATE_DONE,
    PULL_STATE_FAILED,
    ModelVersion,
    Pull,
)

from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import WantedModel

READY, PENDING, PULLING, LOADING, UNLOADED = "Ready", "Pending", "Pulling", "Loading", "Unloaded"
DRAINING, UNREACHABLE, PULL_FAILED, LOAD_FAILED = "Draining", "Unreachable", "PullFailed", "LoadFailed"
#: States that end by themselves.
ON_THE_WAY = (PENDING, PULLING, LOADING)
#: States of a copy that is not as it should be.
TROUBLED = (PULL_FAILED, LOAD_FAILED, UNREACHABLE)


@dataclass(frozen=True, slots=True)
class Copy:
    """A model on one worker."""

    address: str
    replica: str
    state: str
    pulled: bool = False
    """Whether the worker has the files that are wanted."""
    versions: tuple[int, ...] = ()
    """Those that answer, newest first."""
    reason: str = ""
    progress: str = ""

    def shown(self) -> dict[str, str]:
        """The copy as an entry of the resource's status."""
        entry = {
            "address": self.address,
            "replica": self.replica,
            "state": self.state,
            "version": ",".join(map(str, self.versions)),
            "reason": self.reason,
            "progress": self.progress,
        }
        return {key: value for key, value in entry.items() if value or key in ("address", "state")}


def copy_of(model: WantedModel, worker: WorkerView) -> Copy:
    """How a worker's copy of a model is."""
    state, reason, pulled = _state(model, worker)
    versions = tuple(sorted(worker.answering(model.name), reverse=True)) if model.name in worker.models else ()
    progress = _progress(worker.models[model.name].pull) if state == PULLING else ""
    return Copy(worker.address, worker.replica, state, pulled, versions, reason, progress)


def _state(model: WantedModel, worker: WorkerView) -> tuple[str, str, bool]:
    """State of a copy, why it is not ready, and whether it has the files that are wanted."""
    if worker.status == WORKER_STATUS_UNREACHABLE:
        return UNREACHABLE, worker.reason, False
    if worker.status == WORKER_STATUS_DRAINING:
        return DRAINING, worker.reason, False
    if worker.status == WORKER_STATUS_CONNECTING:
        return PENDING, "the worker is being reached", False
    held = worker.models.get(model.name)
    if held is None or held.pull.revision != model.source.revision:
        return PENDING, "the worker has not taken it up yet", False
    if held.pull.state == PULL_STATE_FAILED:
        return PULL_FAILED, held.pull.reason, False
    if held.pull.state != PULL_STATE_DONE:
        return PULLING, "", False
    state, reason = _of_versions(model, list(held.versions), set(worker.answering(model.name)))
    return state, reason, True


def _of_versions(model: WantedModel, versions: list[ModelVersion], answering: set[int]) -> tuple[str, str]:
    """State of a copy whose files are there, and why it is not ready, or what is wrong though it is."""
    if not model.served:
        gone = not answering and not any(version.state == MODEL_STATE_DRAINING for version in versions)
        return (UNLOADED, "") if gone else (DRAINING, "finishing its calls")
    if any(version.state == MODEL_STATE_LOADING for version in versions):
        return LOADING, ""
    reason = "; ".join(
        f"version {version.version}: {version.reason}" if version.version else version.reason
        for version in versions
        if version.reason
    )
    missing = sorted(f"{label} ({number})" for label, number in model.labels.items() if number not in answering)
    if missing:
        reason = reason or f"{', '.join(missing)}: no such version, or the version policy leaves it out"
    if answering and not missing:
        return READY, reason
    if any(version.state == MODEL_STATE_UNLOADED for version in versions):
        return PENDING, reason
    failed = not answering and not any(version.state == MODEL_STATE_FAILED for version in versions)
    return LOAD_FAILED, reason or ("it has no version" if failed else "")


def _progress(pull: Pull) -> str:
    if not pull.total_bytes:
        return ""
    return f"{pull.done_bytes / 1e6:.0f} of {pull.total_bytes / 1e6:.0f} MB"
