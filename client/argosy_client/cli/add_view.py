# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``argosy add`` found and did, for people."""

from argosy_client.bridge.advice import EXPORTERS
from argosy_client.bridge.findings import Weight
from argosy_client.bridge.live import Served
from argosy_client.bridge.preparing import Prepared
from argosy_client.cli.output import cell, console, number, table

_STYLES = {Weight.REFUSED: "red", Weight.LIMITED: "yellow", Weight.NOTE: "dim"}


def print_diagnosis(prepared: Prepared) -> None:
    """Prints tensors, findings with their advice, and how the model will be served."""
    screen = console()
    diagnosis, graph = prepared.diagnosis, prepared.diagnosis.graph
    if graph is not None:
        opsets = ", ".join(f"{domain} {version}" for domain, version in graph.opsets.items())
        screen.print(cell(f"{diagnosis.path.name}: {graph.producer or 'exporter unknown'}; opsets {opsets}", "bold"))
        shown = table("tensor", "name", "type", "shape", whole=["tensor", "name", "type"])
        for kind, values in (("input", graph.inputs), ("output", graph.outputs)):
            for value in values:
                shown.add_row(cell(kind), cell(value.name), cell(value.datatype or value.kind), cell(value.shape))
        screen.print(shown)
    for finding in diagnosis.findings:
        text = f"{finding.weight.value} {finding.code}: {finding.message}"
        screen.print(cell(text, _STYLES[finding.weight]), soft_wrap=True)
        for exporter, advice in finding.advice.items():
            screen.print(cell(f"    {EXPORTERS[exporter]}: {advice}"), soft_wrap=True)
    for name, gap in prepared.framework.items():
        screen.print(
            cell(f"output {name}: differs from the framework's by {number(gap)}, relative to the largest number")
        )
    plan = prepared.plan
    if plan is None:
        return
    how = ", ".join(plan.methods) or f"by its tensors alone ({plan.missing})"
    screen.print(cell(f"domain {plan.domain} ({plan.why}): {how}"), soft_wrap=True)
    for reason in plan.reasons:
        screen.print(cell(f"    {reason}"), soft_wrap=True)
    for note in plan.notes:
        screen.print(cell(f"note: {note}", "dim"), soft_wrap=True)


def print_served(served: Served) -> None:
    """Prints differences and times."""
    screen = console()
    shown = table(
        "output", "served - samples", "served - ONNX Runtime", numeric=["served - samples", "served - ONNX Runtime"]
    )
    for name in served.bare:
        gap = number(served.samples[name]) if name in served.samples else "-"
        shown.add_row(cell(name), cell(gap), cell(number(served.bare[name])))
    screen.print(shown)
    latency = served.latency
    compute = "" if latency.compute_ms is None else f", in its engine {latency.compute_ms:.2f} ms"
    screen.print(
        cell(
            f"{latency.calls} calls, one after another: median {latency.p50_ms:.2f} ms, 99 % {latency.p99_ms:.2f} ms"
            f"{compute}; bare ONNX Runtime {latency.bare_ms:.2f} ms"
        )
    )
