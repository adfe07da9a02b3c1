# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The image for GPUs on a node without one. It takes several GB, so it is tested only where a node has it already."""

import base64
from pathlib import Path

import pytest
from argosy.fleet.v1 import model_pb2

from tests.cluster.kube import Kube, Manifest, image, locked_pod, until
from tests.support.models import add_model
from tests.support.worker import loaded_models

NAME = "gpu"


def on_a_node(name: str) -> bool:
    """Whether a node says that it has an image."""
    nodes = Kube().get("nodes")["items"]
    return any(name in (each.get("names") or ()) for node in nodes for each in node["status"].get("images", ()))


def repository(folder: Path) -> tuple[Manifest, list[dict[str, str]]]:
    """A ConfigMap with the files of a folder, and where each goes below the mount."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    keys = {path: path.replace("/", ".") for path in files}
    data = {keys[path]: base64.b64encode(content).decode() for path, content in files.items()}
    items = [{"key": key, "path": path} for path, key in keys.items()]
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME}, "binaryData": data}, items


@pytest.mark.timeout(300)
def test_without_a_gpu_a_model_for_cuda_is_failed_with_what_is_missing_and_one_for_the_cpu_serves(
    callers: Kube, tmp_path: Path
) -> None:
    if not on_a_node(image("worker-gpu")):
        pytest.skip(f"no node has {image('worker-gpu')}: make images IMAGES=worker-gpu, and load it")
    if any("nvidia.com/gpu" in node["status"]["allocatable"] for node in Kube().get("nodes")["items"]):
        pytest.skip("the cluster has GPUs; this test is about one that has none")
    add_model(tmp_path, "accelerated", "execution: {providers: [cuda, cpu]}\n")
    add_model(tmp_path, "plain")
    models, items = repository(tmp_path)
    pod = locked_pod(
        NAME,
        image("worker-gpu"),
        ["python", "-m", "argosy_worker", "tabular", "--bind", "0.0.0.0", "--port", "8101", "--cache-dir", ""],  # noqa: S104
        mounts=[{"name": "models", "mountPath": "/models"}],
        volumes=[{"name": "models", "configMap": {"name": NAME, "items": items}}],
    )
    pod["spec"]["containers"][0]["env"] = [{"name": "ARGOSY_WORKER_REPOSITORY", "value": "/models"}]
    callers.run("delete", "pod", NAME, "--ignore-not-found", "--now")
    callers.apply(models, pod)
    try:
        until(lambda: callers.get("pod", NAME)["status"]["phase"] == "Running", "the container to run")
        until(lambda: "serving" in callers.run("logs", NAME), "the worker to serve")
        with callers.forwarded(f"pod/{NAME}", 8101) as address:
            found = loaded_models(address)
    finally:
        callers.run("delete", f"pod/{NAME}", f"configmap/{NAME}", "--now")
    (failed,), (served,) = found["accelerated"].versions, found["plain"].versions
    assert (served.state, served.device) == (model_pb2.MODEL_STATE_READY, "cpu")
    assert failed.state == model_pb2.MODEL_STATE_FAILED
    for said in (
        "needs 'cuda' (CUDAExecutionProvider)",
        "driver: none",
        "libcudnn.so.",
        "needed and not found: libcuda",
    ):
        assert said in failed.reason
    # The image brings all but the driver.
    _, _, missing = failed.reason.partition("needed and not found: ")
    assert "libcublas" not in missing and "libcudnn" not in missing, failed.reason
