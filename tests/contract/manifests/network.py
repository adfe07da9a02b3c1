# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Who may talk to whom: the table of docs/kubernetes.md, and ends of connections that it says something about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from tests.contract.manifests.policies import End, Port
from tests.contract.manifests.rendered import ROOT, Manifests

NAMESPACE = "argosy-system"
_ROW = re.compile(r"^\| (?P<source>[^|]+) \| (?P<target>[^|]+) \| (?P<ports>[^|]+) \|", re.M)
CALLERS = {"argosy.dev/callers": "true"}
#: Ports that something of the fleet listens on, or that rows name, and the admin's.
PORTS = [
    *(Port(number) for number in (53, 443, 4317, 6443, 8080, 8101, 9101, 9901, 9902, 18000, 18001, 18002, 18003)),
    Port(53, "UDP"),
]


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    source: str
    target: str
    ports: frozenset[Port]


def table() -> list[Row]:
    """The rows of the table under the heading "Network"."""
    text = (ROOT / "docs/kubernetes.md").read_text("utf-8")
    section = re.split(r"^## ", text.partition("\n## Network\n")[2], maxsplit=1, flags=re.M)[0]
    rows = [match for match in _ROW.finditer(section) if match["source"] not in ("from", "---")]
    return [Row(row["source"], row["target"], frozenset(map(_port, row["ports"].split(", ")))) for row in rows]


def _port(text: str) -> Port:
    protocol, number = text.split(" ")
    return Port(int(number), protocol)


OURS, FLEET, OUTSIDE = "pods of the namespace", "pods of the fleet", "addresses outside the namespace"
GATEWAY = {"gateway", "control plane", OURS, FLEET}
CONTROLLER = {"controller", OURS, FLEET}
WORKER = {"workers", OURS, FLEET}
APP = "app.kubernetes.io/name"

#: Each end by its name, with what the table calls it.
Ends = dict[str, tuple[End, set[str]]]


def described(fleet: Manifests) -> Ends:
    """Who may be at either end of a connection, with the labels that the fleet's manifests give its pods."""
    gateway, worker = pod(fleet, "gateway", "10.0.0.1"), pod(fleet, "worker-vision", "10.0.0.3")
    controller = pod(fleet, "controller", "10.0.0.6")
    return {
        "gateway a": (gateway, GATEWAY),
        "gateway b": (pod(fleet, "gateway", "10.0.0.2"), GATEWAY),
        "controller a": (controller, CONTROLLER),
        "controller b": (pod(fleet, "controller", "10.0.0.7"), CONTROLLER),
        "worker a": (worker, WORKER),
        "worker b": (pod(fleet, "worker-tabular", "10.0.0.4"), WORKER),
        "something else in our namespace": (other(NAMESPACE, "10.0.0.5", {}), {OURS}),
        "caller": (End("10.0.1.1", "shop", {APP: "web"}, CALLERS), {"callers", OUTSIDE}),
        "fleet caller": (
            End("10.0.1.2", "shop", {"argosy.dev/fleet-caller": "true"}, CALLERS),
            {"callers", "fleet callers", OUTSIDE},
        ),
        "stranger": (other("games", "10.0.2.1", {}), {OUTSIDE}),
        "stranger labelled as a fleet caller": (
            other("games", "10.0.2.2", {"argosy.dev/fleet-caller": "true"}),
            {OUTSIDE},
        ),
        "stranger labelled as a gateway": (other("games", "10.0.2.3", dict(gateway.labels)), {OUTSIDE}),
        "stranger labelled as a controller": (other("games", "10.0.2.6", dict(controller.labels)), {OUTSIDE}),
        "stranger labelled as a worker": (other("games", "10.0.2.4", dict(worker.labels)), {OUTSIDE}),
        "stranger labelled as KEDA": (other("games", "10.0.2.5", {APP: "keda-operator"}), {OUTSIDE}),
        "KEDA": (other("keda", "10.0.3.1", {APP: "keda-operator"}), {"KEDA", OUTSIDE}),
        "KEDA's metrics adapter": (other("keda", "10.0.3.2", {APP: "keda-operator-metrics-apiserver"}), {OUTSIDE}),
        "Prometheus": (other("monitoring", "10.0.4.1", {APP: "prometheus"}), {"Prometheus", OUTSIDE}),
        "Grafana": (other("monitoring", "10.0.4.2", {APP: "grafana"}), {OUTSIDE}),
        "DNS": (other("kube-system", "10.0.5.1", {"k8s-app": "kube-dns"}), {"DNS", OUTSIDE}),
        "collector": (other("telemetry", "10.0.6.1", {APP: "opentelemetry-collector"}), {"OTLP collector", OUTSIDE}),
        "API server": (End("192.0.2.1"), {OUTSIDE}),
        "object store": (End("203.0.113.1"), {"object stores", OUTSIDE}),
        "cloud's metadata": (End("169.254.169.254"), {OUTSIDE}),
    }


def pod(manifests: Manifests, deployment: str, address: str) -> End:
    """A pod of the fleet, with the labels that the manifests give it."""
    labels = manifests.pods()[f"Deployment/{deployment}"]["metadata"]["labels"]
    return End(address, NAMESPACE, labels, {"kubernetes.io/metadata.name": NAMESPACE})


def other(namespace: str, address: str, labels: dict[str, str]) -> End:
    """A pod that is none of ours."""
    return End(address, namespace, labels, {"kubernetes.io/metadata.name": namespace})


def connections(ends: Ends) -> Iterator[tuple[str, str, Port]]:
    """Every connection that has an end in our namespace: the policies have no say in others."""
    for source, target, port in product(ends, ends, PORTS):
        if source != target and NAMESPACE in (ends[source][0].namespace, ends[target][0].namespace):
            yield source, target, port


def in_table(rows: list[Row], ends: Ends, source: str, target: str, port: Port) -> bool:
    """What the table says of a connection."""
    return any(row.source in ends[source][1] and row.target in ends[target][1] and port in row.ports for row in rows)
