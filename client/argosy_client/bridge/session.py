# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Bare ONNX Runtime: whether it takes a graph, and what the graph computes."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from argosy_client.bridge.refused import Refused

Arrays = Mapping[str, NDArray[Any]]
#: Patterns of ONNX Runtime's messages, with the codes of the findings; groups are values that the advice names.
_FAULTS = (
    ("OPSET_TOO_NEW", re.compile(r"support for domain \S+ is till opset (?P<opset>\d+)")),
    ("IR_TOO_NEW", re.compile(r"Unsupported model IR version: \d+, max supported IR version: (?P<ir>\d+)")),
    ("CUSTOM_OPERATORS", re.compile(r"(?P<what>\S+) is not a registered function/op|No Op registered for \S+")),
    ("NOT_IMPLEMENTED", re.compile(r"Could not find an implementation for \S+")),
)
#: Characters of its messages that are shown.
_SHOWN = 400
#: Where ONNX Runtime's messages tell of its own source.
_SOURCE = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (?:/\S+\.(?:h|cc):\d+ .*?\) )?")


class Session:
    """A graph in ONNX Runtime, on one thread of the CPU, as a worker runs it by default.

    Raises:
        Refused: ONNX Runtime does not take it.
    """

    def __init__(self, path: Path) -> None:
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.inter_op_num_threads = 1
        settings.log_severity_level = 4
        try:
            # Otherwise it would try again by itself, and print that.
            self._session = ort.InferenceSession(
                str(path), settings, providers=["CPUExecutionProvider"], enable_fallback=0
            )
            values = (*self._session.get_inputs(), *self._session.get_outputs())
            self._names = [output.name for output in self._session.get_outputs()]
            self.shapes: dict[str, tuple[int | str, ...]] = {value.name: _shape(value.shape) for value in values}
            """Shapes of inputs and outputs as ONNX Runtime infers them; empty also where it knows no rank."""
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise _refused(error) from error

    def run(self, inputs: Arrays) -> dict[str, NDArray[Any]]:
        """Runs the graph once.

        Raises:
            Refused: it cannot run on these inputs.
        """
        try:
            results = self._session.run(self._names, dict(inputs))
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise Refused("RUN_FAILED", f"the graph does not run: {_text(error)[:_SHOWN]}") from error
        return {name: np.asarray(result) for name, result in zip(self._names, results, strict=True)}


def _shape(dims: Any) -> tuple[int | str, ...]:
    return tuple(dim if isinstance(dim, int) and dim >= 0 else str(dim or "?") for dim in dims)


def _refused(error: Exception) -> Refused:
    text = _text(error)
    for code, pattern in _FAULTS:
        found = pattern.search(text)
        if found:
            numbers = {name: int(value) for name, value in found.groupdict().items() if value and value.isdecimal()}
            return Refused(code, f"ONNX Runtime {ort.__version__} does not take it: {found[0]}", numbers)
    return Refused("BROKEN", f"ONNX Runtime {ort.__version__} does not take it: {text[:_SHOWN]}")


def _text(error: Exception) -> str:
    return _SOURCE.sub("", " ".join(str(error).split()))
