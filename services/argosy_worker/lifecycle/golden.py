# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Golden samples: known inputs with known answers, compared before a model is READY and again while it is.

A file holds either a typed call, ``{"method", "request", "response"}`` in proto3 JSON where a bytes field may be
``{"$file": "path beside model.yaml"}``, or tensors, ``{"inputs": {name: {"datatype", "shape", "data"}},
"outputs": ...}``.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import json_format
from google.protobuf.message_factory import GetMessageClass

from argosy_worker.errors import ArgosyError, EngineFault, ModelInvalid
from argosy_worker.lifecycle.domain import Call, Domain, LoadedGraph
from argosy_worker.lifecycle.instance_call import InstanceCall
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.repository.scan import asset
from argosy_worker.tensors import dtype_of


async def check_instances(served: ServedModel, domain: Domain) -> None:
    """Runs every golden sample of a model on each of its instances.

    Raises:
        ModelInvalid: see :func:`check`.
    """
    for engine in served.engines:
        await check(served.graph, served.version, domain, InstanceCall(served, engine))


async def check(graph: LoadedGraph, version: int, domain: Domain, call: Call) -> None:
    """Runs every golden sample of a model's version.

    Raises:
        ModelInvalid: an answer differs, or the sample cannot be read or run; names the sample and the difference.
    """
    for golden in graph.config.golden:
        if golden.versions is not None and version not in golden.versions:
            continue
        path = asset(graph.folder, golden.file)
        try:
            sample = json.loads(path.read_text("utf-8"))
            if "method" in sample:
                difference = await _typed(sample, domain, call, golden.tolerance, graph.folder)
            else:
                difference = await _tensors(sample, call, golden.tolerance, graph)
        except EngineFault as error:
            raise ModelInvalid(f"golden sample {golden.file}: {error.cause_text}") from error
        except ArgosyError as error:
            raise ModelInvalid(f"golden sample {golden.file}: {error.message}") from error
        except (OSError, ValueError, KeyError, TypeError, json_format.ParseError) as error:
            raise ModelInvalid(
                f"golden sample {golden.file} cannot be read: {type(error).__name__}: {error}"
            ) from error
        if difference:
            raise ModelInvalid(f"golden sample {golden.file} differs: {difference}")


async def _typed(sample: Mapping[str, Any], domain: Domain, call: Call, tolerance: float, folder: Path) -> str:
    name = sample["method"]
    if name not in domain.methods or name not in call.config.methods:
        return f"method '{name}' is not one of the model's"
    descriptor = domain.service.methods_by_name[name]
    request = json_format.ParseDict(_with_files(sample["request"], folder), GetMessageClass(descriptor.input_type)())
    response = await domain.methods[name](request, call)
    expected = json_format.ParseDict(sample["response"], GetMessageClass(descriptor.output_type)())
    return _difference(json_format.MessageToDict(response), json_format.MessageToDict(expected), tolerance, "response")


async def _tensors(sample: Mapping[str, Any], call: Call, tolerance: float, graph: LoadedGraph) -> str:
    binary = {spec.name for spec in graph.inputs if spec.binary}
    outputs = await call.infer(
        {
            name: _binary(value, graph.folder) if name in binary else _array(value)
            for name, value in sample["inputs"].items()
        }
    )
    for name, value in sample["outputs"].items():
        if name not in outputs:
            return f"there is no output '{name}'"
        difference = _array_difference(outputs[name], _array(value), tolerance)
        if difference:
            return f"output '{name}': {difference}"
    return ""


def _array(value: Mapping[str, Any]) -> Any:
    return np.array(value["data"], dtype_of(value["datatype"])).reshape(value["shape"])


def _binary(value: Mapping[str, Any], folder: Path) -> Any:
    """BYTES as bytes: each element is a text, or ``{"$file": path}``."""
    elements = [
        asset(folder, element["$file"]).read_bytes() if isinstance(element, dict) else element.encode()
        for element in value["data"]
    ]
    array = np.empty(len(elements), np.object_)
    array[:] = elements
    return array.reshape(value["shape"])


def _array_difference(actual: Any, expected: Any, tolerance: float) -> str:
    if actual.shape != expected.shape:
        return f"shape {actual.shape} instead of {expected.shape}"
    if actual.dtype.kind in "OSU":
        found = [each.decode() if isinstance(each, bytes) else each for each in actual.ravel()]
        return "" if found == expected.ravel().tolist() else "texts differ"
    gap = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    # Written so that NaN counts as different.
    return "" if bool((gap <= tolerance).all()) else f"differs by {np.max(gap):.6g}, tolerated is {tolerance:g}"


def _with_files(value: Any, folder: Path) -> Any:
    """Replaces every ``{"$file": path}`` by the file's bytes in base64, as proto3 JSON has them."""
    if isinstance(value, dict):
        if set(value) == {"$file"}:
            return base64.b64encode(asset(folder, value["$file"]).read_bytes()).decode()
        return {key: _with_files(item, folder) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_files(item, folder) for item in value]
    return value


def _difference(actual: Any, expected: Any, tolerance: float, where: str) -> str:
    """Compares proto3 JSON; returns the first difference, or an empty text."""
    if where.endswith(".data") and isinstance(actual, str) and isinstance(expected, str):
        left, right = (np.frombuffer(base64.b64decode(text), np.float32) for text in (actual, expected))
        difference = _array_difference(left, right, tolerance)
        return f"{where}: {difference}" if difference else ""
    if isinstance(expected, dict) and isinstance(actual, dict):
        for key in sorted(set(actual) | set(expected)):
            found = _difference(actual.get(key), expected.get(key), tolerance, f"{where}.{key}")
            if found:
                return found
        return ""
    if isinstance(expected, list) and isinstance(actual, list) and len(actual) == len(expected):
        for index, (left, right) in enumerate(zip(actual, expected, strict=True)):
            found = _difference(left, right, tolerance, f"{where}[{index}]")
            if found:
                return found
        return ""
    if isinstance(expected, int | float) and isinstance(actual, int | float) and not isinstance(expected, bool):
        return "" if abs(actual - expected) <= tolerance else f"{where}: {actual} instead of {expected}"
    return "" if actual == expected else f"{where}: {actual!r} instead of {expected!r}"
