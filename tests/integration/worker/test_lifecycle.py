# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models of a real worker that come, change, fail, share memory and go, with calls in progress."""

import json
import shutil
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import numpy as np
import onnx
import pytest
from argosy import v2
from argosy.fleet.v1 import model_pb2, worker_pb2, worker_pb2_grpc
from argosy.tabular.v1 import tabular_pb2, tabular_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.integration.worker.conftest import YAML
from tests.support.models import add_model
from tests.support.worker import WorkerProcess, await_health, run_worker

QUICK = ("--repository-poll-s", "0.1", "--repository-settle-s", "0.3")
#: Keeps every version out of the policy's way.
LATEST = YAML.replace("version_policy: {all: true}\n", "")
READY, FAILED, EVICTED, UNLOADED = "READY", "FAILED", "EVICTED", "UNLOADED"


def row(*, version: str = "", model: str = "") -> tabular_pb2.PredictRequest:
    return tabular_pb2.PredictRequest(rows=[tabular_pb2.Row(values=[1, 1, 1, 1])], version=version, model=model)


def await_states(worker: WorkerProcess, condition: Callable[[dict[str, dict[int, str]]], bool]) -> None:
    """Waits until the states of all models, as a control plane sees them, fulfil a condition."""
    models: dict[str, dict[int, str]] = {}
    with grpc.insecure_channel(worker.address) as channel:
        stub = worker_pb2_grpc.WorkerServiceStub(channel)
        for update in stub.WatchState(worker_pb2.WatchStateRequest(), timeout=30):
            for model in [
                *update.snapshot.models,
                *([update.model_changed] if update.HasField("model_changed") else []),
            ]:
                models[model.description.name] = {each.version: _name(each) for each in model.versions}
            models.pop(update.model_removed, None)
            if condition(models):
                return
    raise AssertionError(f"the watch ended with {models}")


def await_model(worker: WorkerProcess, name: str, states: dict[int, str]) -> None:
    await_states(worker, lambda models: models.get(name) == states)


def _name(version: model_pb2.ModelVersion) -> str:
    return model_pb2.ModelState.Name(version.state).removeprefix("MODEL_STATE_")


@contextmanager
def calling(worker: WorkerProcess) -> Iterator[Counter[object]]:
    """Calls a worker from two threads all the while; counts what answers: the value, or the status of a failure."""
    seen: Counter[object] = Counter()
    stopping = threading.Event()

    def call() -> None:
        with grpc.insecure_channel(worker.address) as channel:
            stub = tabular_pb2_grpc.TabularServiceStub(channel)
            while not stopping.is_set():
                try:
                    seen[stub.Predict(row(), timeout=10).predictions[0].values[0]] += 1
                except grpc.RpcError as error:
                    seen[error.code()] += 1

    threads = [threading.Thread(target=call) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def await_count(seen: Counter[object], key: object, least: int = 1) -> None:
    give_up = time.monotonic() + 20
    while seen[key] < least:
        assert time.monotonic() < give_up, seen
        time.sleep(0.01)


def test_a_new_version_takes_over_and_a_reload_happens_without_a_failed_call(tmp_path: Path) -> None:
    repository = tmp_path / "models"
    folder = add_model(repository, "m", LATEST, factor=2.0)
    with run_worker("tabular", repository, *QUICK, wait_for=["model/m"]) as worker, calling(worker) as seen:
        await_count(seen, 2.0)
        add_model(repository, "m", version=2, factor=3.0)
        await_model(worker, "m", {2: READY})
        await_count(seen, 3.0)
        add_model(tmp_path, "replacement", version=2, factor=4.0)
        (tmp_path / "replacement/2/model.onnx").replace(folder / "2/model.onnx")
        await_count(seen, 4.0)
    assert set(seen) == {2.0, 3.0, 4.0}, seen


def test_a_half_copied_model_is_never_loaded(tmp_path: Path) -> None:
    elsewhere, repository = tmp_path / "elsewhere", tmp_path / "models"
    with_external_data(elsewhere)
    add_model(repository, "other")
    settle_s = 1.0
    options = ("--repository-poll-s", "0.1", "--repository-settle-s", str(settle_s))
    with run_worker("tabular", repository, *options, wait_for=["model/other"]) as worker:
        for name in ("m1", "m2", "m3"):
            longest_s = copy_slowly(elsewhere / "m/1", repository / name / "1", seconds=2 * settle_s)
            await_model(worker, name, {1: READY})
            if longest_s < settle_s:
                break  # else this machine paused in the copy for so long that it looked complete
    failed = [line for line in worker.log if "model failed" in line and name in line]
    assert longest_s >= settle_s or not failed


def copy_slowly(source: Path, target: Path, seconds: float) -> float:
    """Copies a version, its weights bit by bit; returns the longest time between two bits, in seconds."""
    target.mkdir(parents=True)
    shutil.copy(source / "model.onnx", target)
    data = (source / "weights.data").read_bytes()
    longest, last = 0.0, time.monotonic()
    with (target / "weights.data").open("wb") as slow:
        for start in range(0, len(data), len(data) // 20):
            slow.write(data[start : start + len(data) // 20])
            slow.flush()
            now = time.monotonic()
            longest, last = max(longest, now - last), now
            time.sleep(seconds / 20)
    return longest


def with_external_data(repository: Path) -> None:
    path = add_model(repository, "m") / "1/model.onnx"
    model = onnx.load(path)
    weights = np.full((1000, 4), 2, np.float32)
    model.graph.initializer.append(onnx.numpy_helper.from_array(weights, "weights"))
    model.graph.node.append(onnx.helper.make_node("ReduceMax", ["weights"], ["unused"], keepdims=0))
    onnx.save(model, path, save_as_external_data=True, location="weights.data", size_threshold=1000)


def test_a_version_that_cannot_be_loaded_leaves_the_one_before(tmp_path: Path) -> None:
    add_model(tmp_path, "m", LATEST)
    with run_worker("tabular", tmp_path, *QUICK, wait_for=["model/m"]) as worker:
        (add_model(tmp_path, "m", version=2) / "2/model.onnx").write_bytes(b"not a graph")
        await_model(worker, "m", {2: FAILED, 1: READY})
        with grpc.insecure_channel(worker.address) as channel:
            assert tabular_pb2_grpc.TabularServiceStub(channel).Predict(row(), timeout=10).version == "1"


def test_a_model_that_is_removed_is_gone_everywhere(tmp_path: Path) -> None:
    add_model(tmp_path, "m", LATEST)
    with run_worker("tabular", tmp_path, *QUICK, wait_for=["model/m"]) as worker:
        shutil.rmtree(tmp_path / "m")
        await_states(worker, lambda models: not models)
        await_health(worker.address, "model/m", serving=False, seconds=10)
        await_health(worker.address, "", serving=False, seconds=10)


def test_golden_samples_that_fail_take_a_model_out_everywhere_until_they_pass_again(tmp_path: Path) -> None:
    folder = add_model(tmp_path, "m", LATEST + "golden: [{file: golden.json}]\n")
    right, wrong = golden(2.0), golden(3.0)
    (folder / "golden.json").write_text(right)
    # Without a poll an edit of the sample does not reload the model: it stands for an engine that goes wrong.
    with run_worker(
        "tabular", tmp_path, "--repository-poll-s", "0", "--golden-interval-s", "0.05", wait_for=["model/m"]
    ) as worker:
        services = ("model/m", "", "argosy.tabular.v1.TabularService", v2.SERVICE)
        put(folder / "golden.json", wrong)
        await_model(worker, "m", {1: FAILED})
        for service in services:
            await_health(worker.address, service, serving=False, seconds=10)
        with grpc.insecure_channel(worker.address) as channel:
            with pytest.raises(grpc.RpcError) as error:
                tabular_pb2_grpc.TabularServiceStub(channel).Predict(row(), timeout=10)
            assert error.value.code() is grpc.StatusCode.UNAVAILABLE
            assert "golden sample" in error.value.details()
        put(folder / "golden.json", right)
        await_model(worker, "m", {1: READY})
        for service in services:
            await_health(worker.address, service, seconds=10)


def golden(factor: float) -> str:
    values = [1, 2, 3, 4]
    return json.dumps(
        {
            "inputs": {"x": {"datatype": "FP32", "shape": [1, 4], "data": values}},
            "outputs": {"y": {"datatype": "FP32", "shape": [1, 4], "data": [factor * value for value in values]}},
        }
    )


def put(path: Path, text: str) -> None:
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


def test_a_control_plane_unloads_and_loads_a_model(tmp_path: Path) -> None:
    add_model(tmp_path, "m", LATEST)
    with (
        run_worker("tabular", tmp_path, wait_for=["model/m"]) as worker,
        grpc.insecure_channel(worker.address) as channel,
    ):
        apply = worker_pb2_grpc.WorkerServiceStub(channel).ApplyDesired
        unloaded = worker_pb2.DesiredModel(name="m", unloaded=True)
        apply(worker_pb2.ApplyDesiredRequest(epoch=1, models=[unloaded]), timeout=10)
        await_model(worker, "m", {1: UNLOADED})
        await_health(worker.address, "model/m", serving=False, seconds=10)
        apply(worker_pb2.ApplyDesiredRequest(epoch=1), timeout=10)
        await_model(worker, "m", {1: READY})


def test_models_share_a_limit_of_memory(tmp_path: Path) -> None:
    for name in "abc":
        folder = tmp_path / name
        (folder / "1").mkdir(parents=True)
        (folder / "model.yaml").write_text(
            "execution: {engine: simulated, parameters: {memory_mb: 40, fixed_ms: 1, width: 4}}\n"
        )
    with (
        run_worker(
            "tabular", tmp_path, "--memory-limit-mb", "100", wait_for=[f"model/{name}" for name in "abc"]
        ) as worker,
        grpc.insecure_channel(worker.address) as channel,
    ):
        await_states(worker, lambda models: [models[name][1] for name in "abc"] == [EVICTED, READY, READY])
        infer(channel, "a")
        await_states(worker, lambda models: [models[name][1] for name in "abc"] == [READY, EVICTED, READY])
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.metrics_port}/metrics") as page:
            lines = [
                line for line in page.read().decode().splitlines() if line.startswith("argosy_model_memory_bytes{")
            ]
        assert sorted(lines) == [
            f'argosy_model_memory_bytes{{domain="tabular",model="{name}",version="1"}} 4e+07' for name in "ac"
        ]


def infer(channel: grpc.Channel, model: str) -> None:
    request = v2.message("ModelInferRequest")(model_name=model)
    request.inputs.add(name="x", datatype="FP32", shape=[1, 4])
    request.raw_input_contents.append(np.ones(4, "<f4").tobytes())
    call = channel.unary_unary(
        f"/{v2.SERVICE}/ModelInfer",
        v2.message("ModelInferRequest").SerializeToString,
        v2.message("ModelInferResponse").FromString,
    )
    assert call(request, timeout=20).model_name == model


def test_the_memory_of_a_real_model_is_measured(tmp_path: Path) -> None:
    path = add_model(tmp_path, "m", LATEST) / "1/model.onnx"
    model = onnx.load(path)
    weights = onnx.numpy_helper.from_array(np.random.default_rng(0).random((5_000_000, 1), np.float32), "weights")
    model.graph.initializer.append(weights)
    model.graph.input.append(onnx.helper.make_tensor_value_info("at", onnx.TensorProto.INT64, ["batch"]))
    model.graph.output.append(onnx.helper.make_tensor_value_info("found", onnx.TensorProto.FLOAT, ["batch", 1]))
    model.graph.node.append(onnx.helper.make_node("Gather", ["weights", "at"], ["found"]))
    onnx.save(model, path)
    (tmp_path / "m/model.yaml").write_text("")
    with run_worker("tabular", tmp_path, "--cache-dir", "", wait_for=["model/m"]) as worker:
        with grpc.insecure_channel(worker.address) as channel:
            watch = worker_pb2_grpc.WorkerServiceStub(channel).WatchState(worker_pb2.WatchStateRequest(), timeout=10)
            (version,) = next(watch).snapshot.models[0].versions
            watch.cancel()
        assert 20e6 <= version.memory_bytes < 80e6


def test_sigterm_under_load_fails_nothing_before_the_port_closes(tmp_path: Path) -> None:
    """The worker says that it leaves, serves whoever has not heard of it, finishes, and exits with 0."""
    yaml = "execution: {engine: simulated, parameters: {fixed_ms: 300, width: 4}}\n"
    (tmp_path / "m/1").mkdir(parents=True)
    (tmp_path / "m/model.yaml").write_text(yaml)
    with run_worker("tabular", tmp_path, "--drain-s", "0.5", wait_for=["model/m"]) as worker:
        with grpc.insecure_channel(worker.address) as channel:
            watch = worker_pb2_grpc.WorkerServiceStub(channel).WatchState(worker_pb2.WatchStateRequest(), timeout=30)
            assert not next(watch).snapshot.draining
            started = time.monotonic()
            worker.process.send_signal(signal.SIGTERM)
            assert next(update for update in watch if update.WhichOneof("update") == "draining").draining
            told_after = time.monotonic() - started
            late = threading.Thread(target=infer, args=(channel, "m"))
            infer(channel, "m")
            late.start()  # ends after the port has closed for new calls
            late.join()
        assert worker.process.wait(20) == 0
        assert told_after < 0.4


def test_health_stays_serving_while_a_model_is_only_put_aside(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name / "1").mkdir(parents=True)
        (tmp_path / name / "model.yaml").write_text(
            "execution: {engine: simulated, parameters: {memory_mb: 60, width: 4}}\n"
        )
    with (
        run_worker("tabular", tmp_path, "--memory-limit-mb", "100", wait_for=["model/b"]) as worker,
        grpc.insecure_channel(worker.address) as channel,
    ):
        await_states(worker, lambda models: models["a"] == {1: EVICTED})
        request = health_pb2.HealthCheckRequest(service="model/a")
        answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
