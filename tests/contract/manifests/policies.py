# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What NetworkPolicies mean: whether they let one end of a connection reach another.

As Kubernetes defines it: a pod that no policy selects for a direction is open in it; one that is selected is open to
what any of those policies allows. Both ends must agree. Ports are numbers here, and policies that name theirs are
refused, since not every network plugin resolves names for traffic that leaves.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class End:
    """One end of a connection: a pod, or with an empty ``namespace`` whatever else has an address."""

    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    namespace_labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Port:
    """Where a connection goes."""

    number: int
    protocol: str = "TCP"


def allowed(policies: Iterable[Mapping[str, Any]], source: End, target: End, port: Port) -> bool:
    """Whether the policies let ``source`` connect to ``target``. No policy comes between a pod and itself."""
    if source == target:
        return True
    known = list(policies)
    return _open(known, source, target, port, "Egress") and _open(known, target, source, port, "Ingress")


def _open(policies: list[Mapping[str, Any]], end: End, peer: End, port: Port, direction: str) -> bool:
    """Whether one end lets a connection through."""
    selecting = [policy for policy in policies if direction in _types(policy) and _selects(policy, end)]
    if not selecting:
        return True
    rules = (
        (rule, policy["metadata"]["namespace"])
        for policy in selecting
        for rule in policy["spec"].get(direction.lower(), ())
    )
    return any(_lets_through(rule, namespace, peer, port, direction) for rule, namespace in rules)


def _types(policy: Mapping[str, Any]) -> list[str]:
    types: list[str] = policy["spec"]["policyTypes"]
    return types


def _selects(policy: Mapping[str, Any], end: End) -> bool:
    return end.namespace == policy["metadata"]["namespace"] and _matches(policy["spec"]["podSelector"], end.labels)


def _lets_through(rule: Mapping[str, Any], namespace: str, peer: End, port: Port, direction: str) -> bool:
    peers = rule.get("to" if direction == "Egress" else "from")
    return (peers is None or any(_is(each, namespace, peer) for each in peers)) and (
        "ports" not in rule or any(_covers(each, port) for each in rule["ports"])
    )


def _is(described: Mapping[str, Any], namespace: str, end: End) -> bool:
    if "ipBlock" in described:
        block, address = described["ipBlock"], ipaddress.ip_address(end.address)
        networks = [ipaddress.ip_network(each) for each in (block["cidr"], *block.get("except", ()))]
        return address in networks[0] and not any(address in each for each in networks[1:])
    if not end.namespace:
        return False
    if "namespaceSelector" in described:
        if not _matches(described["namespaceSelector"], end.namespace_labels):
            return False
    elif end.namespace != namespace:
        return False
    return _matches(described.get("podSelector", {}), end.labels)


def _covers(described: Mapping[str, Any], port: Port) -> bool:
    if not isinstance(described["port"], int):
        raise ValueError(f"a port by its name: {described['port']!r}")
    last = described.get("endPort", described["port"])
    return described.get("protocol", "TCP") == port.protocol and described["port"] <= port.number <= last


def _matches(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    if "matchExpressions" in selector:
        raise ValueError("matchExpressions: not used here, and not evaluated")
    wanted: Mapping[str, str] = selector.get("matchLabels", {})
    return all(labels.get(key) == value for key, value in wanted.items())
