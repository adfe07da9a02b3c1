# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``argosy top`` shows, for people."""

from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table

from argosy_client.cli.output import cell, state, table
from argosy_client.top.rates import ModelFigures, WorkerFigures


@dataclass(frozen=True, slots=True)
class Shown:
    """One look at the fleet; its fields are the keys of ``--json``."""

    models: list[ModelFigures]
    workers: list[WorkerFigures]


def render(shown: Shown) -> RenderableType:
    """A table of the models and one of the workers."""
    return Group(_models(shown.models), cell(""), _workers(shown.workers))


def _models(models: list[ModelFigures]) -> Table:
    figures = ("ready", "calls/s", "errors/s", "p50 ms", "p99 ms", "batch", "queue", "age s", "refused/s", "busy")
    made = table("domain", "model", "state", *figures, numeric=figures, whole=["domain", "model", "state"])
    for one in models:
        made.add_row(
            cell(one.domain),
            cell(one.model, "bold"),
            state(one.state),
            cell(f"{one.ready}/{one.replicas}"),
            cell(f"{one.per_second:.1f}"),
            cell(f"{one.errors_per_second:.1f}", "red" if one.errors_per_second else ""),
            cell(_known(one.p50_ms, "{:.2f}")),
            cell(_known(one.p99_ms, "{:.2f}")),
            cell(_known(one.batch_items, "{:.1f}")),
            cell(f"{one.queue_items:.0f}"),
            cell(f"{one.queue_age_s:.2f}"),
            cell(f"{one.refused_per_second:.1f}", "yellow" if one.refused_per_second else ""),
            cell(_known(one.busy, "{:.0%}")),
        )
    return made


def _workers(workers: list[WorkerFigures]) -> Table:
    figures = ("memory MB", "cpu")
    made = table("domain", "worker", "status", *figures, "metrics", numeric=figures, whole=["domain", "status"])
    for one in workers:
        memory = None if one.memory_bytes is None else one.memory_bytes / 1e6
        made.add_row(
            cell(one.domain),
            cell(one.replica or one.address),
            state(one.status),
            cell(_known(memory, "{:.0f}")),
            cell(_known(one.cpu, "{:.0%}")),
            cell(f"cannot be read: {one.error}" if one.error else "read", "red" if one.error else "dim"),
        )
    return made


def _known(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
