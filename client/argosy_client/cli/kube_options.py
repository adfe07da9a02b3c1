# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a shell is told while somebody types: contexts and workers, where kubectl knows them."""

from collections.abc import Callable

import typer

from argosy_client.kube.settings import DEFAULT_NAMESPACE


def complete_contexts(incomplete: str) -> list[str]:
    """Contexts of the kubectl configuration."""
    from argosy_client.kube.kubectl import Cluster

    return _starting(incomplete, lambda: Cluster("default").run("config", "get-contexts", "--output=name").split())


def complete_workers(context: typer.Context, incomplete: str) -> list[str]:
    """Pods of workers of the fleet that the command line so far names."""
    from argosy_client.kube.kubectl import Cluster
    from argosy_client.kube.pods import pods

    given = context.find_root().params
    cluster = Cluster(given.get("namespace") or DEFAULT_NAMESPACE, given.get("cluster_context") or "")
    return _starting(incomplete, lambda: [each.name for each in pods(cluster) if each.component == "worker"])


def _starting(incomplete: str, find: Callable[[], list[str]]) -> list[str]:
    from argosy_client.kube.errors import KubeError

    try:
        return [each for each in find() if each.startswith(incomplete)]
    except KubeError:  # nobody reads an error in the middle of a line
        return []
