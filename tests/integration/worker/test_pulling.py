# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A worker process that is told where its models are."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from argosy.common.v1 import tensor_pb2
from argosy.fleet.v1 import model_pb2, worker_pb2, worker_pb2_grpc
from argosy.tabular.v1 import tabular_pb2, tabular_pb2_grpc
from argosy_worker.repository.digest import digest

from tests.support.models import add_model
from tests.support.worker import await_health, run_worker

YAML = """
methods: [Predict]
tabular:
  input: x
  output: y
  task: regression
  features: [{name: a}, {name: b}, {name: c}, {name: d}]
"""


def applied(*models: worker_pb2.DesiredModel, epoch: int = 1) -> worker_pb2.ApplyDesiredRequest:
    """All that a controller wants."""
    return worker_pb2.ApplyDesiredRequest(epoch=epoch, models=models, all_sources=True)


def seen(watch: Iterator[worker_pb2.WatchStateResponse], state: int) -> model_pb2.WorkerModel:
    """The next report of a model whose copying is in a state."""
    return next(each.model_changed for each in watch if each.model_changed.pull.state == state)


def predict(items: int) -> tabular_pb2.PredictRequest:
    """A call with so many items."""
    tensor = tensor_pb2.Tensor(data_type="DATA_TYPE_FP32", shape=(items, 4), data=bytes(16 * items))
    return tabular_pb2.PredictRequest(model="m", tensor=tensor)


def test_a_worker_copies_what_it_is_told_serves_it_and_removes_it(tmp_path: Path) -> None:
    add_model(tmp_path / "claims/demo", "m", YAML)
    (tmp_path / "repository").mkdir()
    options = ("--claims", str(tmp_path / "claims"), "--repository-poll-s", "0.2", "--pull-retry-s", "0.2")
    with (
        run_worker("tabular", tmp_path / "repository", *options, wait_for=()) as worker,
        grpc.insecure_channel(worker.address) as channel,
    ):
        stub = worker_pb2_grpc.WorkerServiceStub(channel)
        watch = stub.WatchState(worker_pb2.WatchStateRequest(), timeout=30)
        source = worker_pb2.ModelSource(
            uri="pvc://demo/m",
            sha256=digest(tmp_path / "claims/demo/m"),
            settings=worker_pb2.ModelSettings(max_items=1),
            revision="r1",
        )
        wanted = worker_pb2.DesiredModel(name="m", version_labels={"stable": 1}, source=source)
        stub.ApplyDesired(applied(wanted), timeout=10)
        done = seen(watch, model_pb2.PULL_STATE_DONE)
        assert (done.pull.revision, done.pull.sha256) == ("r1", source.sha256)
        assert [version.state for version in done.versions] == [model_pb2.MODEL_STATE_READY]
        await_health(worker.address, "")
        calls = tabular_pb2_grpc.TabularServiceStub(channel)
        assert len(calls.Predict(predict(1), timeout=10).predictions) == 1
        with pytest.raises(grpc.RpcError) as error:
            calls.Predict(predict(2), timeout=10)
        assert "at most 1 in one request" in str(error.value.details()), "the setting counts"

        source.sha256, source.revision = "0" * 64, "r2"
        wanted.source.CopyFrom(source)
        stub.ApplyDesired(applied(wanted), timeout=10)
        failed = seen(watch, model_pb2.PULL_STATE_FAILED)
        assert "its sha256 is" in failed.pull.reason
        assert [version.state for version in failed.versions] == [model_pb2.MODEL_STATE_READY], "the old one answers"

        stub.ApplyDesired(applied(), timeout=10)
        assert next(each for each in watch if each.model_removed).model_removed == "m"
        await_health(worker.address, "models")  # it has all that it is to have: nothing
        with pytest.raises(grpc.RpcError) as error:
            stub.ApplyDesired(applied(worker_pb2.DesiredModel(name="../m", source=source)), timeout=10)
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        watch.cancel()
