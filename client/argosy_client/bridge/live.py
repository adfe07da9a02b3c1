# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A model on the running fleet: whether it is ready, what it answers, how quickly."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from argosy_client import Argosy
from argosy_client.bridge.calling import Arrays, NotServed, answers, await_answer, one_item, timings
from argosy_client.bridge.probe import difference
from argosy_client.bridge.samples import Samples, compute
from argosy_client.bridge.session import Session
from argosy_client.errors import NotFoundError
from argosy_client.results import Timing

_PAUSE_S = 0.1
#: Longest time between READY and the first answer through the gateway, in seconds.
_ROUTE_S = 5.0
#: Time for which a model that replaces another has to have failed, in seconds: a worker looks again sooner.
_GRACE_S = 6.0


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
    # One that replaces another may fail once because that was still being loaded; the worker looks again.
    grace_s = _GRACE_S if version > 1 else 0.0
    failing_since: float | None = None
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
            failed = failed or (model.reason if model.state == "FAILED" and not states else "")
            failing_since = (failing_since or time.monotonic()) if failed else None
            if failing_since is not None and time.monotonic() - failing_since >= grace_s:
                raise NotServed(failed)
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
    one = one_item(samples.inputs, batch)
    await_answer(fleet, name, version, one, _ROUTE_S)
    answered, outputs = answers(fleet, name, version, samples.inputs, batch)
    bare = compute(session, samples.inputs, batch)
    return Served(
        version=answered,
        samples={key: difference(outputs[key], array) for key, array in samples.outputs.items()},
        bare={key: difference(outputs[key], array) for key, array in bare.items()},
        latency=_latency(timings(fleet, name, version, one), session, one),
    )


def _latency(served: Sequence[Timing], session: Session, inputs: Arrays) -> Latency:
    totals = [timing.total_ms for timing in served]
    computes = [timing.compute_ms for timing in served if timing.compute_ms is not None]
    bare: list[float] = []
    for _ in served:
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
