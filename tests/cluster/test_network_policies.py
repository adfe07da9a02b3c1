# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The policies with real traffic: pods with the labels of each end of the table try to reach each other.

Skipped where the cluster's network plugin enforces no policies.
"""

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.fleet import DEPLOYMENTS, GATEWAY, Fleet
from tests.cluster.kube import Kube, KubectlError, until
from tests.cluster.load import PodLoad, in_flight
from tests.cluster.stand_in import StandIn, manifest, tried
from tests.contract.manifests.network import NAMESPACE, PORTS, Ends, connections, described, in_table, table
from tests.contract.manifests.policies import Port
from tests.contract.manifests.rendered import overlay

#: Long enough for an enforcer that looks at all pods every now and then.
PATIENCE_S = 60.0
#: Time enough to tell that nobody enforces anything.
SHORT_S = 15.0
LISTENED = [port.number for port in PORTS if port.protocol == "TCP"]
DNS = "DNS"
#: Namespaces that policies name; others get names of this run's own.
NAMED = {"keda", "kube-system"}
_SAID = {True: "made", False: "refused"}


class Places:
    """The namespaces and pods of a run, by the names that ends have."""

    def __init__(self, ends: Ends) -> None:
        self._run = secrets.token_hex(3)
        self._ends = ends
        self.pods: dict[str, StandIn] = {}
        """Those that listen."""
        self._applied: list[tuple[Kube, str]] = []
        self._made: set[str] = set()

    def namespace(self, of: str) -> Kube:
        """Where pods of a namespace of the table are."""
        return Kube(of if of in NAMED else f"argosy-test-{of}-{self._run}")

    def run(self, *names: str) -> None:
        """Starts pods that stand for ends, and waits until they have addresses and listen."""
        for name in names:
            end = self._ends[name][0]
            kube = self.namespace(end.namespace)
            self._make(kube, {key: value for key, value in end.namespace_labels.items() if "kubernetes.io" not in key})
            self._applied.append((kube, self._pod(name)))
            kube.apply(manifest(self._pod(name), end, LISTENED))
        for name in names:
            kube, pod = self.namespace(self._ends[name][0].namespace), self._pod(name)
            kube.run("wait", "--for=condition=Ready", f"pod/{pod}", "--timeout=120s")
            self.pods[name] = StandIn(kube, pod, kube.get("pod", pod)["status"]["podIP"])

    def _pod(self, name: str) -> str:
        return "".join(letter if letter.isalnum() else "-" for letter in name.lower()) + f"-{self._run}"

    def _make(self, kube: Kube, labels: dict[str, str]) -> None:
        if kube.namespace in self._made:
            return
        try:
            Kube().get("namespace", kube.namespace)
        except KubectlError:
            self._made.add(kube.namespace)
            Kube().apply(
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": kube.namespace, "labels": labels}}
            )

    def remove(self) -> None:
        """Takes away what was made; namespaces that were there lose the pods."""
        for kube, pod in self._applied:
            kube.run("delete", "pod", pod, "--ignore-not-found", "--wait=false")
        for namespace in self._made:
            Kube().run("delete", "namespace", namespace, "--wait=false")


@pytest.fixture
def ends() -> Ends:
    """Ends that are pods, and the cluster's DNS."""
    return {
        name: each
        for name, each in described(overlay("prod")).items()
        if each[0].namespace and (each[0].namespace != "kube-system" or name == DNS)
    }


@pytest.fixture
def places(ends: Ends) -> Iterator[Places]:
    """Where pods run, taken away afterwards."""
    found = Places(ends)
    try:
        yield found
    finally:
        found.remove()


@contextlib.contextmanager
def enforced(kube: Kube) -> Iterator[None]:
    """Has the policies of the overlay prod in a namespace throughout the block."""
    policies: list[dict[str, Any]] = []
    for policy in overlay("prod").of("NetworkPolicy"):
        policies.append({**policy, "metadata": {**policy["metadata"], "namespace": kube.namespace}})
    kube.apply(*policies)
    try:
        yield
    finally:
        kube.run("delete", "networkpolicy", *(policy["metadata"]["name"] for policy in policies))


@pytest.fixture(scope="module", autouse=True)
def _enforcement() -> None:
    """Skips the tests where a connection that no policy allows is made in spite of them."""
    places = Places(described(overlay("prod")))
    try:
        places.run("worker a", "stranger")
        target = [(places.pods["worker a"].address, Port(8101))]
        assert places.pods["stranger"].reaches(target) == [True], "without policies"
        with enforced(places.namespace(NAMESPACE)):
            try:
                until(lambda: places.pods["stranger"].reaches(target) == [False], "a policy to be enforced", SHORT_S)
            except AssertionError:
                pytest.skip(f"the cluster enforces no NetworkPolicy: refused traffic got through for {SHORT_S:g} s")
    finally:
        places.remove()


@pytest.mark.timeout(500)
def test_a_fleet_behind_its_policies_becomes_ready_and_answers_callers_and_nobody_else(
    places: Places, fleet: Fleet, callers: Kube
) -> None:
    places.run("stranger")
    service = fleet.kube.get("service", "gateway")["spec"]["clusterIP"]
    known = ("label", "namespace", callers.namespace)
    with enforced(fleet.kube):
        Kube().run(*known, "argosy.dev/callers=true")
        try:
            # All connections anew, from nothing.
            fleet.kube.run("rollout", "restart", *(f"deployment/{each}" for each in DEPLOYMENTS))
            fleet.ready()
            with in_flight(callers, GATEWAY) as load:
                # Network plugins let a pod that is new through some moments after it is ready.
                until(lambda: none_fails(load), "calls of which none fails")
            assert not places.pods["stranger"].reaches([(service, Port(8080))])[0]
        finally:
            Kube().run(*known, "argosy.dev/callers-")
    assert places.pods["stranger"].reaches([(service, Port(8080))]) == [True], "without policies"


def none_fails(load: PodLoad) -> bool:
    """Whether the next calls all succeed."""
    before = load.codes
    load.more(500)
    return {code: count for code, count in load.codes.items() if count > before[code]}.keys() == {"OK"}


@pytest.mark.timeout(500)
def test_just_the_connections_of_the_table_get_through(ends: Ends, places: Places) -> None:
    places.run(*(name for name in ends if name != DNS))
    (dns,) = Kube("kube-system").pods("k8s-app=kube-dns")[:1]
    addresses = {DNS: dns["status"]["podIP"], **{name: pod.address for name, pod in places.pods.items()}}
    wanted: dict[str, list[tuple[str, Port]]] = {
        source: [
            (target, port)
            for start, target, port in connections(ends)
            if start == source and (port.number == 53 if target == DNS else port.protocol == "TCP")
        ]
        for source in places.pods
    }
    asked = {source: [(addresses[target], port) for target, port in each] for source, each in wanted.items()}

    def got_through() -> dict[str, bool]:
        return {
            f"{source} -> {target}, {port.protocol} {port.number}": made
            for source, answers in tried(places.pods, asked).items()
            for (target, port), made in zip(wanted[source], answers, strict=True)
        }

    assert [each for each, made in got_through().items() if not made] == [], "without policies nothing is refused"
    rows = table()
    expected = {
        f"{source} -> {target}, {port.protocol} {port.number}": in_table(rows, ends, source, target, port)
        for source, each in wanted.items()
        for target, port in each
    }
    wrong: dict[str, str] = {}

    def as_in_table() -> bool:
        found = got_through()
        wrong.clear()
        wrong.update(
            {each: "made" if made else "refused" for each, made in found.items() if made is not expected[each]}
        )
        return not wrong

    with enforced(places.namespace(NAMESPACE)), contextlib.suppress(AssertionError):
        until(as_in_table, "the policies to be enforced", PATIENCE_S)
    assert wrong == {}
