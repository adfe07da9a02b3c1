# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Ports of pods on this machine: what is forwarded, why not, and that nothing of it stays."""

import os
import signal
from collections.abc import Iterator

import pytest
from argosy_client.fleet_results import Worker
from argosy_client.kube.errors import KubeError
from argosy_client.kube.forward import Forward
from argosy_client.kube.kubectl import Cluster
from argosy_client.kube.session import Session

from tests.support.envoy import wait_for
from tests.unit.client.kube.fake_kubectl import FakeKubectl, pod

CLUSTER = Cluster("argosy-system")


@pytest.fixture
def session(kubectl: FakeKubectl) -> Iterator[Session]:
    """A fleet of a gateway and two workers, all of which are forwarded on demand."""
    kubectl.pods(
        pod("gateway-a", component="gateway", ip="10.0.0.5"),
        pod("worker-a", ip="10.0.0.7"),
        pod("worker-b", ip="fd00::8"),
    )
    kubectl.forwards({"gateway-a:8080": 4001, "worker-a:9101": 4002, "worker-b:9101": 4003})
    made = Session(CLUSTER)
    yield made
    made.close()


def worker(address: str, metrics: str = "0.0.0.0:9101") -> Worker:
    return Worker("w", "vision", address, "SERVING", (), (), metrics, "1")


def test_the_gateway_is_forwarded_once_and_gone_after_the_session(kubectl: FakeKubectl, session: Session) -> None:
    assert session.address() == session.address() == "127.0.0.1:4001"
    forwards = [words for words in kubectl.asked() if words[0] == "port-forward"]
    assert [words[:4] for words in forwards] == [["port-forward", "pod/gateway-a", ":8080", "--address=127.0.0.1"]]
    assert len(kubectl.running()) == 1
    session.close()
    assert kubectl.running() == []


def test_the_metrics_of_each_worker_are_found_by_the_address_of_its_pod(session: Session) -> None:
    workers = [worker("10.0.0.7:8101"), worker("[fd00::8]:8101")]
    locate = session.metrics(workers)
    assert [locate(each) for each in workers] == [("127.0.0.1", 4002), ("127.0.0.1", 4003)]


def test_a_worker_without_a_pod_or_without_metrics_spoils_none_of_the_others(session: Session) -> None:
    good, strange, silent = worker("10.0.0.7:8101"), worker("10.0.0.9:8101"), worker("[fd00::8]:8101", "")
    locate = session.metrics([good, strange, silent])
    assert locate(good) == ("127.0.0.1", 4002)
    with pytest.raises(ValueError, match="no pod of the namespace argosy-system has its address"):
        locate(strange)
    with pytest.raises(ValueError, match="serves no metrics"):
        locate(silent)


def test_metrics_that_were_lost_are_forwarded_again(kubectl: FakeKubectl, session: Session) -> None:
    workers = [worker("10.0.0.7:8101")]
    assert session.metrics(workers)(workers[0]) == ("127.0.0.1", 4002)
    os.kill(kubectl.pid("pod/worker-a"), signal.SIGUSR1)
    wait_for(lambda: not kubectl.running(), "the forward to end")
    kubectl.forwards({"worker-a:9101": 4009})
    assert session.metrics(workers)(workers[0]) == ("127.0.0.1", 4009)


def test_a_forward_that_fails_or_ends_says_why(kubectl: FakeKubectl, session: Session) -> None:
    missing = Forward(CLUSTER, "worker-z", 9101)
    with pytest.raises(KubeError, match=r"the port-forward to worker-z ended: .*not found"):
        missing.port(10)
    missing.close()
    assert session.address()
    assert session.lost() is None
    os.kill(kubectl.pid("pod/gateway-a"), signal.SIGUSR1)
    wait_for(lambda: session.lost() is not None, "the forward to end")
    assert "gateway-a ended: kubectl: lost connection to pod" in str(session.lost())


def test_a_forward_that_never_comes_is_given_up(kubectl: FakeKubectl) -> None:
    kubectl.forwards({"worker-a:9101": 0})
    silent = Forward(CLUSTER, "worker-a", 9101)
    with pytest.raises(KubeError, match=r"no port-forward within 0\.1 s"):
        silent.port(0.1)
    silent.close()
