# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A worker's models without its process: a domain of one method, and engines that do as they are told."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from argosy.tabular.v1 import tabular_pb2
from argosy_worker.engines import registry
from argosy_worker.engines.port import EngineFactory, EngineOptions, Tensors, TensorSpec
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.domain import Call, Domain, LoadedGraph
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import State, StateBoard
from argosy_worker.scheduling.work import Terms


async def predict(request: tabular_pb2.PredictRequest, call: Call) -> tabular_pb2.PredictResponse:
    """Predicts from a tensor named x and answers with the one named y."""
    values = np.frombuffer(request.tensor.data, np.float32).reshape(request.tensor.shape)
    outputs = await call.infer({"x": values})
    return tabular_pb2.PredictResponse(
        predictions=[tabular_pb2.Prediction(values=row) for row in outputs["y"].tolist()]
    )


#: A file of a model that may change while it serves.
LIVE_FILE = "catalogue.txt"


def prepare(graph: LoadedGraph) -> str:
    """Returns what the live file holds; refuses, or breaks, where the model's description or that file says so."""
    live = graph.folder / LIVE_FILE
    text = live.read_text() if live.exists() else ""
    if text == "refused":
        raise ModelInvalid("this file is no good")
    if graph.config.description == "refused":
        raise ModelInvalid("this domain refuses it")
    if graph.config.description == "broken":
        raise ZeroDivisionError("a defect")
    return text


DOMAIN = Domain(
    name="tabular",
    service=tabular_pb2.DESCRIPTOR.services_by_name["TabularService"],
    methods={"Predict": predict},
    prepare=prepare,
    live_files=lambda _: (LIVE_FILE,),
)


@dataclass
class Script:
    """What the scripted engines do, by model and version ("m/1"); may change while they serve."""

    factor: dict[str, float] = field(default_factory=dict)
    memory_bytes: dict[str, int] = field(default_factory=dict)
    """Of each instance."""
    wrong_instance: int | None = None
    """The instance that answers -1."""
    may_load: threading.Event = field(default_factory=threading.Event)
    may_run: threading.Event = field(default_factory=threading.Event)
    loads: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    runs: int = 0

    def __post_init__(self) -> None:
        self.may_load.set()
        self.may_run.set()

    def engine(self, _name: str) -> EngineFactory:
        """Every engine is scripted."""
        return self.load

    def load(self, model: Path, options: EngineOptions) -> "list[ScriptedEngine]":
        """Loads as told; a file named "broken" makes it fail."""
        name = "/".join(model.parts[-2:])
        self.loads.append(name)
        assert self.may_load.wait(20)
        if (model / "broken").exists():
            raise ModelInvalid(f"{model}: is broken")
        return [ScriptedEngine(self, name, index) for index in range(options.instances)]


class ScriptedEngine:
    """Answers y = factor * x."""

    device = "script"
    queues_runs = False

    def __init__(self, script: Script, name: str, index: int) -> None:
        self._script = script
        self._name = name
        self._index = index
        self.inputs: tuple[TensorSpec, ...] = (TensorSpec("x", "FP32", (-1, 4)),)
        self.outputs: tuple[TensorSpec, ...] = (TensorSpec("y", "FP32", (-1, 4)),)

    @property
    def memory_bytes(self) -> int:
        """As told."""
        return self._script.memory_bytes.get(self._name, 0)

    def run(self, inputs: Tensors) -> Tensors:
        """Runs as told."""
        self._script.runs += 1
        assert self._script.may_run.wait(20)
        if self._script.wrong_instance == self._index:
            return {"y": np.full_like(inputs["x"], -1)}
        return {"y": inputs["x"] * np.float32(self._script.factor.get(self._name, 2.0))}

    def close(self) -> None:
        """Takes note."""
        self._script.closed.append(self._name)


@asynccontextmanager
async def managed(
    repository: Path, script: Script | None = None, memory_limit_bytes: int = 0, *, load: bool = True
) -> AsyncIterator[ModelManager]:
    """A manager of a repository, everything loaded; its engines are scripted where a script is given."""
    with ThreadPoolExecutor(2) as executor:
        find = registry.engine if script is None else script.engine
        # Nothing runs on the event loop, which a scripted engine may block.
        loader = Loader(DOMAIN, executor, 0.0005 if script is None else 0.0, None, find)
        manager = ModelManager(repository, loader, StateBoard(), memory_limit_bytes)
        if load:
            await manager.load_all()
        try:
            yield manager
        finally:
            if script is not None:
                script.may_load.set()
                script.may_run.set()
            await manager.close()


def add_scripted(repository: Path, name: str, yaml: str = "", *, version: int = 1) -> Path:
    """Adds a model for scripted engines; returns its folder."""
    folder = repository / name
    (folder / str(version)).mkdir(parents=True)
    (folder / str(version) / "weights").write_text("")
    if yaml:
        (folder / "model.yaml").write_text(yaml)
    return folder


def states(manager: ModelManager, name: str) -> dict[int, State]:
    """State of each version of a model as it shows."""
    model = manager.board.snapshot.models.get(name)
    return {version.version: version.state for version in model.versions} if model else {}


def reason(manager: ModelManager, name: str, version: int) -> str:
    """Why a version is in its state."""
    return next(each.reason for each in manager.board.snapshot.models[name].versions if each.version == version)


async def answer(manager: ModelManager, name: str, version: str = "", deadline: float | None = None) -> float:
    """Calls a model with ones, as the edge does; returns its first answer."""
    served = await manager.obtain(name, version, None, deadline)
    served.usage.enter()
    try:
        result = await served.infer({"x": np.ones((1, 4), np.float32)}, Terms(deadline))
    finally:
        served.usage.leave()
    return float(result.outputs["y"][0, 0])


async def until(manager: ModelManager, condition: Callable[[], Any], seconds: float = 20.0) -> None:
    """Waits until a condition holds that a change of state brings about."""
    async with asyncio.timeout(seconds):
        async for _ in manager.board.watch():
            if condition():
                return
