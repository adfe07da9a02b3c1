# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime as an engine: shared weights, cached graphs, and devices that are or are not there."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from argosy_worker.engines import onnx as engine
from argosy_worker.engines.port import EngineOptions
from argosy_worker.errors import InputRefused, ModelInvalid

from tests.support.models import add_identity_of_texts, add_lookup, add_model

X = {"x": np.ones((1, 4), np.float32)}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A version of 8 MB: the least that is cached is half of it."""
    path = add_model(tmp_path, "m") / "1/model.onnx"
    graph = onnx.load(path)
    weights = np.ones((2_000_000, 1), np.float32)
    graph.graph.initializer.append(onnx.numpy_helper.from_array(weights, "weights"))
    graph.graph.node.append(onnx.helper.make_node("ReduceMax", ["weights"], ["most"], keepdims=0))
    graph.graph.node.append(onnx.helper.make_node("Mul", ["y", "most"], ["z"]))
    graph.graph.output[0].name = "z"
    onnx.save(graph, path)
    return path.parent


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of the graphs that sessions are made of."""
    made: list[str] = []
    real = ort.InferenceSession

    def recording(path: str, *arguments: Any, **named: Any) -> Any:
        made.append(path)
        return real(path, *arguments, **named)

    monkeypatch.setattr(ort, "InferenceSession", recording)
    return made


def test_instances_of_a_model_share_one_session(model: Path, sessions: list[str]) -> None:
    instances = engine.load(model, EngineOptions(instances=4, threads=2))
    assert (len(instances), len(sessions)) == (4, 1)
    instances[0].close()
    assert instances[3].run(X)["z"].tolist() == [[2, 2, 2, 2]]


def test_the_second_start_takes_the_optimised_graph_of_the_first(
    model: Path, tmp_path: Path, sessions: list[str]
) -> None:
    options = EngineOptions(cache=tmp_path / "cache")
    expected = engine.load(model, EngineOptions())[0].run(X)["z"]
    del sessions[:]
    first = engine.load(model, options)[0]
    assert sessions[0] == str(model / "model.onnx")
    del sessions[:]
    second = engine.load(model, options)[0]
    assert [Path(path).is_relative_to(tmp_path / "cache") for path in sessions] == [True]
    for each in (first, second):
        np.testing.assert_array_equal(each.run(X)["z"], expected)


def test_a_graph_that_changed_is_optimised_anew(model: Path, tmp_path: Path) -> None:
    options = EngineOptions(cache=tmp_path / "cache")
    engine.load(model, options)
    shutil.rmtree(model)
    path = add_model(tmp_path, "other", factor=5.0) / "1/model.onnx"
    graph = onnx.load(path)
    graph.graph.initializer.append(onnx.numpy_helper.from_array(np.ones((2_000_000, 1), np.float32), "weights"))
    graph.graph.node.append(onnx.helper.make_node("ReduceMax", ["weights"], ["most"], keepdims=0))
    graph.graph.node.append(onnx.helper.make_node("Mul", ["y", "most"], ["z"]))
    graph.graph.output[0].name = "z"
    model.mkdir()
    onnx.save(graph, model / "model.onnx")
    assert engine.load(model, options)[0].run(X)["z"].tolist() == [[5, 5, 5, 5]]


def test_a_cached_graph_that_is_damaged_is_not_used(model: Path, tmp_path: Path) -> None:
    options = EngineOptions(cache=tmp_path / "cache")
    engine.load(model, options)
    (cached,) = (tmp_path / "cache").glob("*/model.onnx")
    cached.write_bytes(b"damaged")
    assert engine.load(model, options)[0].run(X)["z"].tolist() == [[2, 2, 2, 2]]
    assert not cached.exists()


def test_a_cache_that_cannot_be_written_is_done_without(model: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    assert engine.load(model, EngineOptions(cache=tmp_path / "cache"))[0].run(X)["z"].tolist() == [[2, 2, 2, 2]]


def test_small_graphs_are_not_cached(tmp_path: Path) -> None:
    folder = add_model(tmp_path, "small") / "1"
    engine.load(folder, EngineOptions(cache=tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_a_model_that_needs_cuda_fails_on_a_runtime_without_it_and_names_what_is_needed(model: Path) -> None:
    with pytest.raises(ModelInvalid) as error:
        engine.load(model, EngineOptions(providers=("cuda", "cpu")))
    for said in ("'cuda' (CUDAExecutionProvider)", ort.__version__, "CPUExecutionProvider", "argosy[gpu]", "driver:"):
        assert said in str(error.value)


def test_a_runtime_that_falls_back_to_the_cpu_is_caught(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ort.InferenceSession
    asked: list[Any] = []

    def falling_back(path: str, settings: Any, providers: Any, enable_fallback: int) -> Any:
        assert not enable_fallback
        asked.append(providers)
        return real(path, settings, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setattr(ort, "InferenceSession", falling_back)
    options = EngineOptions(
        providers=("cuda", "cpu"),
        device_ids=(1,),
        device_memory_limit_bytes=10**9,
        device_arena="as_requested",
        device_convolutions="heuristic",
    )
    with pytest.raises(ModelInvalid, match=r"could start only CPUExecutionProvider; driver: .*libcudnn"):
        engine.load(model, options)
    cuda_options = {
        "device_id": 1,
        "gpu_mem_limit": 10**9,
        "arena_extend_strategy": "kSameAsRequested",
        "cudnn_conv_algo_search": "HEURISTIC",
    }
    assert asked == [[("CUDAExecutionProvider", cuda_options), "CPUExecutionProvider"]]


class Session:
    """As if CUDA were there; memory bound to its devices is the CPU's."""

    def __init__(self, path: str, settings: Any, providers: Any, enable_fallback: int) -> None:
        self._real = _REAL(path, settings, providers=["CPUExecutionProvider"])
        self.bound: list[tuple[str, str, int]] = []
        self.get_inputs, self.get_outputs, self.run = self._real.get_inputs, self._real.get_outputs, self._real.run

    def get_providers(self) -> list[str]:
        return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    def io_binding(self) -> Any:
        binding = self._real.io_binding()
        bind_output = binding.bind_output

        def recorded(name: str, device_type: str, device_id: int) -> None:
            self.bound.append((name, device_type, device_id))
            bind_output(name, "cpu", 0)

        binding.bind_output = recorded
        return binding

    def run_with_iobinding(self, binding: Any) -> None:
        self._real.run_with_iobinding(binding)


_REAL = ort.InferenceSession


@pytest.fixture
def with_cuda(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """Sessions as they are made on a machine with two GPUs."""
    made: list[Session] = []

    def make(*arguments: Any, **named: Any) -> Session:
        made.append(Session(*arguments, **named))
        return made[-1]

    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setattr(ort, "InferenceSession", make)
    return made


def test_instances_are_spread_over_the_devices_in_turn(model: Path, with_cuda: list[Session]) -> None:
    instances = engine.load(model, EngineOptions(instances=3, providers=("cuda",), device_ids=(0, 1)))
    assert [each.device for each in instances] == ["cuda:0", "cuda:1", "cuda:0"]
    assert len(with_cuda) == 2


def test_on_a_gpu_outputs_stay_in_its_memory_while_it_computes(model: Path, with_cuda: list[Session]) -> None:
    instances = engine.load(model, EngineOptions(instances=2, providers=("cuda", "cpu"), device_ids=(0, 1)))
    assert instances[1].run(X)["z"].tolist() == [[2, 2, 2, 2]]
    assert [session.bound for session in with_cuda] == [[], [("z", "cuda", 1)]]


def test_on_the_cpu_nothing_is_bound(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (instance,) = engine.load(model, EngineOptions())
    monkeypatch.setattr(ort.InferenceSession, "io_binding", lambda _: pytest.fail("a binding was made"))
    assert instance.run(X)["z"].tolist() == [[2, 2, 2, 2]]


def test_a_bound_run_of_wrong_values_is_the_callers_fault(tmp_path: Path, with_cuda: list[Session]) -> None:
    (instance,) = engine.load(add_lookup(tmp_path, "table") / "1", EngineOptions(providers=("cuda",)))
    assert instance.run({"x": np.array([[3]])})["y"].tolist() == [[3]]
    with pytest.raises(InputRefused):
        instance.run({"x": np.array([[10]])})
    assert with_cuda[0].bound == [("y", "cuda", 0)] * 2


def test_texts_cannot_be_bound_and_are_run_all_the_same(tmp_path: Path, with_cuda: list[Session]) -> None:
    (instance,) = engine.load(add_identity_of_texts(tmp_path, "texts") / "1", EngineOptions(providers=("cuda",)))
    assert instance.run({"x": np.array([["a"]], object)})["y"].tolist() == [["a"]]
    assert with_cuda[0].bound == []
