# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Overlays build, alone and with each component, into objects that fit together."""

import json
from collections.abc import Collection
from typing import Any

import pytest
import yaml
from argosy_client import xds

from tests.contract.manifests.rendered import ADDED, OVERLAYS, ROOT, Manifests, combined, containers, overlay
from tests.contract.manifests.rights import USED, Right

DOMAINS = ("vision", "speech", "nlp", "recommendation", "tabular")


@pytest.mark.parametrize("name", OVERLAYS)
def test_an_overlay_has_the_gateway_a_worker_of_each_domain_and_a_controller_of_models(name: str) -> None:
    fleet = overlay(name)
    deployments = {each["metadata"]["name"] for each in fleet.of("Deployment")}
    controllers = set() if name == "dev-static" else {"controller"}
    assert deployments == {"gateway", *controllers, *(f"worker-{domain}" for domain in DOMAINS)}
    services = {each["metadata"]["name"] for each in fleet.of("Service")}
    assert services == {"gateway", "control-plane", *(f"worker-{domain}" for domain in DOMAINS)}


@pytest.mark.parametrize(("base", "component"), ADDED)
def test_a_component_can_be_added_and_puts_nothing_beside_the_namespace(base: str, component: str) -> None:
    whole = {"Namespace", "PersistentVolume", "PriorityClass"}
    for each in combined(base, component).objects:
        assert each["kind"] in whole or each["metadata"].get("namespace") == "argosy-system", each["metadata"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_services_lead_to_pods_and_to_ports_that_they_have(name: str) -> None:
    fleet = overlay(name)
    for service in fleet.of("Service"):
        selected = [pod for pod in fleet.pods().values() if _selects(service["spec"]["selector"], pod)]
        assert len(selected) == 1, service["metadata"]["name"]
        ports = {
            port["name"]: port["containerPort"] for each in containers(selected[0]) for port in each.get("ports", ())
        }
        for port in service["spec"]["ports"]:
            assert ports[port["targetPort"]] == port["port"]


def _selects(selector: dict[str, str], pod: dict[str, Any]) -> bool:
    return selector.items() <= pod["metadata"]["labels"].items()


@pytest.mark.parametrize("name", OVERLAYS)
def test_deployments_and_budgets_select_the_pods_of_one_deployment(name: str) -> None:
    fleet = overlay(name)
    for each in fleet.of("Deployment", "PodDisruptionBudget"):
        selector = each["spec"]["selector"]["matchLabels"]
        (selected,) = (key for key, pod in fleet.pods().items() if _selects(selector, pod))
        assert selected == f"Deployment/{each['metadata']['name']}"


def test_control_planes_find_workers_and_their_domain_by_the_labels_of_services() -> None:
    """EndpointSlices have the labels of their Service."""
    for domain in DOMAINS:
        service = overlay("dev").get("Service", f"worker-{domain}")
        assert {
            "app.kubernetes.io/part-of": "argosy",
            "app.kubernetes.io/component": "worker",
            "argosy.dev/domain": domain,
        }.items() <= service["metadata"]["labels"].items()
        assert service["spec"]["clusterIP"] == "None"
        assert service["spec"]["publishNotReadyAddresses"] is True


@pytest.mark.parametrize(("name", "accounts"), [("prod", USED.keys()), ("dev-static", {"control-plane"})])
def test_each_account_may_do_what_its_program_has_to_and_nothing_else(name: str, accounts: Collection[str]) -> None:
    fleet = overlay(name)
    assert {each["metadata"]["name"] for each in fleet.of("ServiceAccount")} == {*accounts, "worker"}
    assert {each["metadata"]["name"] for each in fleet.of("Role")} == set(accounts)
    for account in accounts:
        allowed = {
            Right(verb, group, resource, only)
            for rule in fleet.get("Role", account)["rules"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for verb in rule["verbs"]
            for only in rule.get("resourceNames", [""])
        }
        assert allowed == USED[account]
    bound = {
        (each["roleRef"]["name"], *(subject["name"] for subject in each["subjects"]))
        for each in fleet.of("RoleBinding")
    }
    assert bound == {(account, account) for account in accounts}
    assert fleet.of("ClusterRole", "ClusterRoleBinding") == []


@pytest.mark.parametrize("name", OVERLAYS)
def test_callers_without_a_gateway_are_told_of_the_control_plane_as_the_client_tells_itself(name: str) -> None:
    fleet = overlay(name)
    port = {each["name"]: each["port"] for each in fleet.get("Service", "control-plane")["spec"]["ports"]}["grpc"]
    told = json.loads(fleet.get("ConfigMap", "xds-bootstrap")["data"]["bootstrap.json"])
    assert told == json.loads(xds.bootstrap(f"control-plane.argosy-system:{port}"))


@pytest.mark.parametrize("name", OVERLAYS)
def test_every_image_has_a_registry_and_a_tag(name: str) -> None:
    for key, pod in overlay(name).pods().items():
        for each in containers(pod):
            registry, _, rest = each["image"].partition("/")
            assert registry in ("localhost", "registry.example"), (key, each["image"])
            assert ":" in rest and not rest.endswith(":latest")
            assert each["imagePullPolicy"] == "IfNotPresent"


def test_the_demo_models_are_resources_with_the_names_that_callers_use() -> None:
    folders = {
        (config.parent.parent.name, config.parent.name)
        for config in (ROOT / "models").glob("*/*/model.yaml")
        if any(config.parent.glob("*/model.onnx"))
    }
    models = overlay("dev").of("Model")
    served = {(each["spec"]["domain"], each["spec"].get("name", each["metadata"]["name"])): each for each in models}
    assert served.keys() == folders
    for (domain, name), each in served.items():
        assert each["spec"]["source"] == {"uri": f"pvc://demo-models/{domain}/{name}"}


def test_the_demo_models_have_the_labels_of_the_local_fleet() -> None:
    local = yaml.safe_load((ROOT / "deploy/local/fleet.yaml").read_text())["models"]
    cluster = {
        each["spec"].get("name", each["metadata"]["name"]): each["spec"]["labels"]
        for each in overlay("dev").of("Model")
        if "labels" in each["spec"]
    }
    assert cluster == {name: model["labels"] for name, model in local.items()}


def test_a_claim_is_mounted_where_its_sources_are_looked_for_and_cannot_be_written() -> None:
    fleet: Manifests = overlay("dev")
    for each in fleet.workers():
        pod = each["spec"]["template"]["spec"]
        (mount,) = (mount for mount in pod["containers"][0]["volumeMounts"] if mount["name"] == "demo-models")
        assert mount["mountPath"] == "/var/lib/argosy/claims/demo-models"
        assert mount["readOnly"] is True


def test_without_model_resources_a_worker_serves_the_copy_that_its_pod_begins_with() -> None:
    fleet = overlay("dev-static")
    assert fleet.of("Model") == []
    for each in fleet.workers():
        worker = each["spec"]["template"]["spec"]["containers"][0]
        assert worker["args"] == ["--repository=/models/$(DOMAIN)"]
