# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The table of docs/kubernetes.md says who may talk to whom; the policies allow just that."""

import pytest

from tests.contract.manifests.network import Ends, connections, described, in_table, table
from tests.contract.manifests.policies import Port, allowed
from tests.contract.manifests.rendered import Manifests, combined, overlay


@pytest.fixture(scope="module")
def fleet() -> Manifests:
    """The overlay that has the policies."""
    return overlay("prod")


@pytest.fixture(scope="module")
def ends(fleet: Manifests) -> Ends:
    """Who may be at either end of a connection."""
    return described(fleet)


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
