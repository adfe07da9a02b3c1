# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""EndpointSlices -> the workers there are, and which of them are far away. Pure.

Conditions are not looked at. Workers' Services publish addresses that are not ready; each worker says by itself what it
can answer, and one that is terminating is needed until its last call has ended: then its process, and its address, go.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from argosy_gateway.discovery import WorkerSpec
from argosy_gateway.discovery.kubernetes.objects import Object
from argosy_gateway.services import domains

#: Path of the slices of one namespace.
PATH = "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"
#: Labels that Services hand down to their EndpointSlices.
PART_OF = "app.kubernetes.io/part-of"
COMPONENT = "app.kubernetes.io/component"
DOMAIN = "argosy.dev/domain"
#: Slices of workers, and of the gateway's own pods, which say in which zone each is.
SELECTOR = f"{PART_OF}=argosy,{COMPONENT} in (gateway,worker)"
#: Name of the port on which workers serve gRPC.
PORT = "grpc"
_FAMILIES = ("IPv4", "IPv6")


@dataclass(frozen=True, slots=True)
class Workers:
    """What slices say of workers."""

    specs: tuple[WorkerSpec, ...]
    """Each worker once, sorted."""
    distant: frozenset[str]
    """Addresses of those that get calls only where no nearer worker can answer."""
    unknown_domains: frozenset[str]
    """Domains in labels that this version does not know; their workers are left out."""
    unusable: frozenset[str] = frozenset()
    """Addresses of workers that are none; they are left out."""


@dataclass(frozen=True, slots=True)
class _Endpoint:
    domain: str
    family: str
    address: str
    pod: str
    zone: str
    hints: frozenset[str]


def workers(slices: Iterable[Object], zone: str) -> Workers:
    """Takes all slices together; ``zone`` is that of this gateway, empty where it has none.

    A pod of a Service with both families is one worker, by IPv4. An address that is listed twice, as while the API
    server moves it from one slice to another, is one worker too.
    """
    found: dict[tuple[str, str], _Endpoint] = {}
    unknown: set[str] = set()
    unusable: set[str] = set()
    for each in slices:
        labels = each["metadata"].get("labels") or {}
        if labels.get(COMPONENT) != "worker":
            continue
        domain = labels.get(DOMAIN, "")
        if domain not in domains():
            unknown.add(domain)
            continue
        for endpoint in _endpoints(each, domain, unusable):
            before = found.get((domain, endpoint.pod))
            if before is None or _order(endpoint) < _order(before):
                found[domain, endpoint.pod] = endpoint
    specs = {WorkerSpec(endpoint.domain, endpoint.address) for endpoint in found.values()}
    return Workers(
        tuple(sorted(specs, key=lambda spec: (spec.domain, spec.address))),
        frozenset(_distant(found.values(), zone)) if zone else frozenset(),
        frozenset(unknown),
        frozenset(unusable),
    )


def zone_of(slices: Iterable[Object], pod: str) -> str:
    """The zone of one of the gateway's pods; empty where that is not known."""
    for each in slices:
        if (each["metadata"].get("labels") or {}).get(COMPONENT) != "gateway":
            continue
        for endpoint in each.get("endpoints") or ():
            if (endpoint.get("targetRef") or {}).get("name") == pod:
                return endpoint.get("zone") or ""
    return ""


def _endpoints(each: Object, domain: str, unusable: set[str]) -> Iterator[_Endpoint]:
    family = each.get("addressType", "")
    port = next((port.get("port") for port in each.get("ports") or () if port.get("name") == PORT), None)
    if family not in _FAMILIES or not port:
        return
    for endpoint in each.get("endpoints") or ():
        # More than one address means the same as the first.
        host = next(iter(endpoint.get("addresses") or ()), "")
        try:
            host = str((ipaddress.IPv6Address if family == "IPv6" else ipaddress.IPv4Address)(host))
        except ValueError:
            unusable.add(host)
            continue
        address = f"[{host}]:{port}" if family == "IPv6" else f"{host}:{port}"
        yield _Endpoint(
            domain,
            family,
            address,
            (endpoint.get("targetRef") or {}).get("uid") or address,
            endpoint.get("zone") or "",
            frozenset(hint["name"] for hint in (endpoint.get("hints") or {}).get("forZones") or ()),
        )


def _order(endpoint: _Endpoint) -> tuple[int, bool, str]:
    """Of several that are one pod, the first counts."""
    return _FAMILIES.index(endpoint.family), not endpoint.hints, endpoint.address


def _distant(endpoints: Iterable[_Endpoint], zone: str) -> Iterator[str]:
    """Addresses of workers for other zones, in the domains whose Service asks for that and has some for this zone.

    An endpoint that has no hint yet, unlike others of its domain, counts by where it is.
    """
    by_domain: dict[str, list[_Endpoint]] = {}
    for endpoint in endpoints:
        by_domain.setdefault(endpoint.domain, []).append(endpoint)
    for members in by_domain.values():
        if not any(endpoint.hints for endpoint in members):
            continue
        far = [endpoint.address for endpoint in members if zone not in (endpoint.hints or {endpoint.zone})]
        if len(far) < len(members):
            yield from far
