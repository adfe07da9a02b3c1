# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The component tls gives both ends what they need to show each other certificates."""

import json
from pathlib import Path

import pytest
from argosy_gateway import bootstrap
from argosy_gateway import settings as gateway_settings
from argosy_gateway.controller import settings as controller_settings
from argosy_gateway.worker_tls import WORKER_NAME

from tests.contract.manifests.rendered import Manifests, combined, container, environment
from tests.contract.manifests.test_pods import worker_arguments


@pytest.fixture(scope="module")
def fleet() -> Manifests:
    """A fleet with TLS inside."""
    return combined("prod", "tls", "tls-cert-manager")


def mounted(pod: dict[str, object], of: str, path: str) -> str:
    """The secret that a container finds at a path."""
    spec = pod["spec"]
    assert isinstance(spec, dict)
    (name,) = (each["name"] for each in container(pod, of)["volumeMounts"] if each["mountPath"] == path)
    (volume,) = (each for each in spec["volumes"] if each["name"] == name)
    return str(volume["secret"]["secretName"])


def test_workers_want_tls_and_probes_ask_a_port_that_does_not(fleet: Manifests) -> None:
    for each in fleet.workers():
        pod = each["spec"]["template"]
        chosen, worker = worker_arguments(pod), container(pod, "worker")
        assert mounted(pod, "worker", chosen.tls_folder) == "worker-tls"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert worker[probe]["grpc"]["port"] == chosen.health_port != 0
            assert worker[probe]["grpc"]["service"]


def test_envoy_and_the_control_plane_show_the_same_certificate(fleet: Manifests, tmp_path: Path) -> None:
    pod = fleet.pods()["Deployment/gateway"]
    told = environment(container(pod, "control-plane"))
    folder = told["ARGOSY_GATEWAY_WORKER_TLS"]
    assert mounted(pod, "control-plane", folder) == mounted(pod, "envoy", folder) == "gateway-tls"
    chosen = gateway_settings.read(["--fleet", "fleet.yaml"], told)
    (written,) = (each for each in container(pod, "bootstrap")["args"] if each.startswith("--output="))
    # Envoy reads there what the control plane refers to.
    assert Path(written.removeprefix("--output=")).parent == Path(chosen.envoy_secrets)
    others = [each for each in container(pod, "bootstrap")["args"] if each != written]
    assert bootstrap.main([*others, f"--output={tmp_path}/envoy.json"]) == 0
    (secret,) = json.loads((tmp_path / "worker-certificate.json").read_text())["resources"]
    assert secret["tls_certificate"]["private_key"]["filename"] == f"{folder}/tls.key"


def test_the_controller_shows_workers_the_certificate_of_the_control_plane(fleet: Manifests) -> None:
    pod = fleet.pods()["Deployment/controller"]
    chosen = controller_settings.read([], environment(container(pod, "controller")))
    assert mounted(pod, "controller", chosen.worker_tls) == "gateway-tls"


def test_cert_manager_makes_the_secrets_that_are_mounted_signed_by_an_authority_of_the_fleet_s_own(
    fleet: Manifests,
) -> None:
    made = {each["spec"]["secretName"]: each["spec"] for each in fleet.of("Certificate")}
    assert made.keys() == {"argosy-authority", "worker-tls", "gateway-tls"}
    assert made["worker-tls"]["dnsNames"] == [WORKER_NAME]
    issuers = {each["metadata"]["name"]: each["spec"] for each in fleet.of("Issuer")}
    for name in ("worker-tls", "gateway-tls"):
        assert issuers[made[name]["issuerRef"]["name"]] == {"ca": {"secretName": "argosy-authority"}}
