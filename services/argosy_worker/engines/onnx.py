# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime as an engine. The only module that imports it."""

from pathlib import Path
from typing import Any

import onnxruntime as ort

from argosy_worker.engines.port import EngineOptions, Tensors, TensorSpec
from argosy_worker.errors import EngineFault, ModelInvalid
from argosy_worker.repository.scan import GRAPH_FILE

#: Element types of ONNX Runtime, in V2 spelling.
DATATYPES = {
    "tensor(bool)": "BOOL",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": "BYTES",
}


class OnnxEngine:
    """One session. Tensors go in and out as numpy arrays of the declared types."""

    device = "cpu"
    queues_runs = False

    def __init__(self, session: ort.InferenceSession) -> None:
        self._session = session
        self.inputs = tuple(_spec(argument) for argument in session.get_inputs())
        self.outputs = tuple(_spec(argument) for argument in session.get_outputs())
        self._output_names = [spec.name for spec in self.outputs]

    def run(self, inputs: Tensors) -> Tensors:
        """See :meth:`argosy_worker.engines.port.Engine.run`."""
        try:
            results = self._session.run(self._output_names, dict(inputs))
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise EngineFault(f"{type(error).__name__}: {error}") from error
        return dict(zip(self._output_names, results, strict=True))

    def close(self) -> None:
        """Drops the session; its memory goes with it."""
        del self._session


def load(model: Path, options: EngineOptions) -> OnnxEngine:
    """Loads ``<model>/model.onnx`` with its external data.

    Raises:
        ModelInvalid: missing, corrupt, or of a type that no tensor protocol carries.
    """
    path = model / GRAPH_FILE
    if not path.is_file():
        raise ModelInvalid(f"{path}: no such file")
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = options.threads
    settings.inter_op_num_threads = 1
    settings.log_severity_level = 3
    # Threads that spin while they wait take the cores from the rest of the worker.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = ort.InferenceSession(str(path), settings, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors share no base class
        raise ModelInvalid(f"{path}: cannot be loaded: {str(error).strip()}") from error
    return OnnxEngine(session)


def _spec(argument: Any) -> TensorSpec:
    datatype = DATATYPES.get(argument.type)
    if datatype is None:
        raise ModelInvalid(f"tensor '{argument.name}' is of type {argument.type}, which cannot be served")
    shape = tuple(size if isinstance(size, int) else -1 for size in argument.shape)
    return TensorSpec(argument.name, datatype, shape)
