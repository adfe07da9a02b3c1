# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import re
from pathlib import Path
from random import Random

import pytest
from argosy_client import bridge
from argosy_client.bridge.diagnose import diagnose
from argosy_client.bridge.findings import Weight

from tests.support.awkward import AWKWARD


@pytest.mark.parametrize("name", AWKWARD)
def test_a_graph_is_served_or_refused_with_the_advice_that_helps(name: str, tmp_path: Path) -> None:
    awkward = AWKWARD[name]
    path = tmp_path / "model.onnx"
    awkward.make(path)
    diagnosis = diagnose(path)
    told = {finding.code: finding for finding in diagnosis.findings}
    assert diagnosis.refused is not awkward.served, diagnosis.findings
    if not awkward.code:
        assert not told
        assert diagnosis.max_batch_size == awkward.batch
        return
    assert set(told) == {awkward.code}
    assert awkward.says in " ".join(told[awkward.code].advice.values())
    assert (told[awkward.code].weight is Weight.REFUSED) is not awkward.served
    if awkward.served:
        assert diagnosis.max_batch_size == awkward.batch


@pytest.mark.parametrize("name", ["plain", "text-labels", "two-lengths", "zipmap", "external"])
def test_a_damaged_graph_is_refused_or_served_and_never_breaks_the_diagnosis(name: str, tmp_path: Path) -> None:
    random = Random(5)
    path = tmp_path / "model.onnx"
    AWKWARD[name].make(path)
    whole = path.read_bytes()
    outcomes = set()
    for _ in range(60):
        damaged = bytearray(whole)
        for _ in range(random.randint(1, 3)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        path.write_bytes(damaged)
        outcomes.add(diagnose(path).refused)
    assert True in outcomes


def test_every_finding_is_in_the_guide() -> None:
    sources = Path(bridge.__file__).parent.rglob("*.py")
    codes = {
        code
        for path in sources
        for code in re.findall(r'"([A-Z]+_[A-Z_]*[A-Z]|BROKEN|RANDOM|UNTRIED)"', path.read_text())
    }
    guide = (Path(__file__).parents[4] / "docs/adding-models.md").read_text()
    listed = {
        code for line in guide.splitlines() if line.startswith("| `") for code in re.findall(r"`([A-Z_]+)`", line)
    }
    assert codes - {"RUN_FAILED"} == listed
