# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What was found and done, for programs."""

from collections.abc import Mapping
from typing import Any

from argosy_client.bridge.live import Served
from argosy_client.bridge.place import Place
from argosy_client.bridge.preparing import Prepared
from argosy_client.bridge.snippets import Example, tensors, typed


def report(prepared: Prepared) -> dict[str, Any]:
    """The facts of a diagnosis and a plan, as JSON has them."""
    diagnosis, plan, graph = prepared.diagnosis, prepared.plan, prepared.diagnosis.graph
    facts: dict[str, Any] = {
        "file": str(diagnosis.path),
        "model": prepared.name,
        "refused": diagnosis.refused,
        "exporter": diagnosis.exporter,
        "findings": [
            {"code": one.code, "weight": one.weight.value, "message": one.message, "advice": one.advice}
            for one in diagnosis.findings
        ],
        "framework_difference": _finite(prepared.framework),
    }
    if graph is not None:
        shapes = diagnosis.session.shapes if diagnosis.session else {}
        facts |= {
            "producer": graph.producer,
            "opsets": dict(graph.opsets),
            "inputs": [_value(one, shapes) for one in graph.inputs],
            "outputs": [_value(one, shapes) for one in graph.outputs],
        }
    if plan is not None:
        facts |= {
            "domain": plan.domain,
            "why": plan.why,
            "methods": list(plan.methods),
            "reasons": list(plan.reasons),
            "notes": list(plan.notes),
            "missing": plan.missing,
            "max_batch_size": diagnosis.max_batch_size,
            "golden_samples_by": prepared.samples.origin if prepared.samples else "",
            "model_yaml": prepared.texts["model.yaml"],
        }
    return facts


def served_facts(served: Served) -> dict[str, Any]:
    """The same of what the fleet answered."""
    return {
        "version": served.version,
        "difference": _finite(served.samples),
        "difference_from_onnxruntime": _finite(served.bare),
        "latency": served.latency,
    }


def example_of(prepared: Prepared, place: Place) -> Example:
    """The call that is printed: of the first method where there is a request of it, else of tensors."""
    plan, samples = prepared.plan, prepared.samples
    file = place.folder / prepared.example
    if plan is not None and plan.methods and plan.request:
        return typed(prepared.name, plan.domain, plan.methods[0], plan.request, file)
    inputs = samples.inputs if samples is not None else {}
    one = {name: array[:1] if prepared.diagnosis.max_batch_size else array for name, array in inputs.items()}
    return tensors(prepared.name, one, file)


def _value(value: Any, shapes: Mapping[str, tuple[int | str, ...]]) -> dict[str, Any]:
    dims = shapes.get(value.name, value.dims)
    return {
        "name": value.name,
        "kind": value.kind,
        "datatype": value.datatype,
        "shape": None if dims is None else [*dims],
    }


def _finite(gaps: Mapping[str, float]) -> dict[str, float | None]:
    """Differences; None where two things cannot be compared at all."""
    return {name: gap if gap < float("inf") else None for name, gap in gaps.items()}
