# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Stacking works into one run of an engine and handing the outputs back."""

from collections.abc import Sequence

from argosy_worker.engines.port import Engine, Tensors
from argosy_worker.errors import EngineFault
from argosy_worker.scheduling.padding import Sequences, crop, stack
from argosy_worker.scheduling.work import Work


def run(engine: Engine, works: Sequence[Work], sequences: Sequences | None = None) -> list[Tensors | EngineFault]:
    """Runs works of one signature as one batch; one answer each, in order.

    Where the batch as a whole fails, each work runs alone, so that only the one at fault sees an error.
    """
    if len(works) == 1:
        return [_run_one(engine, works[0])]
    try:
        outputs = engine.run(_stacked(works, sequences))
        return list(_scattered(outputs, works, sequences))
    except EngineFault:
        return [_run_one(engine, work) for work in works]


def _run_one(engine: Engine, work: Work) -> Tensors | EngineFault:
    try:
        return engine.run(work.inputs)
    except EngineFault as error:
        return error


def _stacked(works: Sequence[Work], sequences: Sequences | None) -> Tensors:
    return {name: stack(name, [work.inputs[name] for work in works], sequences) for name in works[0].inputs}


def _scattered(outputs: Tensors, works: Sequence[Work], sequences: Sequences | None) -> list[Tensors]:
    """Cuts outputs [items, ...] into views, one for each work."""
    total = sum(work.items for work in works)
    for name, array in outputs.items():
        if array.ndim == 0 or array.shape[0] != total:
            raise EngineFault(f"output '{name}' has shape {array.shape} for a batch of {total}")
    answers: list[Tensors] = []
    start = 0
    for work in works:
        end = start + work.items
        answers.append({name: crop(name, array[start:end], work.inputs, sequences) for name, array in outputs.items()})
        start = end
    return answers
