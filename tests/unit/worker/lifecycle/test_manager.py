# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Loading, resolving and golden samples, with real ONNX models and a domain of one method."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.common.v1 import tensor_pb2
from argosy_worker.errors import InvalidInput, MethodNotSupported, ModelNotFound, NotReady, StaleEpoch
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import State, StateBoard
from argosy_worker.scheduling.work import Terms
from google.protobuf.json_format import MessageToDict

from tests.support.lifecycle import DOMAIN, managed
from tests.support.models import add_mean, add_model


def state(manager: ModelManager, name: str) -> tuple[State, str]:
    version = manager.board.snapshot.models[name].versions[0]
    return version.state, version.reason


async def test_one_model_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    add_model(tmp_path, "good")
    add_model(tmp_path, "corrupt")
    (tmp_path / "corrupt/1/model.onnx").write_bytes(b"not a graph")
    add_model(tmp_path, "empty")
    (tmp_path / "empty/1/model.onnx").unlink()
    add_model(tmp_path, "misspelt", "methds: []\n")
    add_model(tmp_path, "refused", "description: refused\n")
    add_model(tmp_path, "broken", "description: broken\n")
    add_model(tmp_path, "elsewhere", "execution: {engine: abacus}\n")
    async with managed(tmp_path) as manager:
        assert state(manager, "good") == (State.READY, "")
        for name, why in {
            "corrupt": "cannot be loaded",
            "empty": "model.onnx: no such file",
            "misspelt": "model.yaml:1: methds: unknown key",
            "refused": "this domain refuses it",
            "broken": "ZeroDivisionError",
            "elsewhere": "no engine 'abacus'; there are: onnx",
        }.items():
            found, reason = state(manager, name)
            assert (found, why in reason) == (State.FAILED, True), reason


async def test_a_fixed_batch_dimension_is_refused_with_what_to_do(tmp_path: Path) -> None:
    add_model(tmp_path, "fixed", shape=(1, 4))
    add_model(tmp_path, "one", "batching: {max_batch_size: 1}\n", shape=(1, 4))
    add_model(tmp_path, "none", "batching: {max_batch_size: 0}\n", shape=(4,))
    async with managed(tmp_path) as manager:
        assert "set batching.max_batch_size to 1" in state(manager, "fixed")[1]
        assert state(manager, "one")[0] is State.READY
        result = await (await manager.obtain("none", "", None, None)).infer({"x": np.ones(4, np.float32)}, Terms())
        assert result.outputs["y"].tolist() == [2, 2, 2, 2]


async def test_versions_and_labels_resolve(tmp_path: Path) -> None:
    for version, factor in ((1, 10.0), (2, 20.0)):
        yaml = "version_policy: {all: true}\nmethods: [Predict]\n" if version == 1 else ""
        add_model(tmp_path, "m", yaml, version=version, factor=factor)
    async with managed(tmp_path) as manager:
        assert manager.resolve("m", "", "Predict").version == 2
        assert manager.resolve("m", "1", "Predict").version == 1
        manager.apply_desired(1, {"m": {"stable": 1}})
        assert manager.resolve("m", "stable", None).version == 1
        for unknown in ("3", "canary", "-1", "1.0", "9" * 40, "01", "1\n", "\u0661", "\uff11"):
            with pytest.raises(ModelNotFound) as error:
                manager.resolve("m", unknown, None)
            assert error.value.reason == "VERSION_NOT_FOUND"
        with pytest.raises(ModelNotFound):
            manager.resolve("other", "", None)
        with pytest.raises(MethodNotSupported, match="it implements Predict"):
            manager.resolve("m", "", "Embed")


async def test_labels_are_replaced_as_a_whole_and_old_epochs_are_refused(tmp_path: Path) -> None:
    add_model(tmp_path, "m")
    async with managed(tmp_path) as manager:
        manager.apply_desired(5, {"m": {"stable": 1}, "unknown": {"stable": 1}})
        before = manager.board.snapshot.generation
        assert manager.apply_desired(5, {"m": {"stable": 1}}) == before, "the same again changes nothing"
        with pytest.raises(StaleEpoch):
            manager.apply_desired(4, {})
        manager.apply_desired(6, {})
        with pytest.raises(ModelNotFound):
            manager.resolve("m", "stable", None)
        for label in ("", "7"):
            with pytest.raises(InvalidInput):
                manager.apply_desired(6, {"m": {label: 1}})


async def test_labels_that_arrive_before_a_model_is_loaded_hold_once_it_is(tmp_path: Path) -> None:
    add_model(tmp_path, "m")
    with ThreadPoolExecutor(1) as executor:
        manager = ModelManager(tmp_path, Loader(DOMAIN, executor, 0.0005), StateBoard())
        manager.apply_desired(1, {"m": {"stable": 1}})
        await manager.load_all()
        assert manager.resolve("m", "stable", None).version == 1
        await manager.close()


async def test_two_defaults_for_one_method_are_refused(tmp_path: Path) -> None:
    yaml = "methods: [Predict]\ndefault_for: [Predict]\n"
    add_model(tmp_path, "a", yaml)
    add_model(tmp_path, "b", yaml)
    async with managed(tmp_path) as manager:
        assert manager.default_model("Predict") == "a"
        assert "model 'a' is the default for Predict already" in state(manager, "b")[1]
        with pytest.raises(NotReady, match="FAILED"):
            manager.resolve("b", "", "Predict")


async def test_a_draining_worker_serves_whoever_has_not_heard_of_it(tmp_path: Path) -> None:
    add_model(tmp_path, "m")
    async with managed(tmp_path) as manager:
        manager.board.drain()
        assert manager.resolve("m", "", None).version == 1


async def test_a_starting_worker_says_of_names_that_it_has_not_read_yet_to_try_elsewhere(tmp_path: Path) -> None:
    add_model(tmp_path, "m", "default_for: [Predict]\nmethods: [Predict]\n")
    async with managed(tmp_path, load=False) as manager:
        for ask in (lambda: manager.resolve("m", "", None), lambda: manager.default_model("Predict")):
            with pytest.raises(NotReady) as error:
                ask()
            assert error.value.retry_elsewhere
        await manager.load_all()
        assert manager.resolve(manager.default_model("Predict"), "", None).version == 1
        assert manager.default_model("Nothing") == ""
        with pytest.raises(ModelNotFound):
            manager.resolve("n", "", None)


async def test_more_items_than_the_batch_are_split_and_joined(tmp_path: Path) -> None:
    add_model(tmp_path, "m", "batching: {max_batch_size: 3}\n")
    async with managed(tmp_path) as manager:
        rows = np.arange(40, dtype=np.float32).reshape(10, 4)
        result = await (await manager.obtain("m", "", None, None)).infer({"x": rows}, Terms())
        assert np.array_equal(result.outputs["y"], rows * 2)
        assert result.batch_size == 3


def tensor_json(*values: float) -> dict[str, Any]:
    message = tensor_pb2.Tensor(data_type="DATA_TYPE_FP32", shape=[1, 4], data=np.array(values, "<f4").tobytes())
    return dict(MessageToDict(message))


TYPED = {
    "method": "Predict",
    "request": {"tensor": tensor_json(1, 2, 3, 4)},
    "response": {"predictions": [{"values": [2.0, 4.0, 6.0, 8.0]}]},
}
TENSORS = {
    "inputs": {"x": {"datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}},
    "outputs": {"y": {"datatype": "FP32", "shape": [1, 4], "data": [2, 4, 6, 8]}},
}


@pytest.mark.parametrize("sample", [TYPED, TENSORS], ids=["typed", "tensors"])
@pytest.mark.parametrize(("factor", "expected"), [(2.0, State.READY), (2.00001, State.READY), (2.1, State.FAILED)])
async def test_readiness_follows_the_golden_samples(
    tmp_path: Path, sample: dict[str, Any], factor: float, expected: State
) -> None:
    yaml = "methods: [Predict]\ngolden: [{file: golden.json, tolerance: 0.001}]\n"
    folder = add_model(tmp_path, "m", yaml, factor=factor)
    (folder / "golden.json").write_text(json.dumps(sample))
    async with managed(tmp_path) as manager:
        found, reason = state(manager, "m")
        assert found is expected, reason
        assert (found is State.READY) or "golden sample golden.json differs" in reason


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        "{}",
        '{"method": "Nope", "request": {}, "response": {}}',
        '{"method": "Predict", "request": {"nope": 1}, "response": {}}',
        '{"method": "Predict", "request": {"tensor": {"data": {"$file": "../x"}}}, "response": {}}',
        '{"inputs": {"x": {"datatype": "FP99", "shape": [1], "data": [1]}}, "outputs": {}}',
    ],
)
async def test_a_golden_sample_that_cannot_be_run_fails_its_model(tmp_path: Path, text: str) -> None:
    folder = add_model(tmp_path, "m", "methods: [Predict]\ngolden: [{file: golden.json}]\n")
    (folder / "golden.json").write_text(text)
    async with managed(tmp_path) as manager:
        found, reason = state(manager, "m")
        assert found is State.FAILED
        assert "golden.json" in reason or "../x" in reason


async def test_watchers_see_every_model_and_a_growing_generation(tmp_path: Path) -> None:
    add_model(tmp_path, "m")
    async with managed(tmp_path) as manager:
        watch = manager.board.watch()
        first = await anext(watch)
        manager.apply_desired(1, {"m": {"stable": 1}})
        second = await anext(watch)
        assert second.generation == first.generation + 1
        assert second.models["m"].version_labels == {"stable": 1}
        await watch.aclose()  # type: ignore[attr-defined]


def sequences(inputs: str) -> str:
    return f"batching: {{sequences: {{inputs: {inputs}, outputs: [y]}}}}\n"


@pytest.mark.parametrize(
    ("masked", "inputs", "said"),
    [
        (True, "{x: 0.0, mask: 0.0}", ""),
        (False, "{x: 0.0}", "padding changes output 'mean'"),
        (True, "{x: 0.0, mask: 1.0}", "padding changes output 'mean'"),
        (True, "{x: 0.0}", "'mask' has a variable length too"),
        (True, "{x: 0.0, mask: 0.0, z: 0.0}", "batching.sequences.inputs: 'z' is not a numeric tensor"),
    ],
)
async def test_a_model_whose_results_depend_on_padding_is_refused(
    tmp_path: Path, masked: bool, inputs: str, said: str
) -> None:
    add_mean(tmp_path, "m", sequences(inputs), masked=masked)
    async with managed(tmp_path) as manager:
        found, reason = state(manager, "m")
        assert found is (State.FAILED if said else State.READY), reason
        assert said in reason
