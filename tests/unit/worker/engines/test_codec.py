# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Codec plug-ins around an engine, by V2's tensors and by typed calls."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.common.v1 import tensor_pb2
from argosy.tabular.v1 import tabular_pb2
from argosy_worker.engines.codec import CodecEngine
from argosy_worker.engines.port import TensorSpec
from argosy_worker.errors import CodecRefused, EngineFault, InputRefused
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.state import State
from argosy_worker.scheduling.work import Terms
from argosy_worker.serving.status import TYPED_CODES, V2_CODES, describe

from tests.support.codec import register
from tests.support.lifecycle import DOMAIN, Script, ScriptedEngine, add_scripted, managed, reason, states


class Shifted:
    """Takes one number more than the graph, a negative one of which it refuses; adds it to what the graph answers."""

    inputs = (TensorSpec("x", "FP32", (-1, 5)),)
    outputs = (TensorSpec("y", "FP32", (-1, 4)),)

    def encode(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        x = inputs["x"]
        if (x < 0).any():
            raise CodecRefused("x: send numbers from 0", reason="X_NEGATIVE")
        if (x == 13).any():
            raise ZeroDivisionError("a defect")
        return {"x": x[:, :4]}

    def decode(self, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"y": outputs["y"] + np.float32(1)}


def make(inputs: Any, outputs: Any, parameters: Mapping[str, float | str], folder: Path) -> Shifted:
    """The factory that tests register."""
    if parameters:
        raise ValueError(f"unknown {', '.join(parameters)}")
    return Shifted()


def make_unusable(*_: Any) -> Any:
    """A factory whose codec has a type that does not exist."""
    codec = Shifted()
    codec.inputs = (TensorSpec("x", "FP13", (-1, 5)),)
    return codec


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    targets = {"shifted": "make", "unusable": "make_unusable", "half": "no_such_name"}
    codecs = {name: f"{__name__}:{target}" for name, target in targets.items()}
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or _this_module())
    register(tmp_path / "packages", "test-codecs", codecs | {"absent": "no_such_module:make"})
    monkeypatch.syspath_prepend(tmp_path / "packages")


def _this_module() -> Any:
    module: Any = type(sys)(__name__)
    module.make, module.make_unusable = make, make_unusable
    return module


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    return folder


@pytest.mark.usefixtures("installed")
async def test_a_codec_stands_for_the_graph_in_v2_and_in_typed_calls(repository: Path) -> None:
    add_scripted(repository, "m", "methods: [Predict]\ncodec: {name: shifted}\n")
    async with managed(repository, Script()) as manager:
        served = await manager.obtain("m", "", None, None)
        assert served.input_specs["x"].shape == (-1, 5), "which is what metadata shows"
        x = np.arange(10, dtype=np.float32).reshape(2, 5)
        expected = 2 * x[:, :4] + 1
        assert np.array_equal((await served.infer({"x": x}, Terms())).outputs["y"], expected)
        message = tensor_pb2.Tensor(shape=x.shape, data=x.tobytes())
        call = ActiveCall(served, Terms(), None)  # type: ignore[arg-type]
        response = await DOMAIN.methods["Predict"](tabular_pb2.PredictRequest(tensor=message), call)
        assert [list(each.values) for each in response.predictions] == expected.tolist()


@pytest.mark.usefixtures("installed")
async def test_what_a_codec_refuses_harms_nobody_else_in_the_batch(repository: Path) -> None:
    add_scripted(repository, "m", "codec: {name: shifted}\n")
    async with managed(repository, script := Script()) as manager:
        served = await manager.obtain("m", "", None, None)
        script.may_run.clear()
        values = [1.0, 2.0, -1.0, 3.0, 13.0, 4.0]
        tasks = [asyncio.create_task(served.infer(_row(value), Terms())) for value in values]
        await asyncio.sleep(0)
        script.may_run.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        for value, result in zip(values, results, strict=True):
            if value > 0 and value != 13:
                assert not isinstance(result, BaseException)
                assert result.outputs["y"].tolist() == [[2 * value + 1] * 4]
        refused, broken = results[2], results[4]
        assert isinstance(refused, CodecRefused)
        assert (refused.message, refused.reason) == ("x: send numbers from 0", "X_NEGATIVE")
        assert isinstance(broken, EngineFault)
        assert not isinstance(broken, InputRefused)
        assert (broken.reason, broken.cause_text) == (
            "CODEC_FAULT",
            "the codec's encode failed: ZeroDivisionError: a defect",
        )
        for codes in (V2_CODES, TYPED_CODES):
            assert describe(refused, codes)[0].name == "INVALID_ARGUMENT"
            assert describe(broken, codes)[0].name == "INTERNAL"


def _row(value: float) -> dict[str, Any]:
    return {"x": np.full((1, 5), value, np.float32)}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("codec", "part"),
    [
        ("{name: nothing}", "codec.name: no codec 'nothing' is installed; there are: absent, half, shifted, unusable"),
        ("{name: absent}", "'absent' cannot be used: ModuleNotFoundError: No module named 'no_such_module'"),
        ("{name: half}", "'half' cannot be used: AttributeError"),
        ("{name: unusable}", "'unusable' cannot be used: KeyError: 'FP13'"),
        ("{name: shifted, parameters: {speed: 3.0}}", "'shifted' cannot be used: ValueError: unknown speed"),
    ],
)
async def test_a_model_without_its_codec_is_failed_and_says_why(repository: Path, codec: str, part: str) -> None:
    add_scripted(repository, "m", f"codec: {codec}\n")
    async with managed(repository, script := Script()) as manager:
        assert states(manager, "m") == {1: State.FAILED}
        assert part in reason(manager, "m", 1)
        assert script.closed == ["m/1"], "the engine is not left behind"


@pytest.mark.parametrize(
    ("decode", "cause"),
    [
        (lambda _: {}, "returned no array 'y'"),
        (lambda _: {"y": [[1.0]]}, "returned no array 'y'"),
        (lambda _: {"y": np.zeros((1, 4))}, "float64[1, 4] instead of FP32[-1, 4]"),
        (lambda _: {"y": np.zeros(4, np.float32)}, "float32[4] instead of"),
        (lambda _: None, "decode failed: AttributeError"),
    ],
)
def test_what_a_codec_must_not_return_is_its_fault(decode: Callable[[Any], Any], cause: str) -> None:
    codec = Shifted()
    codec.decode = decode  # type: ignore[method-assign]
    engine = CodecEngine(ScriptedEngine(Script(), "m/1", 0), codec)
    with pytest.raises(EngineFault) as caught:
        engine.run({"x": np.ones((1, 5), np.float32)})
    assert cause in caught.value.cause_text
    assert caught.value.reason in ("CODEC_FAULT", "ENGINE_FAULT")
