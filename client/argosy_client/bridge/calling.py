# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls of a model by its tensors: once it answers, in parts, and timed."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client import Argosy
from argosy_client.errors import NotFoundError, UnavailableError
from argosy_client.results import Timing

Arrays = Mapping[str, NDArray[Any]]
#: Calls that are timed, and the time that they may take together, in seconds.
CALLS = 50
CALLS_S = 3.0
_PAUSE_S = 0.05


class NotServed(Exception):
    """The model is not served, and why."""


def await_answer(fleet: Argosy, name: str, version: int, inputs: Arrays, timeout_s: float) -> None:
    """Returns once a version answers: a gateway hears of it a little later than the control plane.

    Raises:
        NotServed: it failed, or does not answer in time.
        ArgosyError: it answers with an error.
    """
    end = time.monotonic() + timeout_s
    while True:
        try:
            fleet.tensors.infer(name, inputs, version=version)
        except (UnavailableError, NotFoundError) as error:
            if error.metadata.get("state") == "FAILED" or time.monotonic() > end:
                raise NotServed(error.message) from error
            time.sleep(_PAUSE_S)
        else:
            return


def answers(fleet: Argosy, name: str, version: int, inputs: Arrays, batch: int) -> tuple[str, dict[str, NDArray[Any]]]:
    """Version and outputs for all items, at most so many in a call; 0 for a graph without a batch dimension."""
    if not batch:
        whole = fleet.tensors.infer(name, inputs, version=version)
        return whole.version, dict(whole.outputs)
    count = len(next(iter(inputs.values())))
    parts = [
        fleet.tensors.infer(name, {key: one[start : start + batch] for key, one in inputs.items()}, version=version)
        for start in range(0, count, batch)
    ]
    return parts[0].version, {key: np.concatenate([part.outputs[key] for part in parts]) for key in parts[0].outputs}


def one_item(inputs: Arrays, batch: int) -> dict[str, NDArray[Any]]:
    """The first item; everything where the graph has no batch dimension."""
    return {name: array[:1] if batch else array for name, array in inputs.items()}


def timings(fleet: Argosy, name: str, version: int, inputs: Arrays) -> list[Timing]:
    """Timings of calls, one after another."""
    found: list[Timing] = []
    end = time.monotonic() + CALLS_S
    while len(found) < CALLS and (time.monotonic() < end or not found):
        found.append(fleet.tensors.infer(name, inputs, version=version).timing)
    return found
