# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import ssl
from pathlib import Path

import certifi
import pytest
import yaml
from argosy_gateway.discovery.kubernetes.access import AccessError, load
from kubernetes.config import incluster_config

KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": "https://there:6443/"}}],
    "users": [{"name": "u", "user": {"token": "secret"}}],
    "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "x",
}
IN_CLUSTER = {"KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"}


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a pod's service account."""
    for name, value in IN_CLUSTER.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "token").write_text("first")
    (tmp_path / "ca.crt").write_text(certifi.contents())
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    return tmp_path


def written(folder: Path, content: object) -> dict[str, str]:
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(content))
    return {"KUBECONFIG": str(path)}


def test_a_kubeconfig_file_says_where_and_who(tmp_path: Path) -> None:
    found = load(written(tmp_path, KUBECONFIG) | IN_CLUSTER)
    assert found.url == "https://there:6443"
    assert found.headers() == {"authorization": "Bearer secret"}
    assert found.tls.verify_mode is ssl.CERT_REQUIRED


def test_a_kubeconfig_file_may_trust_any_server(tmp_path: Path) -> None:
    cluster = {"server": "https://there:6443", "insecure-skip-tls-verify": True}
    found = load(written(tmp_path, {**KUBECONFIG, "clusters": [{"name": "c", "cluster": cluster}]}))
    assert found.tls.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize("content", [{}, {**KUBECONFIG, "current-context": "none"}, "text", None])
def test_an_unusable_kubeconfig_file_is_refused_in_one_line(tmp_path: Path, content: object) -> None:
    with pytest.raises(AccessError, match=r"^no way to an API server: .*$"):
        load(written(tmp_path, content))


def test_no_file_and_garbage_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AccessError):
        load({"KUBECONFIG": str(tmp_path / "none")})
    (tmp_path / "garbage").write_text("{")
    with pytest.raises(AccessError):
        load({"KUBECONFIG": str(tmp_path / "garbage")})


def test_a_pod_calls_as_its_account_with_the_token_that_is_there_when_it_connects(account: Path) -> None:
    found = load(IN_CLUSTER)
    assert found.url == "https://[fd00::1]:443"
    assert found.headers() == {"authorization": "bearer first"}
    (account / "token").write_text("second")
    assert load(IN_CLUSTER).headers() == {"authorization": "bearer second"}


def test_a_pod_without_an_account_is_refused(account: Path) -> None:
    (account / "token").unlink()
    with pytest.raises(AccessError, match="token"):
        load(IN_CLUSTER)
