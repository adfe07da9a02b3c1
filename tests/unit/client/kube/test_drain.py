# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Draining a worker: who may be drained, what budgets say, and what its end tells."""

import json
from typing import Any

import pytest
from argosy_client.kube import drain as draining
from argosy_client.kube.drain import drain, worker
from argosy_client.kube.errors import DisruptionRefused, KubeError
from argosy_client.kube.kubectl import Cluster
from argosy_client.kube.pods import Pod

from tests.unit.client.kube.fake_kubectl import FakeKubectl, pod

CLUSTER = Cluster("argosy-system")


def gone(name: str, code: int, at: str) -> dict[str, Any]:
    """A pod that has ended, with the times that its kubelet writes last."""
    terminated = {"terminated": {"exitCode": code, "finishedAt": at}}
    return pod(
        name,
        deletionTimestamp="2026-11-30T06:00:31Z",
        deletionGracePeriodSeconds=0,
        status={"containerStatuses": [{"name": "main", "state": terminated}]},
    )


def stopping(name: str) -> dict[str, Any]:
    """A pod that was asked to stop at 06:00:00."""
    return pod(name, deletionTimestamp="2026-11-30T06:00:30Z", deletionGracePeriodSeconds=30)


def prepare(kubectl: FakeKubectl, last: dict[str, Any]) -> Pod:
    """Two workers, and what a watch of one tells once it was evicted."""
    kubectl.pods(pod("worker-a"), pod("worker-b"))
    other = {**last, "metadata": {**last["metadata"], "uid": "of another pod of that name"}}
    events = [("ADDED", pod("worker-a")), ("MODIFIED", stopping("worker-a")), ("DELETED", other), ("DELETED", last)]
    lines = [json.dumps({"type": kind, "object": each}) for kind, each in events]
    kubectl.say("watch.txt", "\n".join(lines))
    return worker(CLUSTER, "worker-a", even_last=False)


@pytest.mark.parametrize(
    ("code", "at", "seconds", "clean"),
    [
        (0, "2026-11-30T06:00:04Z", 4, True),
        (0, "2026-11-30T06:00:23Z", 23, False),  # its grace was over: calls may have been cut off
        (137, "2026-11-30T06:00:30Z", 30, False),
    ],
)
def test_a_worker_that_ends_by_itself_in_time_had_nothing_in_flight(
    kubectl: FakeKubectl, code: int, at: str, seconds: int, clean: bool
) -> None:
    chosen = prepare(kubectl, gone("worker-a", code, at))
    told: list[str] = []
    found = drain(CLUSTER, chosen, 10, told.append)
    assert (found.worker, found.seconds, found.exit_code, found.clean) == ("worker-a", seconds, code, clean)
    assert told == ["worker-a is evicted: it takes no new calls and finishes those that it has"]


def test_the_pod_is_evicted_and_not_deleted(kubectl: FakeKubectl) -> None:
    drain(CLUSTER, prepare(kubectl, gone("worker-a", 0, "2026-11-30T06:00:04Z")), 10, print)
    paths = [word for words in kubectl.asked() for word in words if word.startswith("--raw=") and "watch" not in word]
    assert paths == ["--raw=/api/v1/namespaces/argosy-system/pods/worker-a/eviction"]


def test_a_disruption_budget_is_asked_again_until_it_allows_it(
    kubectl: FakeKubectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "ASK_AGAIN_S", 0.01)
    chosen = prepare(kubectl, gone("worker-a", 0, "2026-11-30T06:00:04Z"))
    kubectl.say("refusals", "2")
    told: list[str] = []
    assert drain(CLUSTER, chosen, 10, told.append).clean
    assert len(told) == 2
    assert "disruption budget" in told[0]


def test_a_budget_that_never_allows_it_ends_the_wait(kubectl: FakeKubectl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draining, "ASK_AGAIN_S", 0.01)
    chosen = prepare(kubectl, gone("worker-a", 0, "2026-11-30T06:00:04Z"))
    kubectl.say("refusals", "1000000")
    with pytest.raises(DisruptionRefused, match="disruption budget"):
        drain(CLUSTER, chosen, 0.1, lambda _: None)


def test_a_worker_that_does_not_end_is_told_of(kubectl: FakeKubectl) -> None:
    chosen = prepare(kubectl, gone("worker-a", 0, "2026-11-30T06:00:04Z"))
    kubectl.say("watch.txt", json.dumps({"type": "ADDED", "object": pod("worker-a")}))
    with pytest.raises(KubeError, match=r"worker-a is still stopping after 0\.3 s"):
        drain(CLUSTER, chosen, 0.3, lambda _: None)


def test_a_watch_that_is_cut_is_no_worker_that_stops_slowly(kubectl: FakeKubectl) -> None:
    chosen = prepare(kubectl, gone("worker-a", 0, "2026-11-30T06:00:04Z"))
    error = {"type": "ERROR", "object": {"kind": "Status", "metadata": {}, "code": 410}}
    kubectl.say("watch.txt", "\n".join(map(json.dumps, [{"type": "ADDED", "object": pod("worker-a")}, error])))
    kubectl.say("cut", '{"type": "DELE')
    with pytest.raises(KubeError, match="the watch of worker-a was cut"):
        drain(CLUSTER, chosen, 10, lambda _: None)


def test_a_pod_of_which_nothing_is_told_is_not_waited_for(
    kubectl: FakeKubectl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draining, "KUBECTL_TIMEOUT_S", 0.2)
    chosen = prepare(kubectl, gone("worker-a", 0, "2026-11-30T06:00:04Z"))
    kubectl.say("watch.txt", "\n")
    with pytest.raises(KubeError):
        drain(CLUSTER, chosen, 60, lambda _: None)
    assert not (kubectl.folder / "evicted").exists()


def test_a_watch_that_is_refused_evicts_nothing(kubectl: FakeKubectl) -> None:
    chosen = prepare(kubectl, gone("worker-a", 0, "2026-11-30T06:00:04Z"))
    kubectl.say("error", 'Error from server (Forbidden): pods "worker-a" is forbidden: User "jane" cannot watch')
    with pytest.raises(KubeError, match="does not let you"):
        drain(CLUSTER, chosen, 10, lambda _: None)
    assert not (kubectl.folder / "evicted").exists()


def test_the_last_ready_worker_of_its_kind_is_left_alone_unless_that_is_meant(kubectl: FakeKubectl) -> None:
    kubectl.pods(pod("worker-a"), pod("worker-b", ready=False))
    with pytest.raises(KubeError, match="the only ready pod of worker-vision"):
        worker(CLUSTER, "worker-a", even_last=False)
    assert worker(CLUSTER, "worker-a", even_last=True).name == "worker-a"
    assert worker(CLUSTER, "pod/worker-b", even_last=False).name == "worker-b"  # it answers nobody


@pytest.mark.parametrize(
    ("name", "text"), [("gateway-a", "there is no worker gateway-a: there are worker-a"), ("worker-a", "is stopping")]
)
def test_what_is_no_worker_or_stops_already_is_refused(kubectl: FakeKubectl, name: str, text: str) -> None:
    kubectl.pods(pod("worker-a", deletionTimestamp="2026-11-30T06:00:30Z"), pod("gateway-a", component="gateway"))
    with pytest.raises(KubeError, match=text):
        worker(CLUSTER, name, even_last=False)
