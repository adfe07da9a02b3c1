# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of metrics, from the calls that create them: none has to run for that."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import argosy_gateway
import argosy_worker
from prometheus_client import CollectorRegistry, ProcessCollector

from tools.reference_tables.markdown import code, table

_KINDS = {
    "Counter": "counter",
    "CounterMetricFamily": "counter",
    "Gauge": "gauge",
    "GaugeMetricFamily": "gauge",
    "Histogram": "histogram",
    "HistogramMetricFamily": "histogram",
}


_CONTROLLER = "controller"


class Metric(NamedTuple):
    """One metric as it is scraped."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str


def worker() -> str:
    """Metrics of a worker."""
    return _table(find(Path(argosy_worker.__file__).parent))


def control_plane() -> str:
    """Metrics of the control plane."""
    package = Path(argosy_gateway.__file__).parent
    return _table(find(package, without=package / _CONTROLLER))


def controller() -> str:
    """Metrics of the controller of models, a program of its own."""
    return _table(find(Path(argosy_gateway.__file__).parent / _CONTROLLER))


def find(package: Path, without: Path | None = None) -> list[Metric]:
    """Finds the metrics that the modules of a package create, by name, but those of another below it."""
    modules = (path for path in package.rglob("*.py") if without not in path.parents)
    found = {metric.name: metric for path in modules for metric in _of_module(path)}
    return sorted(found.values())


def _of_module(path: Path) -> Iterator[Metric]:
    tree = ast.parse(path.read_text("utf-8"))
    known = {
        node.targets[0].id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called == "ProcessCollector":
            yield from _of_process()
        if len(node.args) < 2:
            continue
        name, text = (part.value if isinstance(part, ast.Constant) else None for part in node.args[:2])
        if called in _KINDS and isinstance(name, str) and isinstance(text, str):
            given = [*node.args[2:], *(keyword.value for keyword in node.keywords if keyword.arg == "labels")]
            labels = tuple(_texts(given[0], known)) if given else ()
            kind = _KINDS[called]
            yield Metric(f"{name}_total" if kind == "counter" else name, kind, labels, text)


def _of_process() -> Iterator[Metric]:
    """Yields what Prometheus's own library tells of a process."""
    for family in ProcessCollector(registry=CollectorRegistry()).collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        yield Metric(name, family.type, (), family.documentation)


def _texts(node: ast.expr, known: dict[str, ast.expr]) -> Iterator[str]:
    """Yields the texts of a tuple or list, names and unpacked names looked up."""
    if isinstance(node, ast.Name):
        yield from _texts(known[node.id], known)
    elif isinstance(node, ast.Starred):
        yield from _texts(node.value, known)
    elif isinstance(node, ast.Tuple | ast.List):
        for element in node.elts:
            yield from _texts(element, known)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _table(found: list[Metric]) -> str:
    return table(
        ("metric", "kind", "labels", "meaning"),
        [(code(metric.name), metric.kind, ", ".join(map(code, metric.labels)), metric.text) for metric in found],
    )
