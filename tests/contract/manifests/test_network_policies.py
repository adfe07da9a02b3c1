# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The table of docs/kubernetes.md says who may talk to whom; the policies allow just that."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pytest

from tests.contract.manifests.policies import End, Port, allowed
from tests.contract.manifests.rendered import ROOT, Manifests, combined, overlay

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


@pytest.fixture(scope="module")
def fleet() -> Manifests:
    """The overlay that has the policies."""
    return overlay("prod")


@pytest.fixture(scope="module")
def ends(fleet: Manifests) -> Ends:
    """Who may be at either end of a connection."""
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


def test_just_the_connections_of_the_table_are_allowed(fleet: Manifests, ends: Ends) -> None:
    policies, rows = fleet.of("NetworkPolicy"), table()
    wrong = {
        f"{source} -> {target}, {port.protocol} {port.number}": "refused" if wanted else "allowed"
        for source, target, port in connections(ends)
        if allowed(policies, ends[source][0], ends[target][0], port)
        is not (wanted := in_table(rows, ends, source, target, port))
    }
    assert wrong == {}


def test_each_row_of_the_table_allows_something(ends: Ends) -> None:
    """A name that nothing has would say nothing about the policies."""
    names = {name for _, known in ends.values() for name in known}
    assert {name for row in table() for name in (row.source, row.target)} <= names
    assert len(table()) >= 9


@pytest.mark.parametrize(
    "policy",
    [
        *("default-deny", "dns", "telemetry", "gateway", "control-plane-to-api-server"),
        *("controller", "controller-to-api-server", "worker"),
    ],
)
def test_without_any_one_of_the_policies_the_table_would_be_wrong(fleet: Manifests, ends: Ends, policy: str) -> None:
    policies = [each for each in fleet.of("NetworkPolicy") if each["metadata"]["name"] != policy]
    assert len(policies) == len(fleet.of("NetworkPolicy")) - 1
    rows = table()
    assert any(
        allowed(policies, ends[source][0], ends[target][0], port) is not in_table(rows, ends, source, target, port)
        for source, target, port in connections(ends)
    )


def test_an_envoy_reaches_its_own_control_plane_past_all_policies(fleet: Manifests, ends: Ends) -> None:
    gateway, _ = ends["gateway a"]
    assert allowed(fleet.of("NetworkPolicy"), gateway, gateway, Port(18000))


def test_the_overlay_dev_is_open(ends: Ends) -> None:
    assert overlay("dev").of("NetworkPolicy") == []


def test_object_stores_can_be_reached_where_the_component_says_so_and_nothing_private(ends: Ends) -> None:
    policies = combined("prod", "model-sources").of("NetworkPolicy")
    worker = ends["worker a"][0]
    reached = {name for name, (end, _) in ends.items() if allowed(policies, worker, end, Port(443)) and end != worker}
    assert reached == {"object store", "API server"}  # the latter has a public address here
    assert not allowed(policies, worker, ends["object store"][0], Port(80))
