# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy_client.kube.errors import KubeError
from argosy_client.kube.kubectl import Cluster
from argosy_client.kube.pods import gateway, pods

from tests.unit.client.kube.fake_kubectl import FakeKubectl, pod

CLUSTER = Cluster("argosy-system")
WAITING = {"containerStatuses": [{"name": "envoy", "state": {"waiting": {"reason": "ImagePullBackOff"}}}]}


def test_pods_are_asked_for_in_the_namespace_and_context(kubectl: FakeKubectl) -> None:
    kubectl.pods(pod("worker-b"), pod("worker-a"))
    assert [each.name for each in pods(Cluster("team", "there"))] == ["worker-a", "worker-b"]
    (asked,) = kubectl.asked()
    assert asked[:3] == ["get", "pods", "--selector=app.kubernetes.io/part-of=argosy"]
    assert {"--namespace=team", "--context=there"} <= set(asked)


def test_a_namespace_without_a_fleet_says_how_to_name_another(kubectl: FakeKubectl) -> None:
    with pytest.raises(KubeError, match="no fleet in the namespace team of the context there: --namespace"):
        pods(Cluster("team", "there"))


def test_the_newest_gateway_that_takes_calls_is_chosen(kubectl: FakeKubectl) -> None:
    kubectl.pods(
        pod("gateway-a", component="gateway", creationTimestamp="2026-11-30T06:00:00Z"),
        pod("gateway-b", component="gateway", creationTimestamp="2026-11-30T07:00:00Z"),
        pod("gateway-c", component="gateway", creationTimestamp="2026-11-30T08:00:00Z", ready=False),
        pod(
            "gateway-d",
            component="gateway",
            creationTimestamp="2026-11-30T09:00:00Z",
            deletionTimestamp="2026-11-30T09:01:00Z",
        ),
    )
    assert gateway(pods(CLUSTER), "argosy-system").name == "gateway-b"


def test_where_no_gateway_is_ready_the_reason_is_told(kubectl: FakeKubectl) -> None:
    kubectl.pods(pod("gateway-a", component="gateway", ready=False, status=WAITING), pod("worker-a"))
    with pytest.raises(KubeError, match=r"no pod of the gateway is ready: gateway-a \(ImagePullBackOff\)"):
        gateway(pods(CLUSTER), "argosy-system")


def test_a_worker_s_limit_is_what_its_manifest_gives_it(kubectl: FakeKubectl) -> None:
    kubectl.pods(pod("worker-a"))
    (found,) = pods(CLUSTER)
    assert found.drain_limit_s == 3 + 20
