# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A control plane and an Envoy on this machine that learn workers from the API server of KUBECONFIG.

The workers run on this machine too; the tests list them in EndpointSlices by hand, in a namespace of their own.
"""

import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from argosy_gateway.discovery.kubernetes.watching import Pace

from tests.cluster import api_server
from tests.cluster.told import Tell, calls
from tests.e2e.load import Load, in_flight
from tests.support.envoy import run_gateway, wait_for
from tests.support.fleet import MODELS
from tests.support.slices import endpoint, endpoint_slice
from tests.support.worker import WorkerProcess, run_worker

#: After it was noticed: the fleet of test_api_server.py is without it for a minute.
AWAY_S = 10.0

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not os.environ.get("KUBECONFIG"), reason="no cluster: set KUBECONFIG to the file that says where one is"
    ),
]


class Namespace:
    """A namespace of the test, as the client of the API server sees it."""

    def __init__(self) -> None:
        from kubernetes import client, config

        config.load_kube_config(config_file=os.environ["KUBECONFIG"])
        self.name = f"argosy-test-discovery-{secrets.token_hex(4)}"
        self._core, self._discovery = client.CoreV1Api(), client.DiscoveryV1Api()
        self._rights = client.RbacAuthorizationV1Api()

    def create(self) -> None:
        """Makes it."""
        self._core.create_namespace({"metadata": {"name": self.name}})

    def delete(self) -> None:
        """Takes it away, with all that is in it."""
        self._core.delete_namespace(self.name)

    def list_worker(self, name: str, worker: WorkerProcess, *, slices: int = 1) -> None:
        """Puts a worker into slices of its own."""
        for index in range(slices):
            content = endpoint_slice("vision", endpoint(own_address()), port=worker.port, name=f"{name}-{index}")
            content["metadata"]["labels"] |= {
                "kubernetes.io/service-name": name,
                "endpointslice.kubernetes.io/managed-by": "argosy-test",
            }
            self._discovery.create_namespaced_endpoint_slice(self.name, content)

    def unlist(self, name: str) -> None:
        """Takes the slices of a worker away."""
        self._discovery.delete_collection_namespaced_endpoint_slice(
            self.name, label_selector=f"kubernetes.io/service-name={name}"
        )

    def account(self, folder: Path) -> Path:
        """Makes an account that may do what a control plane has to; returns a kubeconfig file with a token of it."""
        name = {"name": "control-plane"}
        self._core.create_namespaced_service_account(self.name, {"metadata": name})
        rules = [
            {"apiGroups": [group], "resources": [kind], "verbs": ["list", "watch"]}
            for group, kind in (("discovery.k8s.io", "endpointslices"), ("argosy.dev", "models"))
        ]
        self._rights.create_namespaced_role(self.name, {"metadata": name, "rules": rules})
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", **name}
        subjects = [{"kind": "ServiceAccount", "namespace": self.name, **name}]
        self._rights.create_namespaced_role_binding(
            self.name, {"metadata": name, "roleRef": role, "subjects": subjects}
        )
        asked = {"spec": {"expirationSeconds": 600}}
        token = self._core.create_namespaced_service_account_token("control-plane", self.name, asked).status.token
        given = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
        for user in given["users"]:
            user["user"] = {"token": token}
        (folder / "kubeconfig").write_text(yaml.safe_dump(given))
        return folder / "kubeconfig"


def own_address() -> str:
    """An address of this machine that is no loopback address: slices may not have those."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing
        return str(probe.getsockname()[0])


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    """A namespace for a test."""
    namespace = Namespace()
    namespace.create()
    try:
        yield namespace
    finally:
        namespace.delete()


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WorkerProcess, WorkerProcess]]:
    """Two workers with one model, A and B."""
    repository = tmp_path_factory.mktemp("models")
    shutil.copytree(MODELS / "vision" / "digits", repository / "digits")
    options = ("--bind", "0.0.0.0", "--replica")  # noqa: S104
    with (
        run_worker("vision", repository, *options, "A", wait_for=["model/digits"]) as a,
        run_worker("vision", repository, *options, "B", wait_for=["model/digits"]) as b,
    ):
        yield a, b


def gateway(namespace: Namespace, folder: Path, **environment: str) -> Any:
    """A gateway that looks into the namespace."""
    return run_gateway([], folder, source=("--kubernetes", "--namespace", namespace.name), environment=environment)


def none_from(load: Load, replica: str) -> bool:
    """Whether many answers in a row are another's."""
    before = load.replicas[replica]
    load.more(50)
    return load.replicas[replica] == before


def test_workers_are_found_in_slices_and_left_out_when_they_are_gone(
    namespace: Namespace, workers: tuple[WorkerProcess, WorkerProcess], tmp_path: Path
) -> None:
    a, b = workers
    namespace.list_worker("a", a, slices=2)
    with gateway(namespace, tmp_path) as running, in_flight(running.address, 4) as load:
        load.answers_from("A")
        namespace.list_worker("b", b)
        load.answers_from("B")
        namespace.unlist("a")
        wait_for(lambda: none_from(load, "A"), "the second alone", running)
    assert load.codes.keys() == {"OK"}, load.failures


def test_rights_to_list_and_watch_two_kinds_in_one_namespace_are_enough(
    namespace: Namespace, workers: tuple[WorkerProcess, WorkerProcess], tmp_path: Path
) -> None:
    a, b = workers
    namespace.list_worker("a", a)
    account = namespace.account(tmp_path)
    with gateway(namespace, tmp_path, KUBECONFIG=str(account)) as running, in_flight(running.address, 1) as load:
        load.answers_from("A")
        namespace.list_worker("b", b)
        load.answers_from("B")
        assert "waiting for the API server" not in running.log("control_plane")


def test_a_worker_is_found_after_longer_than_one_watch_lasts(
    namespace: Namespace, workers: tuple[WorkerProcess, WorkerProcess], tmp_path: Path
) -> None:
    a, b = workers
    namespace.list_worker("a", a)
    with gateway(namespace, tmp_path) as running:
        # A watch that is renewed leaves no trace to wait for: after so long each has been, or has been found dead.
        time.sleep(Pace().watch_s + Pace().grace_s + 5)
        with in_flight(running.address, 1) as load:
            load.answers_from("A")
            namespace.list_worker("b", b)
            load.answers_from("B")
        assert "no news" not in running.log("control_plane")
    assert load.codes.keys() == {"OK"}, load.failures


@api_server.needed
def test_no_call_fails_while_the_api_server_is_away_and_what_comes_after_is_found(
    namespace: Namespace, workers: tuple[WorkerProcess, WorkerProcess], tmp_path: Path, tell: Tell
) -> None:
    a, b = workers
    namespace.list_worker("a", a)
    with gateway(namespace, tmp_path) as running, in_flight(running.address, 4) as load:
        load.more(100)
        with api_server.away():
            wait_for(lambda: "no news from the API server" in running.log("control_plane"), "its absence", running)
            time.sleep(AWAY_S)
        began = time.monotonic()
        namespace.list_worker("b", b)
        load.answers_from("B")
        found_s = time.monotonic() - began
        load.more(100)
    api_server.settled()
    counted = calls({"codes": load.codes, "slowest_s": round(load.slowest_s, 3)})
    tell(f"{counted}; the next worker answered after {found_s:.1f} s")
    assert load.codes.keys() == {"OK"}, load.failures
    assert load.total >= 3_000
