# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Publishes a model for a fleet on Kubernetes: uploads its files, and applies its resource as an operator does."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy_worker.pulling import stores
from argosy_worker.pulling.source import BUCKETS, PullFailed, Source, locate
from argosy_worker.repository.digest import digest

_MANAGER = "argosy-add"


class NotApplied(Exception):
    """The files could not be uploaded, or the resource not applied; the text says why."""


def publish(folder: Path, domain: str, store: str) -> dict[str, Any]:
    """Uploads a model's folder below a place of its own in a store; returns the resource that names it.

    Args:
        folder: The model's folder, named as the model.
        domain: Domain that serves it.
        store: Such as "s3://bucket/models".

    Raises:
        ValueError: the store is none to which files can be uploaded.
        NotApplied: they could not be.
        OSError: a file cannot be read.
    """
    sha256 = digest(folder)
    uri = f"{store.rstrip('/')}/{folder.name}/{sha256[:12]}"
    try:
        location = locate(Source(uri))
    except PullFailed as error:
        raise ValueError(f"--cluster: {error}") from error
    if location.scheme not in BUCKETS:
        raise ValueError(
            f"--cluster {store}: files are uploaded to {', '.join(f'{name}://' for name in BUCKETS)} alone"
        )
    try:
        stores.bucket(location).upload(folder)
    except PullFailed as error:
        raise NotApplied(f"{uri}: cannot be uploaded: {error}") from error
    return resource(folder.name, domain, uri, sha256)


def resource(name: str, domain: str, uri: str, sha256: str) -> dict[str, Any]:
    """The resource of a model; what Kubernetes takes for no name, callers still use."""
    kubernetes_name = re.sub(r"[^a-z0-9.-]+", "-", name.lower()).strip("-.")
    spec: dict[str, Any] = {"domain": domain, "source": {"uri": uri, "sha256": sha256}}
    if kubernetes_name != name:
        spec["name"] = name
    return {"apiVersion": "argosy.dev/v1alpha1", "kind": "Model", "metadata": {"name": kubernetes_name}, "spec": spec}


def apply(found: Mapping[str, Any], namespace: str) -> None:
    """Makes a resource, or changes the one that is there: what it says of labels, traffic and placement stays.

    ``kubectl apply`` would take that away where it was applied from another file. Raises NotApplied.
    """
    name = f"model.argosy.dev/{found['metadata']['name']}"
    if _kubectl(namespace, "get", name, "--ignore-not-found", "--output=name"):
        patch = json.dumps({"spec": found["spec"]})
        _kubectl(namespace, "patch", name, "--type=merge", f"--field-manager={_MANAGER}", f"--patch={patch}")
    else:
        _kubectl(namespace, "create", f"--field-manager={_MANAGER}", "--filename=-", text=json.dumps(found))


def wait(name: str, namespace: str, seconds: float) -> None:
    """Waits until a model is Ready. Raises NotApplied, with what its status says, where it does not become so."""
    try:
        _kubectl(namespace, "wait", "--for=condition=Ready", f"model.argosy.dev/{name}", f"--timeout={seconds:g}s")
    except NotApplied as error:
        path = 'jsonpath={.status.conditions[?(@.type=="Ready")].message}'
        why = _kubectl(namespace, "get", f"model.argosy.dev/{name}", f"--output={path}")
        raise NotApplied(why or str(error)) from error


def _kubectl(namespace: str, *arguments: str, text: str = "") -> str:
    try:
        done = subprocess.run(
            ["kubectl", "--namespace", namespace, *arguments],  # noqa: S607 - whichever the operator uses
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise NotApplied("kubectl is not on PATH") from error
    if done.returncode != 0:
        raise NotApplied(f"kubectl {arguments[0]}: {' '.join(done.stderr.split())}")
    return done.stdout.strip()
