# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A fleet with the component tls, in a namespace of its own: gateway and workers want each other's certificates."""

import base64
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from argosy_client.demo.compare import difference
from argosy_client.demo.samples import Sample, as_dict, samples
from argosy_gateway.worker_tls import WORKER_NAME

from tests.cluster.fleet import CRDS
from tests.cluster.kube import Kube, KubectlError, Manifest, image
from tests.contract.manifests.rendered import build, containers, write_overlay
from tests.support.certificates import authority, certificate

pytestmark = pytest.mark.timeout(600)

NAMESPACE = "argosy-test-tls"
#: Of which there are workers; those of the others are left out to spare the node.
DOMAINS = ("vision", "nlp")
SAMPLES = [sample for sample in samples() if sample.domain in DOMAINS]
FILES = ("tls.crt", "tls.key", "ca.crt")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders ``worker`` and ``gateway`` of one authority, and ``stranger`` of another."""
    folder = tmp_path_factory.mktemp("certificates")
    ours, other = authority(folder, "fleet"), authority(folder, "somebody")
    certificate(ours, folder / "worker", WORKER_NAME)
    certificate(ours, folder / "gateway", "gateway.argosy")
    certificate(other, folder / "stranger", "gateway.argosy")
    return folder


@pytest.fixture(scope="module")
def fleet(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    """The overlay dev with the component, as far as it is about these domains, ready."""
    everywhere, fleet = Kube(), Kube(NAMESPACE)
    everywhere.run("apply", f"--kustomize={CRDS}")
    everywhere.run("wait", "--for=condition=Established", "crd/models.argosy.dev", "--timeout=60s")
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    everywhere.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}})
    manifests = overlay(tmp_path_factory.mktemp("overlay"))
    volumes = [each["metadata"]["name"] for each in manifests if each["kind"] == "PersistentVolume"]
    try:
        everywhere.apply(*(secret(f"{end}-tls", certificates / end) for end in ("worker", "gateway")), *manifests)
        try:
            fleet.run("wait", "--for=condition=Available", "deployment", "--all", "--timeout=200s")
            fleet.run("wait", "--for=condition=Ready", "models.argosy.dev", "--all", "--timeout=120s")
        except KubectlError as error:
            raise AssertionError(f"{error}\n{fleet.run('get', 'pods,models', '--output=wide')}") from error
        yield fleet
    finally:
        try:
            # While their controller is there: it drains them before they may go.
            fleet.run("delete", "models.argosy.dev", "--all", "--timeout=120s")
        finally:
            everywhere.run("delete", "namespace", NAMESPACE, "--wait=false")
            everywhere.run("delete", "persistentvolume", *volumes, "--ignore-not-found", "--wait=false")


def overlay(folder: Path) -> list[Manifest]:
    """The objects of the namespace, and a volume that no other fleet has claimed."""
    write_overlay(folder, "dev", ["tls"], NAMESPACE)
    found = [each for each in build(folder).objects if each["kind"] != "Namespace" and wanted(each)]
    for each in found:
        if each["kind"] == "PersistentVolume":
            each["metadata"]["name"] = NAMESPACE
        if each["kind"] == "PersistentVolumeClaim":
            each["spec"]["volumeName"] = NAMESPACE
        if each["kind"] in ("Deployment", "Job"):
            for container in containers(each["spec"]["template"]):
                container["image"] = image(container["image"].rpartition("/")[2].partition(":")[0])
    return found


def wanted(manifest: Manifest) -> bool:
    """Whether an object is about one of the domains, or about none in particular."""
    domain = manifest["metadata"].get("labels", {}).get("argosy.dev/domain") or manifest.get("spec", {}).get("domain")
    return domain is None or domain in DOMAINS


def secret(name: str, folder: Path) -> Manifest:
    """A secret of the certificate in a folder."""
    data = {file: base64.b64encode((folder / file).read_bytes()).decode() for file in FILES}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "kubernetes.io/tls",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "data": data,
    }


def call(channel: grpc.Channel, sample: Sample) -> grpc.StatusCode:
    """Makes a call; returns its status. An answer must be the known one."""
    method = channel.unary_unary(
        sample.path,
        request_serializer=type(sample.message()).SerializeToString,
        response_deserializer=sample.response_type.FromString,
    )
    try:
        answer = method(sample.message(), metadata=(("x-model", sample.model),), timeout=20)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        return code
    assert not difference(sample.expected_dict(), as_dict(answer), sample.tolerance)
    return grpc.StatusCode.OK


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.domain)
def test_the_gateway_reaches_workers_with_its_certificate(fleet: Kube, sample: Sample) -> None:
    with fleet.forwarded("service/gateway", 8080) as address, grpc.insecure_channel(address) as channel:
        assert call(channel, sample) is grpc.StatusCode.OK


@pytest.mark.parametrize(
    ("shown", "answered"), [("gateway", True), ("stranger", False), ("no certificate", False), ("plaintext", False)]
)
def test_a_worker_answers_certificates_of_its_authority_and_nobody_else(
    fleet: Kube, certificates: Path, shown: str, answered: bool
) -> None:
    """All but the last trust the worker's own certificate: it is the worker that refuses."""
    trusted = (certificates / "worker" / "ca.crt").read_bytes()
    own = certificates / shown
    key, chain = ((own / file).read_bytes() if own.exists() else None for file in ("tls.key", "tls.crt"))
    credentials = grpc.ssl_channel_credentials(trusted, key, chain)
    options = [("grpc.ssl_target_name_override", WORKER_NAME)]
    with fleet.forwarded("deployment/worker-vision", 8101) as address:
        plain = shown == "plaintext"
        channel = grpc.insecure_channel(address) if plain else grpc.secure_channel(address, credentials, options)
        with channel:
            (sample,) = (each for each in SAMPLES if each.domain == "vision")
            code = call(channel, sample)
    assert code is (grpc.StatusCode.OK if answered else grpc.StatusCode.UNAVAILABLE)
