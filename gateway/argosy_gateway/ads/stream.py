# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One ADS stream as a state machine without I/O: requests and snapshots go in, due responses come out.

Order keeps calls from failing while configuration changes: clusters and their endpoints are sent back to back (Envoy
acknowledges a changed cluster only once it has endpoints), listeners and routes when both are acknowledged, and a
cluster that is no longer wanted stays until the routes that do without it are acknowledged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse
from google.protobuf.any_pb2 import Any

from argosy_gateway.snapshot import CLUSTER, ENDPOINT, LISTENER, ROUTE, Resources, Snapshot

OnNack = Callable[[str, str, str], None]
OnAck = Callable[[str], None]

#: Largest request, in bytes, and the most names in it: what is asked for is remembered for as long as the stream lasts.
MAX_REQUEST_BYTES = 1 << 20
MAX_NAMES = 4096
_SERVED = frozenset({LISTENER, ROUTE, CLUSTER, ENDPOINT})
#: Types of which all are wanted where a first request names none.
_WILDCARD = frozenset({LISTENER, CLUSTER})


class RequestTooLarge(Exception):
    """A request beyond the limits; the text says which one."""


@dataclass(slots=True)
class _Subscription:
    """What a client asked for and was sent, of one type."""

    names: frozenset[str]
    wildcard: bool
    due: bool = True
    nonce: str = ""
    sent: Resources | None = None
    sent_items: Mapping[str, Any] = field(default_factory=dict)
    in_flight: bool = False
    rejected: bool = False

    def wanted(self, resources: Resources) -> Mapping[str, Any]:
        """Those resources that were asked for."""
        if self.wildcard:
            return resources.items
        return {name: item for name, item in resources.items.items() if name in self.names}


class Stream:
    """State of one stream.

    Args:
        on_nack: Told of the type, version and error text whenever Envoy refuses a response.
        on_ack: Told of the type whenever Envoy accepts one.
    """

    def __init__(self, on_nack: OnNack, on_ack: OnAck) -> None:
        self._on_nack = on_nack
        self._on_ack = on_ack
        self._subscriptions: dict[str, _Subscription] = {}
        self._snapshot: Snapshot | None = None
        self._nonces = 0

    def offer(self, snapshot: Snapshot) -> None:
        """Makes a snapshot the one to send; what was not sent of earlier ones is skipped."""
        self._snapshot = snapshot

    def receive(self, request: DiscoveryRequest) -> None:
        """Takes a subscription, acknowledgement or refusal. Raises RequestTooLarge for one beyond the limits."""
        _check_size(request)
        if request.type_url not in _SERVED:
            return
        names = frozenset(request.resource_names)
        known = self._subscriptions.get(request.type_url)
        if known is None:
            wildcard = not names and request.type_url in _WILDCARD
            self._subscriptions[request.type_url] = _Subscription(names, wildcard)
            return
        if request.response_nonce != known.nonce:
            return  # answers an older response than the last: the answer to that one is on its way
        if request.HasField("error_detail"):
            known.rejected = True
            version = known.sent.version if known.sent else ""
            self._on_nack(request.type_url, version, request.error_detail.message)
        elif known.in_flight:
            known.rejected = False
            self._on_ack(request.type_url)
        known.in_flight = False
        if names != known.names:
            known.names, known.due = names, True
            known.wildcard = False

    def accepted(self) -> Snapshot | None:
        """The newest snapshot, once the client has accepted all of it."""
        if self._snapshot is None:
            return None
        for type_url, resources in self._snapshot.by_type.items():
            held = self._subscriptions.get(type_url)
            if held is None or held.sent is None or held.sent.version != resources.version:
                return None
            if not self._settled(type_url):
                return None
        return self._snapshot

    def take(self) -> list[DiscoveryResponse]:
        """Returns the responses that are due, in the order in which to send them."""
        if self._snapshot is None:
            return []
        target = self._snapshot.by_type
        responses = self._send(CLUSTER, self._clusters(target))
        if responses and ENDPOINT in self._subscriptions:
            # A changed cluster waits for its endpoints again, even if they are the same.
            self._subscriptions[ENDPOINT].due = True
        responses += self._send(ENDPOINT, target[ENDPOINT])
        if self._settled(CLUSTER) and self._settled(ENDPOINT):
            for type_url in (LISTENER, ROUTE):
                if type_url in target:  # Envoy's listener is in its bootstrap
                    responses += self._send(type_url, target[type_url])
        return responses

    def _clusters(self, target: Mapping[str, Resources]) -> Resources:
        """The wanted clusters, and the old ones while Envoy may still have routes to them."""
        held = self._subscriptions.get(CLUSTER)
        routes = self._subscriptions.get(ROUTE)
        if held is None or held.sent is None or routes is None:
            return target[CLUSTER]
        current = routes.sent is not None and routes.sent.version == target[ROUTE].version
        if current and not routes.in_flight and not routes.rejected:
            return target[CLUSTER]
        if held.sent.items.keys() <= target[CLUSTER].items.keys():
            return target[CLUSTER]
        return Resources.of({**held.sent.items, **target[CLUSTER].items})

    def _send(self, type_url: str, resources: Resources) -> list[DiscoveryResponse]:
        subscription = self._subscriptions.get(type_url)
        if subscription is None or subscription.in_flight:
            return []
        changed = subscription.sent is None or subscription.sent.version != resources.version
        if not (subscription.due or changed):
            return []
        items = subscription.wanted(resources)
        subscription.sent = resources
        if not subscription.due and items == subscription.sent_items:
            return []  # what changed was not asked for
        self._nonces += 1
        subscription.nonce = str(self._nonces)
        subscription.sent_items, subscription.due, subscription.in_flight = items, False, True
        return [
            DiscoveryResponse(
                type_url=type_url,
                version_info=resources.version,
                nonce=subscription.nonce,
                resources=[items[name] for name in sorted(items)],
            )
        ]

    def _settled(self, type_url: str) -> bool:
        """Whether the client has accepted the newest of a type, or does not want it."""
        subscription = self._subscriptions.get(type_url)
        if subscription is None:
            return True
        return not (subscription.in_flight or subscription.due or subscription.rejected)


def _check_size(request: DiscoveryRequest) -> None:
    if request.ByteSize() > MAX_REQUEST_BYTES:
        raise RequestTooLarge(f"a request has at most {MAX_REQUEST_BYTES:,} bytes")
    if len(request.resource_names) > MAX_NAMES:
        raise RequestTooLarge(f"a request names at most {MAX_NAMES:,} resources")
