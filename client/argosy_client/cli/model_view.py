# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One model in full, for people."""

from collections.abc import Iterable

from rich.table import Table

from argosy_client.cli.output import cell, console, state, table
from argosy_client.fleet_results import Model, TensorSpec

#: Class names shown; a model may have thousands.
SHOWN_LABELS = 50


def print_model(model: Model) -> None:
    """Prints everything that the fleet tells of a model; empty parts are left out."""
    screen = console()
    screen.print(cell(f"{model.name} ({model.domain})", "bold"), state(model.state))
    for line in (model.description, model.reason):
        if line:
            screen.print(cell(line))
    screen.print()
    screen.print(_facts(model))
    screen.print()
    screen.print(_replicas(model))
    tensors = _tensors(model)
    if tensors.row_count:
        screen.print()
        screen.print(tensors)


def _facts(model: Model) -> Table:
    shown = Table.grid(padding=(0, 2))
    for name, value in _fact_texts(model):
        if value:
            shown.add_row(cell(name, "dim"), cell(value))
    return shown


def _fact_texts(model: Model) -> Iterable[tuple[str, str]]:
    labels = ", ".join(model.class_labels[:SHOWN_LABELS])
    hidden = len(model.class_labels) - SHOWN_LABELS
    yield "intended use", model.card.intended_use
    yield "limits", model.card.limits
    yield "methods", ", ".join(model.methods)
    yield "default for", ", ".join(model.default_for)
    yield "labels", f"{labels}, and {hidden} more" if hidden > 0 else labels
    yield "version labels", ", ".join(f"{name} = {version}" for name, version in sorted(model.version_labels.items()))
    for metric in model.metrics:
        samples = f", {metric.sample_count:,} samples" if metric.sample_count else ""
        yield metric.name, f"{metric.value:.6g} ({metric.split}{samples})"
    yield "dataset", model.provenance.dataset
    yield "licence", model.provenance.licence
    yield "trained by", model.provenance.trained_by
    yield "trained on", model.provenance.date
    hashes = {(version.version, version.sha256) for replica in model.replicas for version in replica.versions}
    for number, sha256 in sorted(hashes, reverse=True):  # of replicas with other files, both are shown
        yield f"sha256 of {number}", sha256


def _replicas(model: Model) -> Table:
    shown = table("replica", "address", "version", "state", "runs on", "reason", numeric=["version"])
    for replica in model.replicas:
        for version in replica.versions:
            shown.add_row(
                cell(replica.replica or "-"),
                cell(replica.address),
                cell(version.version),
                state(version.state),
                cell(f"{version.engine} {version.device}".strip() or "-"),
                cell(version.reason or "-"),
            )
    return shown


def _tensors(model: Model) -> Table:
    """Tensors of each version, once: all replicas of a version run the same graph."""
    shown = table("version", "tensor", "name", "type", "shape", numeric=["version"])
    all_versions = [version for replica in model.replicas for version in replica.versions]
    versions = {version.version: version for version in all_versions if version.inputs}  # Unknown where it failed.
    for number, version in sorted(versions.items(), reverse=True):
        for kind, specs in (("input", version.inputs), ("output", version.outputs)):
            for spec in specs:
                shown.add_row(cell(number), cell(kind), cell(spec.name), cell(spec.data_type), cell(_shape(spec)))
    return shown


def _shape(spec: TensorSpec) -> str:
    return f"[{', '.join('any' if extent < 0 else str(extent) for extent in spec.shape)}]"
