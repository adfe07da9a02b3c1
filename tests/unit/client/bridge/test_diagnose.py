# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
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
