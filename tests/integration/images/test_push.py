# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``make push`` to a registry on this machine, by whatever builds images here."""

import contextlib
import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.manifests.rendered import K8S, ROOT, WITHOUT_KUBECTL, build, container, has_kubectl
from tests.support.envoy import free_ports
from tests.support.gomodules import Missing, program
from tools.images.engines import Builder, BuilderError, find

REGISTRY = ("github.com/distribution/distribution/v3/cmd/registry", "v3.0.0")
IMAGE, TAG = "envoy", "push-test"
ACCEPT = "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json"


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """Where a registry without anything in it listens."""
    try:
        built = program("registry")
    except Missing as reason:
        pytest.skip(str(reason))
    address = f"127.0.0.1:{free_ports(1)[0]}"
    configuration = tmp_path / "registry.yaml"
    configuration.write_text(
        f"version: 0.1\nlog: {{level: warn, accesslog: {{disabled: true}}}}\nhttp: {{addr: '{address}'}}\n"
        f"storage: {{filesystem: {{rootdirectory: '{tmp_path}/blobs'}}}}\n"
    )
    environment = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
    with (tmp_path / "registry.log").open("wb") as log:
        process = subprocess.Popen([built, "serve", configuration], env=environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 20
        while headers(address, "") is None:
            assert process.poll() is None and time.monotonic() < end, (tmp_path / "registry.log").read_text()
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait(10)


def headers(address: str, path: str) -> http.client.HTTPMessage | None:
    """What the registry says of a page; None where it does not answer or has none."""
    with contextlib.closing(http.client.HTTPConnection(address, timeout=5)) as connection, contextlib.suppress(OSError):
        connection.request("HEAD", f"/v2/{path}", headers={"Accept": ACCEPT})
        answer = connection.getresponse()
        return answer.headers if answer.status == 200 else None
    return None


@pytest.fixture
def builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Builder]:
    """What builds images here, with an image of a single file under the name of one of ours."""
    # podman and buildah keep their images in the test's folder.
    storage = tmp_path / "storage.conf"
    storage.write_text(f'[storage]\ndriver = "vfs"\nrunroot = "{tmp_path}/run"\ngraphroot = "{tmp_path}/images"\n')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
    monkeypatch.setenv("STORAGE_DRIVER", "vfs")
    try:
        builder = find()
    except BuilderError as reason:
        pytest.skip(f"{reason}: this test pushes an image with one of them")
    dockerfile = tmp_path / "context" / "Dockerfile"
    dockerfile.parent.mkdir()
    dockerfile.write_text("FROM scratch\nCOPY Dockerfile /\n")
    name = f"localhost/argosy/{IMAGE}:{TAG}"
    builder.build(name, dockerfile, dockerfile.parent, {}, {})
    yield builder
    subprocess.run([builder.program, "rmi", "--force", name], capture_output=True, check=False)


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """A copy of the overlay prod, as a user has it."""
    if not has_kubectl():
        pytest.skip(WITHOUT_KUBECTL)
    folder = (tmp_path / "overlay").resolve()
    folder.mkdir()
    text = (K8S / "overlays/prod/kustomization.yaml").read_text()
    (folder / "kustomization.yaml").write_text(text.replace("../../", f"{os.path.relpath(K8S, folder)}/"))
    return folder


@pytest.mark.usefixtures("builder")
def test_what_was_pushed_is_what_the_overlay_runs_by_the_digest_that_the_registry_has(
    registry: str, overlay: Path
) -> None:
    settings = (f"REGISTRY={registry}/team", f"IMAGES={IMAGE}", f"TAG={TAG}", f"OVERLAY={overlay}")
    command = ["make", "push", *settings, f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pushed = headers(registry, f"team/argosy/{IMAGE}/manifests/{TAG}")
    assert pushed is not None
    pinned = f"{registry}/team/argosy/{IMAGE}@{pushed['Docker-Content-Digest']}"
    assert pinned in done.stdout

    gateway = build(overlay).pods()["Deployment/gateway"]
    assert container(gateway, "envoy")["image"] == pinned
    assert container(gateway, "control-plane")["image"].startswith("registry.example/argosy/control-plane:")


def test_a_registry_that_is_not_there_fails_in_one_line_and_pins_nothing(builder: Builder, overlay: Path) -> None:
    before = (overlay / "kustomization.yaml").read_text()
    (port,) = free_ports(1)
    settings = ("--registry", f"127.0.0.1:{port}", "--images", IMAGE, "--tag", TAG, "--overlay", str(overlay))
    done = subprocess.run(
        [sys.executable, "-m", "tools.images", "push", *settings], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"images: {builder.program} push ended with ")
    assert (overlay / "kustomization.yaml").read_text() == before


@pytest.mark.slow
@pytest.mark.timeout(1300)
def test_the_registry_can_be_built_from_its_module() -> None:
    """From then on the test above runs."""
    try:
        built = program("registry", *REGISTRY)
    except Missing as reason:
        pytest.skip(str(reason))
    done = subprocess.run([built, "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
