# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.envoy import wait_for
from tests.unit.client.kube.fake_kubectl import FakeKubectl


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKubectl]:
    """The only kubectl on PATH; none of its processes is left after the test."""
    (tmp_path / "bin").mkdir()
    made = FakeKubectl(tmp_path / "bin")
    made.write()
    monkeypatch.setenv("PATH", f"{made.folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    for name in ("ARGOSY_KUBE_NAMESPACE", "ARGOSY_KUBE_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    yield made
    wait_for(lambda: not made.running(), "kubectl to end")
