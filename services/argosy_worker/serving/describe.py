# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The worker's state as messages of ``argosy.fleet.v1``."""

from collections.abc import Iterator

from argosy.fleet.v1 import model_pb2, worker_pb2

from argosy_worker.engines.port import TensorSpec
from argosy_worker.lifecycle.state import ModelState, Pull, Snapshot, VersionState


def changes(old: Snapshot, new: Snapshot, domain: str) -> Iterator[worker_pb2.WatchStateResponse]:
    """Yields what is different in ``new``, one response each."""
    for name, model in new.models.items():
        if old.models.get(name) is not model:
            yield worker_pb2.WatchStateResponse(generation=new.generation, model_changed=worker_model(model, domain))
    for name in old.models.keys() - new.models.keys():
        yield worker_pb2.WatchStateResponse(generation=new.generation, model_removed=name)
    if new.draining != old.draining:
        yield worker_pb2.WatchStateResponse(generation=new.generation, draining=new.draining)


def worker_model(model: ModelState, domain: str) -> model_pb2.WorkerModel:
    """Describes one model."""
    config = model.config
    return model_pb2.WorkerModel(
        description=model_pb2.ModelDescription(
            name=model.name,
            domain=domain,
            description=config.description,
            methods=config.methods,
            default_for=config.default_for,
            provenance=model_pb2.Provenance(
                dataset=config.provenance.dataset,
                licence=config.provenance.licence,
                trained_by=config.provenance.trained_by,
                date=config.provenance.date,
            ),
            metrics=[
                model_pb2.Metric(
                    name=metric.name, value=metric.value, split=metric.split, sample_count=metric.sample_count
                )
                for metric in config.metrics
            ],
            card=model_pb2.Card(intended_use=config.card.intended_use, limits=config.card.limits),
            class_labels=model.class_labels,
            version_labels={label: str(version) for label, version in model.version_labels.items()},
        ),
        versions=[_version(version) for version in model.versions],
        pull=None if model.pull is None else _pull(model.pull),
    )


def _version(version: VersionState) -> model_pb2.ModelVersion:
    return model_pb2.ModelVersion(
        version=version.version,
        state=f"MODEL_STATE_{version.state.value}",
        reason=version.reason,
        inputs=[_tensor(spec) for spec in version.inputs],
        outputs=[_tensor(spec) for spec in version.outputs],
        engine=version.engine,
        device=version.device,
        memory_bytes=version.memory_bytes,
        sha256=version.sha256,
    )


def _pull(pull: Pull) -> model_pb2.Pull:
    return model_pb2.Pull(
        state=f"PULL_STATE_{pull.state.value}",
        reason=pull.reason,
        uri=pull.uri,
        revision=pull.revision,
        done_bytes=pull.done_bytes,
        total_bytes=pull.total_bytes,
        sha256=pull.sha256,
    )


def _tensor(spec: TensorSpec) -> model_pb2.TensorSpec:
    return model_pb2.TensorSpec(name=spec.name, data_type=spec.datatype, shape=spec.shape)
