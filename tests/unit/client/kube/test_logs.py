# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Lines about one call, from the logs of all pods."""

import json

import pytest
from argosy_client.kube.errors import KubeError
from argosy_client.kube.kubectl import Cluster
from argosy_client.kube.logs import LogLine, lines_of

from tests.unit.client.kube.fake_kubectl import FakeKubectl, pod

CLUSTER = Cluster("argosy-system")


def line(place: str, second: int, message: str, **fields: object) -> str:
    """A line as kubectl prints it."""
    time = f"2026-11-30T06:00:{second:02}.5+00:00"
    entry = {"time": time, "level": "ERROR", "logger": "argosy", "message": message, **fields}
    return f"[pod/{place}] 2026-11-30T06:00:{second:02}.500000001Z {json.dumps(entry)}\n"


def test_lines_of_all_pods_come_in_order_of_time(kubectl: FakeKubectl) -> None:
    kubectl.pods(pod("worker-a"))
    kubectl.say(
        "logs.txt",
        line("worker-b/worker", 9, "engine fault", request_id="seven", model="digits")
        + line("worker-b/worker", 1, "another call", request_id="eight", about="seven")
        + "error: container is waiting to start\n"
        + "[pod/gateway-a/envoy] 2026-11-30T06:00:05.1Z [info] stream of seven was reset\n"
        + line("gateway-a/control-plane", 3, "defect", request_id="seven"),
    )
    found = lines_of(CLUSTER, "seven", "")
    assert [(each.pod, each.container, each.message) for each in found] == [
        ("gateway-a", "control-plane", "defect"),
        ("gateway-a", "envoy", "[info] stream of seven was reset"),
        ("worker-b", "worker", "engine fault"),
    ]
    assert found[2] == LogLine(
        "2026-11-30T06:00:09.5+00:00",
        "worker-b",
        "worker",
        "ERROR",
        "engine fault",
        {"request_id": "seven", "model": "digits"},
    )


def test_a_line_that_is_no_text_is_shown_as_far_as_it_is(kubectl: FakeKubectl) -> None:
    kubectl.pods(pod("worker-a"))
    content = (
        b"[pod/worker-a/worker] 2026-11-30T06:00:05.1Z seven \xff\n" + line("a/w", 9, "ü", request_id="seven").encode()
    )
    (kubectl.folder / "logs.txt").write_bytes(content)
    assert [each.message for each in lines_of(CLUSTER, "seven", "")] == ["seven \N{REPLACEMENT CHARACTER}", "ü"]


def test_what_a_container_wrote_before_it_was_restarted_is_there_too(kubectl: FakeKubectl) -> None:
    kubectl.pods(pod("worker-a", status={"containerStatuses": [{"name": "worker", "restartCount": 1}]}))
    kubectl.say("logs.txt", line("worker-a/worker", 9, "later", request_id="seven"))
    kubectl.say("previous.txt", line("worker-a/worker", 1, "before", request_id="seven"))
    assert [each.message for each in lines_of(CLUSTER, "seven", "1h")] == ["before", "later"]
    (*_, earlier) = kubectl.asked()
    assert {"worker-a", "--container=worker", "--previous", "--since=1h"} <= set(earlier)


def test_a_cluster_that_refuses_is_told_in_one_line(kubectl: FakeKubectl) -> None:
    kubectl.say("error", 'Error from server (Forbidden): pods "worker-a" is forbidden: User "jane" cannot get "log"')
    with pytest.raises(KubeError, match="does not let you"):
        lines_of(CLUSTER, "seven", "")
