# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Every pod keeps to the Pod Security level `restricted`, and to what the programs in it can do."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from argosy_gateway import bootstrap
from argosy_gateway import settings as gateway_settings
from argosy_gateway.controller import settings as controller_settings
from argosy_gateway.controller.health import MODELS
from argosy_worker import settings as worker_settings

from tests.contract.manifests.rendered import (
    ADDED,
    OVERLAYS,
    Manifests,
    combined,
    container,
    containers,
    environment,
    overlay,
)

#: Time in which a container ends once it has nothing left to do, in seconds.
EXIT_S = 5
_UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


#: Overlays, and each component on top of one: (overlay, component or nothing).
FLEETS = [*((name, "") for name in OVERLAYS), *ADDED]


def fleet(base: str, component: str) -> Manifests:
    """One of them."""
    return combined(base, component) if component else overlay(base)


def size(text: str) -> int:
    """A quantity of memory, in bytes."""
    return int(text[:-2]) * _UNITS[text[-2:]]


@pytest.mark.parametrize(("base", "component"), FLEETS)
def test_pods_keep_to_the_restricted_level_which_the_namespace_enforces(base: str, component: str) -> None:
    objects = fleet(base, component)
    labels = objects.get("Namespace", "argosy-system")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    for key, pod in objects.pods().items():
        spec = pod["spec"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert spec["securityContext"]["runAsNonRoot"] is True, key
        assert spec["securityContext"]["runAsUser"] > 0, key
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, key
        for volume in spec.get("volumes", ()):
            kinds = volume.keys() - {"name"}
            assert kinds <= {"emptyDir", "persistentVolumeClaim", "projected", "configMap", "secret"}, (key, kinds)
        for each in containers(pod):
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }, (key, each["name"])
            assert not any("hostPort" in port for port in each.get("ports", ()))


@pytest.mark.parametrize(("base", "component"), FLEETS)
def test_every_container_says_what_it_takes_and_its_memory_has_an_end(base: str, component: str) -> None:
    for key, pod in fleet(base, component).pods().items():
        for each in containers(pod):
            requests, limits = each["resources"]["requests"], each["resources"]["limits"]
            assert requests.keys() >= {"cpu", "memory"}, (key, each["name"])
            assert size(requests["memory"]) <= size(limits["memory"]), (key, each["name"])


@pytest.mark.parametrize(("base", "component"), FLEETS)
def test_a_gateway_s_pod_begins_with_envoy_s_bootstrap_then_its_control_plane(base: str, component: str) -> None:
    """kustomize reorders containers that a patch names."""
    pod = fleet(base, component).pods()["Deployment/gateway"]
    assert [each["name"] for each in pod["spec"]["initContainers"]] == ["bootstrap", "control-plane"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_only_what_calls_the_api_server_can_read_a_token(name: str) -> None:
    accounts = {"Deployment/gateway": "control-plane", "Deployment/controller": "controller"}
    holders = set()
    for key, pod in overlay(name).pods().items():
        assert pod["spec"]["automountServiceAccountToken"] is False, key
        assert pod["spec"]["serviceAccountName"] == accounts.get(key, "worker")
        tokens = {volume["name"] for volume in pod["spec"].get("volumes", ()) if "projected" in volume}
        holders |= {
            each["name"]
            for each in containers(pod)
            if tokens & {mount["name"] for mount in each.get("volumeMounts", ())}
        }
    assert holders == {"control-plane"} if name == "dev-static" else {"control-plane", "controller"}


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_worker_has_time_to_drain_and_to_finish_its_calls(name: str) -> None:
    for each in overlay(name).workers():
        pod = each["spec"]["template"]
        chosen = worker_arguments(pod)
        assert pod["spec"]["terminationGracePeriodSeconds"] >= chosen.drain_s + chosen.stop_grace_s + EXIT_S


@pytest.mark.parametrize("name", OVERLAYS)
def test_the_gateway_has_time_to_send_its_callers_elsewhere_before_its_control_plane_stops(name: str) -> None:
    pod = overlay(name).pods()["Deployment/gateway"]["spec"]
    (envoy,) = pod["containers"]
    command = envoy["lifecycle"]["preStop"]["exec"]["command"]
    assert command[0] == "argosy-drain"
    seconds = float(command[command.index("--seconds") + 1])
    assert pod["terminationGracePeriodSeconds"] >= seconds + 2 * EXIT_S
    # Sidecars end after all others, in reverse order.
    sidecars = [each["name"] for each in pod["initContainers"] if each.get("restartPolicy") == "Always"]
    assert sidecars == ["control-plane"]


def worker_arguments(pod: dict[str, Any]) -> worker_settings.Settings:
    """A worker's settings, as the program itself reads them from its pod."""
    worker = container(pod, "worker")
    assert worker["command"][:3] == ["python", "-m", "argosy_worker"]
    variables = environment(worker) | {"ARGOSY_WORKER_REPLICA": "worker-0"}
    return worker_settings.read([*worker["command"][3:], *worker.get("args", ())], variables)


@pytest.mark.parametrize("name", OVERLAYS)
def test_workers_understand_what_they_are_told_and_listen_where_they_are_looked_for(name: str) -> None:
    for each in overlay(name).workers():
        pod = each["spec"]["template"]
        chosen = worker_arguments(pod)
        assert chosen.domain == each["metadata"]["labels"]["argosy.dev/domain"]
        assert chosen.bind == "0.0.0.0"  # noqa: S104
        ports = {port["name"]: port["containerPort"] for port in container(pod, "worker")["ports"]}
        assert ports == {"grpc": chosen.port, "metrics": chosen.metrics_port}
        writable = {
            mount["mountPath"] for mount in container(pod, "worker")["volumeMounts"] if not mount.get("readOnly")
        }
        assert {str(chosen.cache.parent) if chosen.cache else "", "/models", "/tmp"} <= writable  # noqa: S108


@pytest.mark.skipif(
    "kubernetes" not in {setting.name for setting in fields(gateway_settings.Settings)},
    reason="this control plane knows nothing of Kubernetes",
)
@pytest.mark.parametrize(("base", "component"), FLEETS)
def test_the_control_plane_understands_what_it_is_told(base: str, component: str) -> None:
    pod = fleet(base, component).pods()["Deployment/gateway"]
    told = container(pod, "control-plane")
    assert told["command"] == ["python", "-m", "argosy_gateway"]
    arguments = [each.replace("$(POD_NAMESPACE)", "argosy-system") for each in told["args"]]
    chosen = gateway_settings.read(arguments, environment(told))
    ports = {port["name"]: port["containerPort"] for port in told["ports"]}
    assert ports == {"xds": chosen.port, "metrics": chosen.metrics_port}
    writable = {mount["mountPath"] for mount in told["volumeMounts"] if not mount.get("readOnly")}
    assert str(Path(chosen.snapshot).parent) in writable


@pytest.mark.parametrize(("base", "component"), FLEETS)
def test_the_controller_understands_what_it_is_told(base: str, component: str) -> None:
    pod = fleet(base, component).pods().get("Deployment/controller")
    assert (pod is None) == ("static" in base + component)
    for told in containers(pod) if pod else ():
        assert told["command"] == ["python", "-m", "argosy_gateway.controller"]
        arguments = [each.replace("$(POD_NAMESPACE)", "argosy-system") for each in told["args"]]
        chosen = controller_settings.read(arguments, environment(told))
        assert chosen.namespace == "argosy-system"
        assert chosen.bind == "0.0.0.0"  # noqa: S104
        ports = {port["name"]: port["containerPort"] for port in told["ports"]}
        assert ports == {"health": chosen.health_port, "metrics": chosen.metrics_port}
        for probe in ("startupProbe", "livenessProbe"):
            assert told[probe]["grpc"] == {"port": chosen.health_port}
        assert told["readinessProbe"]["grpc"] == {"port": chosen.health_port, "service": MODELS}


def test_a_controller_that_hangs_is_ended_before_another_could_need_its_place() -> None:
    """The kubelet gives up in less than a minute; who hangs does not answer SIGTERM, and is given little time."""
    pod = overlay("prod").pods()["Deployment/controller"]
    probe = container(pod, "controller")["livenessProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"] < 60
    assert pod["spec"]["terminationGracePeriodSeconds"] <= 15


def test_envoy_listens_where_it_is_looked_for_and_takes_less_memory_than_it_may(tmp_path: Path) -> None:
    pod = overlay("prod").pods()["Deployment/gateway"]
    maker, envoy = container(pod, "bootstrap"), container(pod, "envoy")
    assert maker["command"] == ["python", "-m", "argosy_gateway.bootstrap"]
    written = next(argument for argument in maker["args"] if argument.startswith("--output="))
    assert written == f"--output={envoy['args'][envoy['args'].index('--config-path') + 1]}"
    output = tmp_path / "envoy.json"
    assert bootstrap.main([*(each for each in maker["args"] if each != written), f"--output={output}"]) == 0
    text = output.read_text()
    ports = {port["containerPort"] for port in envoy["ports"]}
    listeners = re.findall(r'"address": "0\.0\.0\.0",\s+"port_value": (\d+)', text)
    assert set(map(int, listeners)) == ports
    heap = re.search(r'"max_heap_size_bytes": (\d+)', text)
    assert heap and size(envoy["resources"]["limits"]["memory"]) >= 1.5 * int(heap[1])


@pytest.mark.parametrize("name", OVERLAYS)
def test_probes_ask_for_health_that_does_not_blame_a_worker_for_its_models(name: str) -> None:
    for each in overlay(name).workers():
        worker = container(each["spec"]["template"], "worker")
        alive = {"port": 8101, "service": "argosy.fleet.v1.WorkerService"}
        assert worker["startupProbe"]["grpc"] == worker["livenessProbe"]["grpc"] == alive
        assert worker["readinessProbe"]["grpc"] == {"port": 8101, "service": "models"}
        # Busy is not dead: only a minute without a single answer is.
        patience = worker["livenessProbe"]["periodSeconds"] * worker["livenessProbe"]["failureThreshold"]
        assert patience >= 60
        assert worker["livenessProbe"]["timeoutSeconds"] >= 5


@pytest.mark.parametrize("name", OVERLAYS)
def test_a_control_plane_that_is_away_takes_no_gateway_out_of_service(name: str) -> None:
    pod = overlay(name).pods()["Deployment/gateway"]
    assert "readinessProbe" not in container(pod, "control-plane")
    assert container(pod, "envoy")["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "status"}


def test_workers_on_gpus_have_one_device_each_and_need_no_spare_one_to_be_replaced() -> None:
    changed = combined("prod", "gpu")
    on_gpus = {
        each["metadata"]["name"]: each
        for each in changed.workers()
        if "nvidia.com/gpu" in container(each["spec"]["template"], "worker")["resources"]["limits"]
    }
    assert on_gpus.keys() == {"worker-vision", "worker-speech", "worker-nlp"}
    for each in on_gpus.values():
        worker = container(each["spec"]["template"], "worker")
        assert worker["resources"]["limits"]["nvidia.com/gpu"] == "1"
        assert "worker-gpu" in worker["image"]
        assert each["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
        keys = {toleration["key"] for toleration in each["spec"]["template"]["spec"]["tolerations"]}
        assert "nvidia.com/gpu" in keys


def test_in_production_there_are_two_of_each_spread_and_never_drained_together() -> None:
    fleet = overlay("prod")
    budgets = {each["metadata"]["name"]: each for each in fleet.of("PodDisruptionBudget")}
    classes = {each["metadata"]["name"] for each in fleet.of("PriorityClass")}
    for each in fleet.of("Deployment"):
        name, pod = each["metadata"]["name"], each["spec"]["template"]["spec"]
        assert each["spec"]["replicas"] >= 2
        assert budgets[name]["spec"]["maxUnavailable"] == 1
        assert budgets[name]["spec"]["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
        assert [spread["topologyKey"] for spread in pod["topologySpreadConstraints"]] == [
            "topology.kubernetes.io/zone",
            "kubernetes.io/hostname",
        ]
        assert pod["priorityClassName"] in classes
