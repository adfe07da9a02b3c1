# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet of the overlay dev on the cluster of KUBECONFIG: applied once for a run, and taken away after it.

Images come from ARGOSY_TEST_IMAGES (default ``localhost/argosy``: `make images` built them, the nodes have them).
ARGOSY_TEST_KEEP=1 leaves the fleet there.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cluster import kube, told
from tests.cluster.fleet import Fleet, deployed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests of this folder, and skips them, with the reason, where there is no cluster."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    reason = kube.missing() if ours else ""
    for item in ours:
        item.add_marker(pytest.mark.cluster)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells what was measured: figures are of use where nothing failed, too."""
    lines = list(told.lines(report for reports in terminalreporter.stats.values() for report in reports))
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> told.Tell:
    """Keeps a line for the end of the run."""
    return lambda line: record_property(told.PROPERTY, line)


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """The fleet with the demo models, ready."""
    with deployed(tmp_path_factory.mktemp("overlay"), keep=bool(os.environ.get("ARGOSY_TEST_KEEP"))) as fleet:
        yield fleet


@pytest.fixture(scope="session")
def callers() -> Iterator[kube.Kube]:
    """A namespace for pods that call the fleet, of this run's own: another run that ends takes its own away."""
    namespace = kube.Kube(f"argosy-test-callers-{secrets.token_hex(3)}")
    namespace.apply(
        {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace.namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
        }
    )
    yield namespace
    namespace.run("delete", "namespace", namespace.namespace, "--timeout=90s")
