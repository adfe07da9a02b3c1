# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A model on the running fleet: whether it is ready, what it answers, how quickly."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client import Argosy
from argosy_client.bridge.probe import difference
from argosy_client.bridge.samples import Samples, compute
from argosy_client.bridge.session import Session
from argosy_client.errors import NotFoundError, UnavailableError

_PAUSE_S = 0.1
#: Longest time between READY and the first answer through the gateway, in seconds.
_ROUTE_S = 5.0
#: Calls that are timed, and the time that they may take together, in seconds.
_CALLS = 50
_CALLS_S = 3.0


class NotServed(Exception):
    """The fleet does not serve the model, and why."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of calls with one item, one after another, in ms: as the caller sees it, and in bare ONNX Runtime."""

    calls: int
    p50_ms: float
    p99_ms: float
    compute_ms: float | None
    bare_ms: float


@dataclass(frozen=True, slots=True)
class Served:
    """What the fleet answered: for each output the largest difference from the samples, relative to the largest number
    (at least 1), and from bare ONNX Runtime."""

    version: str
    samples: Mapping[str, float]
    bare: Mapping[str, float]
    latency: Latency


def wait_until_ready(fleet: Argosy, name: str, version: int, timeout_s: float) -> None:
    """Returns once a version answers.

    Raises:
        NotServed: it failed, or is not ready in time; says why.
        ArgosyError: the fleet does not answer.
    """
    end = time.monotonic() + timeout_s
    told = "no worker has seen it: is its repository the one that the domain's worker was started with?"
    while True:
        try:
            model = fleet.model(name)
        except NotFoundError:
            pass
        else:
            states = [one for replica in model.replicas for one in replica.versions if one.version == version]
            if any(one.state == "READY" for one in states):
                return
            failed = next((one.reason for one in states if one.state == "FAILED"), "")
            if failed or (model.state == "FAILED" and not states):
                raise NotServed(failed or model.reason)
            told = f"it is {model.state}{f': {model.reason}' if model.reason else ''}"
        if time.monotonic() > end:
            raise NotServed(f"not ready after {timeout_s:g} s: {told}")
        time.sleep(_PAUSE_S)


def measure(fleet: Argosy, name: str, version: int, session: Session, samples: Samples, batch: int) -> Served:
    """Compares what is served with the samples and with bare ONNX Runtime, and times it.

    Args:
        batch: Most items in a call; 0 for a graph without a batch dimension.

    Raises:
        ArgosyError: a call failed.
    """
    _await_route(fleet, name, version, _one(samples.inputs, batch))
    answers = [fleet.tensors.infer(name, part, version=version) for part in _parts(samples.inputs, batch)]
    outputs = {
        key: np.concatenate([one.outputs[key] for one in answers]) if batch else answers[0].outputs[key]
        for key in answers[0].outputs
    }
    bare = compute(session, samples.inputs, batch)
    return Served(
        version=answers[0].version,
        samples={key: difference(outputs[key], array) for key, array in samples.outputs.items()},
        bare={key: difference(outputs[key], array) for key, array in bare.items()},
        latency=_latency(fleet, name, version, session, _one(samples.inputs, batch)),
    )


def _await_route(fleet: Argosy, name: str, version: int, inputs: dict[str, NDArray[Any]]) -> None:
    """Waits until the gateway has heard too of what the control plane says is ready."""
    end = time.monotonic() + _ROUTE_S
    while True:
        try:
            fleet.tensors.infer(name, inputs, version=version)
        except UnavailableError:
            if time.monotonic() > end:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _parts(inputs: Mapping[str, NDArray[Any]], batch: int) -> list[dict[str, NDArray[Any]]]:
    if not batch:
        return [dict(inputs)]
    count = len(next(iter(inputs.values())))
    return [{name: array[start : start + batch] for name, array in inputs.items()} for start in range(0, count, batch)]


def _one(inputs: Mapping[str, NDArray[Any]], batch: int) -> dict[str, NDArray[Any]]:
    return {name: array[:1] if batch else array for name, array in inputs.items()}


def _latency(fleet: Argosy, name: str, version: int, session: Session, inputs: dict[str, NDArray[Any]]) -> Latency:
    totals: list[float] = []
    computes: list[float] = []
    bare: list[float] = []
    end = time.monotonic() + _CALLS_S
    while len(totals) < _CALLS and (time.monotonic() < end or not totals):
        timing = fleet.tensors.infer(name, inputs, version=version).timing
        totals.append(timing.total_ms)
        if timing.compute_ms is not None:
            computes.append(timing.compute_ms)
        started = time.perf_counter()
        session.run(inputs)
        bare.append((time.perf_counter() - started) * 1e3)
    return Latency(
        calls=len(totals),
        p50_ms=float(np.percentile(totals, 50)),
        p99_ms=float(np.percentile(totals, 99)),
        compute_ms=float(np.median(computes)) if computes else None,
        bare_ms=float(np.median(bare)),
    )
