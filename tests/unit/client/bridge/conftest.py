# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Prepares graphs with files beside them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from argosy_client.bridge.plan import Asked
from argosy_client.bridge.preparing import Prepared, Wanted, prepare

from tests.support.awkward import save
from tests.support.guessable import Make


@pytest.fixture
def made(tmp_path: Path) -> Make:
    """Prepares a graph with files beside it."""

    def make(
        nodes: Sequence[Any],
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        constants: Sequence[Any] = (),
        *,
        asked: Asked = Asked(),  # noqa: B008 - cannot be changed
        **files: Any,
    ) -> Prepared:
        save(tmp_path / "model.onnx", nodes, inputs, outputs, constants)
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return prepare(Wanted(tmp_path, asked, name="guessed"))

    return make
