# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Fleets as data."""

from collections.abc import Mapping

from argosy.fleet.v1 import fleet_pb2, model_pb2
from argosy_gateway.fleet import Fleet, WorkerView
from argosy_gateway.traffic import Traffic


def model(
    name: str,
    state: str = "READY",
    default_for: tuple[str, ...] = (),
    reason: str = "",
    versions: Mapping[int, str] | None = None,
) -> model_pb2.WorkerModel:
    """A model with one version, or with those whose states are given."""
    held = [
        model_pb2.ModelVersion(version=number, state=model_pb2.ModelState.Value(f"MODEL_STATE_{each}"), reason=reason)
        for number, each in (versions or {1: state}).items()
    ]
    description = model_pb2.ModelDescription(name=name, default_for=default_for)
    return model_pb2.WorkerModel(description=description, versions=held)


def worker(domain: str, port: int, *models: model_pb2.WorkerModel, status: str = "SERVING") -> WorkerView:
    """A worker on 127.0.0.1."""
    return WorkerView(
        domain=domain,
        address=f"127.0.0.1:{port}",
        status=fleet_pb2.WorkerStatus.Value(f"WORKER_STATUS_{status}"),
        replica=f"r{port}",
        models={model.description.name: model for model in models},
    )


def fleet(*workers: WorkerView, traffic: Mapping[str, Traffic] | None = None) -> Fleet:
    """A fleet."""
    return Fleet(tuple(workers), traffic or {})
