# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What kubectl says, in one line that says what to do. The texts are kubectl's own."""

import pytest
from argosy_client.kube.errors import DisruptionRefused, KubeError, PodNotFound, explain
from argosy_client.kube.kubectl import Cluster

FORBIDDEN = (
    'Error from server (Forbidden): pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the '
    'namespace "argosy-system"'
)


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        (FORBIDDEN, KubeError, 'the cluster does not let you: pods is forbidden: User "jane" cannot list'),
        (
            "E1130 06:00:00.0 1 memcache.go:265] couldn't get current server API group list\n"
            "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?\n",
            KubeError,
            "no cluster can be reached: The connection to the server 127.0.0.1:6443 was refused",
        ),
        ('error: context "there" does not exist', KubeError, 'no cluster can be reached: context "there" does not'),
        (
            "Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's disruption budget.",
            DisruptionRefused,
            "does not allow it now: Cannot evict pod as it would violate the pod's disruption budget.",
        ),
        ('Error from server (NotFound): pods "a" not found', PodNotFound, 'pods "a" not found'),
        ("W1130 a warning\nerror: lost connection to pod\n", KubeError, "kubectl: lost connection to pod"),
        ("", KubeError, "kubectl: it said nothing"),
    ],
)
def test_one_line_tells_what_is_wrong(said: str, kind: type[KubeError], text: str) -> None:
    error = explain(said)
    assert type(error) is kind
    assert text in str(error)
    assert "\n" not in str(error)


def test_without_kubectl_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(KubeError, match="kubectl, which is not on PATH"):
        Cluster("argosy-system").run("get", "pods")
