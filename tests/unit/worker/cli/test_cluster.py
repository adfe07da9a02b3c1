# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``argosy add --cluster`` uploads and applies."""

import json
import os
from pathlib import Path

import pytest
from argosy_worker.cli.cluster import NotApplied, apply, publish, resource, wait


def test_a_name_that_is_none_for_kubernetes_stays_the_one_that_callers_use() -> None:
    found = resource("two_Tower", "recommendation", "s3://b/m", "0" * 64)
    assert (found["metadata"]["name"], found["spec"]["name"]) == ("two-tower", "two_Tower")
    assert "name" not in resource("digits", "vision", "s3://b/m", "0" * 64)["spec"]


@pytest.mark.parametrize("store", ["pvc://demo/models", "https://host/models", "models", "s3://bucket/../other"])
def test_files_are_uploaded_to_buckets_alone(tmp_path: Path, store: str) -> None:
    with pytest.raises(ValueError, match="--cluster"):
        publish(tmp_path, "vision", store)


def kubectl(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Puts a program of that name first on PATH; it notes what it is told."""
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/arguments\ncat >> {folder}/input\n{script}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_a_model_that_is_there_is_changed_and_another_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = resource("digits", "vision", "s3://b/m", "0" * 64)
    told = kubectl(tmp_path, monkeypatch, "exit 0")
    apply(found, "fleet")
    assert json.loads((told / "input").read_text()) == found
    assert "--namespace fleet create" in (told / "arguments").read_text()
    kubectl(tmp_path, monkeypatch, 'case "$*" in *" get "*) echo model.argosy.dev/digits;; esac')
    apply(found, "fleet")
    patch = (told / "arguments").read_text().splitlines()[-1].split("--patch=")[1]
    assert json.loads(patch) == {"spec": found["spec"]}


def test_a_model_that_does_not_become_ready_says_what_its_status_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = 'case "$*" in *" get "*) echo "w1: model.onnx is corrupt";; *) echo timed out >&2; exit 1;; esac'
    kubectl(tmp_path, monkeypatch, script)
    with pytest.raises(NotApplied, match=r"w1: model\.onnx is corrupt"):
        wait("digits", "fleet", 1)


def test_without_kubectl_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotApplied, match="not on PATH"):
        wait("digits", "fleet", 1)
