# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy_gateway.ads.stream import MAX_NAMES, MAX_REQUEST_BYTES, RequestTooLarge, Stream
from argosy_gateway.proxyless import ProxylessBuilder
from argosy_gateway.snapshot import CLUSTER, ENDPOINT, LISTENER, ROUTE, Snapshot, SnapshotBuilder
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse

from tests.unit.gateway.fleets import fleet, model, worker

VISION = worker("vision", 1, model("a"))
NLP = worker("nlp", 2, model("n"))
UNSERVED = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"


def snapshot(*workers: object) -> Snapshot:
    return SnapshotBuilder().build(fleet(*workers))  # type: ignore[arg-type]


class Envoy:
    """Envoy's side of a stream."""

    def __init__(self) -> None:
        self.nacks: list[tuple[str, str, str]] = []
        self.acks: list[str] = []
        self.stream = Stream(lambda *nack: self.nacks.append(nack), self.acks.append)
        self.last: dict[str, DiscoveryResponse] = {}

    def ask(self, kind: str, *names: str) -> None:
        nonce = self.last[kind].nonce if kind in self.last else ""
        self.stream.receive(DiscoveryRequest(type_url=kind, resource_names=names, response_nonce=nonce))

    def ack(self, kind: str, *names: str) -> None:
        self.ask(kind, *names)

    def nack(self, kind: str, reason: str) -> None:
        request = DiscoveryRequest(type_url=kind, response_nonce=self.last[kind].nonce)
        request.error_detail.message = reason
        self.stream.receive(request)

    def take(self) -> list[str]:
        responses = self.stream.take()
        self.last.update({response.type_url: response for response in responses})
        return [response.type_url for response in responses]

    def names(self, kind: str) -> int:
        return len(self.last[kind].resources)


ENDPOINTS = ("domain/vision", "fleet")


def settled(envoy: Envoy, *workers: object) -> Envoy:
    """An Envoy that has accepted a whole snapshot."""
    envoy.stream.offer(snapshot(*workers))
    envoy.ask(CLUSTER)
    assert envoy.take() == [CLUSTER]
    envoy.ask(ENDPOINT, *ENDPOINTS)
    assert envoy.take() == [ENDPOINT]
    envoy.ack(ENDPOINT, *ENDPOINTS)
    envoy.ack(CLUSTER)
    assert envoy.take() == []
    envoy.ask(ROUTE, "main")
    assert envoy.take() == [ROUTE]
    envoy.ack(ROUTE, "main")
    assert envoy.take() == []
    return envoy


def test_nothing_is_answered_before_there_is_a_snapshot() -> None:
    envoy = Envoy()
    envoy.ask(CLUSTER)
    assert envoy.take() == []


def test_routes_wait_until_clusters_and_endpoints_are_accepted() -> None:
    envoy = Envoy()
    envoy.stream.offer(snapshot(VISION))
    for kind, names in ((CLUSTER, ()), (ENDPOINT, ENDPOINTS), (ROUTE, ("main",))):
        envoy.ask(kind, *names)
    assert envoy.take() == [CLUSTER, ENDPOINT], "back to back: Envoy holds one acknowledgement until it has the other"
    envoy.ack(ENDPOINT, *ENDPOINTS)
    assert envoy.take() == []
    envoy.ack(CLUSTER)
    assert envoy.take() == [ROUTE]


def test_an_accepted_snapshot_is_not_sent_again() -> None:
    envoy = settled(Envoy(), VISION)
    envoy.stream.offer(snapshot(VISION))
    assert envoy.take() == []


def test_another_replica_is_sent_as_endpoints_alone() -> None:
    envoy = settled(Envoy(), VISION)
    envoy.stream.offer(snapshot(VISION, worker("vision", 3, model("a"))))
    assert envoy.take() == [ENDPOINT]


def test_a_changed_set_of_clusters_brings_endpoints_again_though_they_are_the_same() -> None:
    envoy = settled(Envoy(), VISION)
    envoy.stream.offer(snapshot(VISION, NLP))
    assert envoy.take() == [CLUSTER, ENDPOINT]


def test_a_removed_cluster_stays_until_no_route_leads_to_it() -> None:
    envoy = settled(Envoy(), VISION, NLP)
    envoy.stream.offer(snapshot(VISION))
    assert CLUSTER not in envoy.take()
    envoy.ack(ENDPOINT, *ENDPOINTS)
    assert envoy.take() == [ROUTE]
    assert envoy.take() == []
    envoy.ack(ROUTE, "main")
    assert envoy.take() == [CLUSTER, ENDPOINT]
    assert envoy.names(CLUSTER) == len(snapshot(VISION).by_type[CLUSTER].items)


def test_only_the_newest_snapshot_follows_an_answer_that_is_awaited() -> None:
    envoy = settled(Envoy(), VISION)
    envoy.stream.offer(snapshot(VISION, worker("vision", 3, model("a"))))
    assert envoy.take() == [ENDPOINT]
    for port in (4, 5, 6):
        envoy.stream.offer(snapshot(VISION, worker("vision", port, model("a"))))
    assert envoy.take() == [], "one response of a type is in flight at a time"
    envoy.ack(ENDPOINT, *ENDPOINTS)
    assert envoy.take() == [ENDPOINT]
    newest = snapshot(VISION, worker("vision", 6, model("a"))).by_type[ENDPOINT]
    assert envoy.last[ENDPOINT].version_info == newest.version


def test_a_refused_response_is_reported_not_repeated_and_holds_back_routes() -> None:
    envoy = settled(Envoy(), VISION)
    envoy.stream.offer(snapshot(VISION, NLP))
    assert envoy.take() == [CLUSTER, ENDPOINT]
    version = envoy.last[CLUSTER].version_info
    envoy.nack(CLUSTER, "bad cluster")
    envoy.ack(ENDPOINT, *ENDPOINTS)
    assert envoy.nacks == [(CLUSTER, version, "bad cluster")]
    assert envoy.take() == []
    envoy.stream.offer(snapshot(VISION))
    assert ROUTE not in envoy.take()


def test_an_answer_to_an_older_response_is_ignored() -> None:
    envoy = settled(Envoy(), VISION)
    old = DiscoveryRequest(type_url=ENDPOINT, resource_names=["other"], response_nonce="0")
    envoy.stream.receive(old)
    assert envoy.take() == []


def test_new_names_are_answered_at_once() -> None:
    envoy = settled(Envoy(), VISION, NLP)
    envoy.ask(ENDPOINT, "domain/vision", "domain/nlp", "fleet")
    assert envoy.take() == [ENDPOINT]
    assert envoy.names(ENDPOINT) == 3


def test_types_that_are_not_served_are_left_unanswered() -> None:
    envoy = settled(Envoy(), VISION)
    for kind in (LISTENER, UNSERVED):
        envoy.ask(kind)
    assert envoy.take() == []


def clients_snapshot(*workers: object) -> Snapshot:
    return ProxylessBuilder().build(fleet(*workers))  # type: ignore[arg-type]


def settled_client(*workers: object) -> Envoy:
    """A gRPC client that follows the domain vision with its only model."""
    client = Envoy()
    client.stream.offer(clients_snapshot(*workers))
    asked = (
        (LISTENER, ["argosy.vision"]),
        (ROUTE, ["argosy.vision"]),
        (CLUSTER, ["domain/vision", "model/a"]),
        (ENDPOINT, ["domain/vision", "model/a"]),
    )
    for kind, names in asked:
        client.ask(kind, *names)
        assert client.take() == [kind]
        assert client.names(kind) == len(names)
        client.ack(kind, *names)
        assert client.take() == []
    return client


def test_a_grpc_client_gets_what_it_names_and_no_more() -> None:
    client = settled_client(VISION, NLP)
    client.stream.offer(clients_snapshot(VISION, worker("nlp", 3, model("n"))))
    assert client.take() == []


def test_a_grpc_client_that_names_nothing_any_more_gets_nothing() -> None:
    client = settled_client(VISION)
    client.ask(CLUSTER)
    assert CLUSTER in client.take()
    assert client.names(CLUSTER) == 0


def test_a_model_that_a_grpc_client_calls_is_removed_from_routes_before_its_cluster_goes() -> None:
    client = settled_client(VISION)
    client.stream.offer(clients_snapshot(worker("vision", 1)))
    assert client.take() == [ENDPOINT]
    client.ack(ENDPOINT, "domain/vision", "model/a")
    assert client.take() == [ROUTE]
    client.ack(ROUTE, "argosy.vision")
    assert client.take() == [CLUSTER, ENDPOINT]
    assert client.names(CLUSTER) == 1


def test_requests_beyond_the_limits_are_refused() -> None:
    stream = Envoy().stream
    for request in (
        DiscoveryRequest(type_url=CLUSTER, resource_names=map(str, range(MAX_NAMES + 1))),
        DiscoveryRequest(type_url=UNSERVED, version_info="x" * MAX_REQUEST_BYTES),
    ):
        with pytest.raises(RequestTooLarge):
            stream.receive(request)


def test_each_acceptance_is_told_once_and_a_refusal_is_none() -> None:
    envoy = settled(Envoy(), VISION)
    assert sorted(envoy.acks) == sorted([CLUSTER, ENDPOINT, ROUTE])
    envoy.ask(ENDPOINT, "domain/vision")  # a changed subscription answers no response
    assert len(envoy.acks) == 3
    envoy.take()
    envoy.nack(ENDPOINT, "bad")
    assert len(envoy.acks) == 3
    assert len(envoy.nacks) == 1


def test_a_snapshot_is_accepted_once_all_of_it_is() -> None:
    envoy = settled(Envoy(), VISION)
    accepted = envoy.stream.accepted()
    assert accepted is not None
    changed = snapshot(worker("vision", 1, model("a"), model("b")))
    envoy.stream.offer(changed)
    assert envoy.stream.accepted() is None
    assert envoy.take() == [ENDPOINT]
    envoy.ack(ENDPOINT, *ENDPOINTS)
    assert envoy.take() == [ROUTE]
    assert envoy.stream.accepted() is None
    envoy.ack(ROUTE, "main")
    assert envoy.stream.accepted() is changed


def test_a_snapshot_that_is_refused_in_part_is_not_accepted() -> None:
    envoy = settled(Envoy(), VISION)
    envoy.stream.offer(snapshot(worker("vision", 1, model("a"), model("b"))))
    envoy.take()
    envoy.ack(ENDPOINT, *ENDPOINTS)
    envoy.take()
    envoy.nack(ROUTE, "no")
    assert envoy.stream.accepted() is None
