# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a real API server says of the manifests: its schemas, its admission, its authorisation. Nothing is started."""

import itertools
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.manifests.rendered import ADDED, K8S, OVERLAYS, Manifests, build, write_overlay
from tests.contract.manifests.rights import LEASE, USED, Right
from tests.support.gomodules import Missing, files

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(300)]

#: Resources of other projects that components use, the module that brings them, and where they lie in it.
FOREIGN = {
    "podmonitors.monitoring.coreos.com": (
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
    ),
    "prometheusrules.monitoring.coreos.com": (
        "github.com/prometheus-operator/prometheus-operator",
        "v0.85.0",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
    "certificates.cert-manager.io": (
        "github.com/cert-manager/cert-manager",
        "v1.21.2",
        "deploy/crds/cert-manager.io_certificates.yaml",
    ),
    "issuers.cert-manager.io": (
        "github.com/cert-manager/cert-manager",
        "v1.21.2",
        "deploy/crds/cert-manager.io_issuers.yaml",
    ),
    "scaledobjects.keda.sh": (
        "github.com/kedacore/keda/v2",
        "v2.17.2",
        "config/crd/bases/keda.sh_scaledobjects.yaml",
    ),
}
#: Overlays, and components on top of them.
FLEETS = [*((name, "") for name in OVERLAYS), *ADDED]


class Cluster:
    """The cluster of KUBECONFIG, and a namespace of the test's own in it."""

    def __init__(self, kubectl: str) -> None:
        self.namespace = f"argosy-manifests-{uuid.uuid4().hex[:8]}"
        self._kubectl = kubectl

    def run(self, *arguments: str, objects: Sequence[dict[str, Any]] = ()) -> "subprocess.CompletedProcess[str]":
        """Runs kubectl, with objects as its input where there are any."""
        text = yaml.safe_dump_all(objects) if objects else None
        return subprocess.run(
            [self._kubectl, *arguments], input=text, capture_output=True, text=True, timeout=120, check=False
        )

    def must(self, *arguments: str, objects: Sequence[dict[str, Any]] = ()) -> str:
        """The same; fails where kubectl does."""
        done = self.run(*arguments, objects=objects)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def knows(self, resource: str) -> bool:
        """Whether there is a custom resource of that name."""
        return self.run("get", "customresourcedefinition", resource, "--output=name").returncode == 0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster, with a namespace that enforces what the fleet's does."""
    kubectl = shutil.which("kubectl")
    if not os.environ.get("KUBECONFIG") or kubectl is None:
        pytest.skip("no cluster: set KUBECONFIG, and put kubectl on PATH")
    cluster = Cluster(kubectl)
    level = "pod-security.kubernetes.io"
    labels = {f"{level}/enforce": "restricted", f"{level}/warn": "restricted"}
    metadata = {"name": cluster.namespace, "labels": labels}
    cluster.must("create", "-f", "-", objects=[{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}])
    try:
        yield cluster
    finally:
        cluster.must("delete", "namespace", cluster.namespace, "--wait=false")


@pytest.fixture(scope="module")
def foreign(cluster: Cluster) -> Iterator[None]:
    """Custom resources of other projects; those that were not there are taken away again."""
    installed = []
    try:
        for resource, (module, version, path) in FOREIGN.items():
            if not cluster.knows(resource):
                cluster.must("create", "-f", str(files(module, version) / path))
                installed.append(resource)
        for resource in FOREIGN:
            cluster.must("wait", "--for=condition=Established", f"customresourcedefinition/{resource}")
        yield
    except Missing as reason:
        pytest.skip(str(reason))
    finally:
        for resource in installed:
            cluster.must("delete", "customresourcedefinition", resource)


@pytest.fixture(scope="module")
def models(cluster: Cluster) -> Iterator[None]:
    """Our own custom resource; taken away again where it was not there."""
    there = cluster.knows("models.argosy.dev")
    if not there:
        cluster.must("create", "-k", str(K8S / "crds"))
        cluster.must("wait", "--for=condition=Established", "customresourcedefinition/models.argosy.dev")
    yield
    if not there:
        cluster.must("delete", "-k", str(K8S / "crds"))


def in_namespace(folder: Path, cluster: Cluster, base: str, *components: str) -> Manifests:
    """A fleet for the test's namespace, which is there already."""
    write_overlay(folder, base, components, cluster.namespace)
    return Manifests(tuple(each for each in build(folder).objects if each["kind"] != "Namespace"))


@pytest.mark.parametrize(("base", "component"), FLEETS)
@pytest.mark.usefixtures("foreign", "models")
def test_the_api_server_takes_every_field_of_an_overlay_and_would_run_its_pods(
    cluster: Cluster, tmp_path: Path, base: str, component: str
) -> None:
    fleet = in_namespace(tmp_path, cluster, base, *filter(None, [component]))
    done = cluster.run("apply", "--dry-run=server", "--validate=strict", "-f", "-", objects=fleet.objects)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr, done.stderr  # of the Pod Security level, or of what is deprecated
    assert len(done.stdout.splitlines()) == len(fleet.objects)


def test_an_unknown_field_would_be_noticed(cluster: Cluster, tmp_path: Path) -> None:
    fleet = in_namespace(tmp_path, cluster, "dev-static")
    gateway = fleet.get("Deployment", "gateway")
    gateway["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
    done = cluster.run("apply", "--dry-run=server", "--validate=strict", "-f", "-", objects=[gateway])
    assert done.returncode != 0
    assert "livenesProbe" in done.stderr


def as_pod(template: dict[str, Any], name: str) -> dict[str, Any]:
    """A pod of a template, without what else would have to be there."""
    spec = {
        key: value for key, value in template["spec"].items() if key not in ("serviceAccountName", "priorityClassName")
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}


def test_pods_are_admitted_where_the_level_restricted_is_enforced_and_one_that_may_be_root_is_not(
    cluster: Cluster, tmp_path: Path
) -> None:
    def admit(pod: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
        return cluster.run("create", "-n", cluster.namespace, "--dry-run=server", "-f", "-", objects=[pod])

    fleet = in_namespace(tmp_path, cluster, "dev-static", "gpu")
    for key, template in fleet.pods().items():
        done = admit(as_pod(template, key.partition("/")[2]))
        assert done.returncode == 0, done.stderr
    template = fleet.pods()["Deployment/gateway"]
    template["spec"]["securityContext"]["runAsNonRoot"] = False
    refused = admit(as_pod(template, "gateway"))
    assert refused.returncode != 0
    assert "violates PodSecurity" in refused.stderr


#: Of much that is not used, what would harm most, and what is near to what is used.
REFUSED = [
    *(Right(verb, "", "secrets") for verb in ("get", "list")),
    Right("list", "", "pods"),
    Right("create", "", "pods/exec"),
    Right("get", "", "configmaps"),
    *(Right(verb, "argosy.dev", "models") for verb in ("get", "create", "update", "delete")),
    *(Right(verb, "argosy.dev", "models/status") for verb in ("get", "update")),
    Right("patch", "discovery.k8s.io", "endpointslices"),
    Right("patch", "apps", "deployments"),
    Right("patch", "", "events"),
    Right("create", "events.k8s.io", "events"),
    *(Right(verb, "coordination.k8s.io", "leases", LEASE) for verb in ("patch", "delete")),
    Right("update", "coordination.k8s.io", "leases", "another"),
    Right("create", "", "serviceaccounts/token"),
]


@pytest.mark.usefixtures("models")
def test_each_account_may_do_what_its_program_has_to_and_nothing_else(cluster: Cluster, tmp_path: Path) -> None:
    fleet = in_namespace(tmp_path, cluster, "prod")
    cluster.must("apply", "-f", "-", objects=fleet.of("ServiceAccount", "Role", "RoleBinding"))

    def may(account: str, right: Right, namespace: str = cluster.namespace) -> bool:
        kind, _, subresource = right.resource.partition("/")
        what = ".".join(filter(None, [kind, right.group])) + (f"/{right.name}" if right.name else "")
        options = [f"--subresource={subresource}"] if subresource else []
        user = f"--as=system:serviceaccount:{cluster.namespace}:{account}"
        done = cluster.run("auth", "can-i", right.verb, what, *options, user, "-n", namespace)
        assert "warning" not in done.stderr.lower(), done.stderr  # no such kind: the answer would be no
        return done.stdout.strip() == "yes"

    every = {*itertools.chain(*USED.values()), *REFUSED}
    for account in (*USED, "worker"):
        assert {each for each in every if may(account, each)} == USED.get(account, frozenset()), account
    assert [each for each in USED["controller"] if may("controller", each, namespace="default")] == []


def test_an_endpoint_slice_has_the_labels_by_which_control_planes_look_for_it(cluster: Cluster, tmp_path: Path) -> None:
    fleet = in_namespace(tmp_path, cluster, "prod")
    service = fleet.get("Service", "worker-vision")
    cluster.must("apply", "-f", "-", objects=[service])
    selector = "app.kubernetes.io/part-of=argosy,app.kubernetes.io/component=worker,argosy.dev/domain=vision"
    listed = ("get", "endpointslices", "-n", cluster.namespace, f"--selector={selector}", "--output=json")
    for _ in range(100):
        slices = json.loads(cluster.must(*listed))["items"]
        if slices:
            break
    assert slices, "a Service has an EndpointSlice even before it has pods"
