# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from argosy_gateway.fleet import Fleet
from argosy_gateway.resources.endpoints import assignments
from argosy_gateway.resources.retries import retry_policy
from argosy_gateway.snapshot import ROUTE, SnapshotBuilder
from argosy_gateway.traffic import Share, Traffic

from tests.unit.gateway.fleets import fleet, model, worker

WORKERS = (worker("nlp", 1, model("a")), worker("nlp", 2, model("a")), worker("vision", 3, model("b")))


def levels(known: Fleet) -> dict[str, list[list[int]]]:
    """Ports of the endpoints of each cluster, by priority; priorities are 0, 1 and so on."""
    found = {}
    for each in assignments(known):
        assert [level.priority for level in each.endpoints] == list(range(len(each.endpoints)))
        found[each.cluster_name] = [
            [one.endpoint.address.socket_address.port_value for one in level.lb_endpoints] for level in each.endpoints
        ]
    return found


def test_distant_workers_come_after_the_others_in_every_cluster() -> None:
    traffic = {"a": Traffic(mirror=(Share(1, 500),))}
    known = replace(fleet(*WORKERS, traffic=traffic), distant=frozenset({"127.0.0.1:2"}))
    assert levels(known) == {
        "domain/nlp": [[1], [2]],
        "domain/vision": [[3]],
        "shadow/a/1": [[1], [2]],
        "fleet": [[1, 3], [2]],
    }


def test_distant_workers_come_first_where_no_other_serves() -> None:
    dead = replace(WORKERS[0], status=worker("nlp", 1, status="UNREACHABLE").status)
    known = replace(fleet(dead, *WORKERS[1:]), distant=frozenset({"127.0.0.1:2"}))
    assert levels(known)["domain/nlp"] == [[2]]


def test_the_second_attempt_of_a_call_goes_elsewhere_only_where_some_are_distant() -> None:
    builder = SnapshotBuilder()
    plain = builder.build(fleet(*WORKERS)).by_type[ROUTE]
    distant = builder.build(replace(fleet(*WORKERS), distant=frozenset({"127.0.0.1:2"}))).by_type[ROUTE]
    assert plain.version != distant.version
    assert not retry_policy().HasField("retry_priority")
    assert retry_policy(distant=True).retry_priority.name == "envoy.retry_priorities.previous_priorities"
