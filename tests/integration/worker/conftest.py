# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One real worker for the tests that only call it."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.support.models import add_identity_of_texts, add_lookup, add_model
from tests.support.worker import WorkerProcess, run_worker

YAML = """
methods: [Predict]
default_for: [Predict]
version_policy: {all: true}
batching: {max_batch_size: 8}
tabular:
  input: x
  output: y
  task: regression
  features: [{name: a}, {name: b}, {name: c}, {name: d}]
"""


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerProcess]:
    """A tabular worker with the models scale (versions 1 and 2), lookup, texts, tensors, and corrupt."""
    repository = tmp_path_factory.mktemp("repository")
    add_model(repository, "scale", YAML, version=1, factor=2.0)
    add_model(repository, "scale", version=2, factor=3.0)
    add_model(repository, "tensors")
    add_lookup(repository, "lookup")
    add_identity_of_texts(repository, "texts")
    corrupt(add_model(repository, "corrupt"))
    with run_worker("tabular", repository, wait_for=["model/scale", "model/texts", "model/tensors"]) as running:
        yield running


@pytest.fixture(scope="session")
def channel(worker: WorkerProcess) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(worker.address) as opened:
        yield opened


def corrupt(folder: Path) -> None:
    (folder / "1/model.onnx").write_bytes(b"not a graph")
