# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Units of work: what waits in the queue, and what comes back."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from argosy_worker.engines.port import Tensors
from argosy_worker.scheduling.padding import Sequences
from argosy_worker.scheduling.trace import Trace

#: What two works must have in common to share a batch: each input's name, dtype and shape without the first dimension.
Signature = tuple[tuple[str, str, tuple[int, ...]], ...]

DEFAULT_PRIORITY = 5
#: Of copies of calls: behind whatever a caller can ask for, and no age makes it better.
SHADOW_PRIORITY = 10
#: The last that a caller can ask for.
LOWEST_PRIORITY = SHADOW_PRIORITY - 1
#: Tenant of all copies together, whatever that of the call was: nobody pays for them. No header can name it.
SHADOW_TENANT = "\0shadow"
#: In the signature of a copy, so that it shares a batch with copies alone.
_SHADOW_MARK = ("\0shadow", "", ())


class Terms(NamedTuple):
    """For whom a work is done and until when."""

    deadline: float | None = None
    """On the monotonic clock, in seconds; None where the caller set none."""
    tenant: str = ""
    priority: int = DEFAULT_PRIORITY
    """Lower goes first."""
    trace: Trace | None = None
    """Where its runs are noted; None for a call that is not traced."""

    @property
    def shadow(self) -> bool:
        """Whether it is a copy of a call, for whose answer nobody waits."""
        return self.priority >= SHADOW_PRIORITY


class Result(NamedTuple):
    """Outputs of one work, and what its run was like. Times in seconds."""

    outputs: Tensors
    batch_size: int
    """Items in the run, of all callers together."""
    queue_s: float
    compute_s: float


@dataclass(slots=True, eq=False)
class Work:
    """Items of one caller that run together. The future is cancelled when the caller leaves."""

    inputs: Tensors
    items: int
    signature: Signature
    length: int
    """Padded length of the sequences in it; 1 where it has none."""
    terms: Terms
    enqueued: float
    future: "asyncio.Future[Result]"
    due: float = field(init=False)
    """Deadline as a number: infinite where there is none."""
    trial: bool = field(init=False, default=False)
    """Whether it is run though it is predicted to be late, so that the prediction is corrected."""

    def __post_init__(self) -> None:
        self.due = float("inf") if self.terms.deadline is None else self.terms.deadline

    @property
    def live(self) -> bool:
        """Whether somebody still waits for it."""
        return not self.future.done()


def apart(like: Signature) -> Signature:
    """Returns the signature that a copy of such a work has."""
    return (_SHADOW_MARK, *like)


def signature(inputs: Tensors, length: int = 1, sequences: Sequences | None = None) -> Signature:
    """Returns what decides whether works can share a batch; sequences count with their padded length."""
    if sequences is None or length == 1:
        return tuple([(name, array.dtype.str, array.shape[1:]) for name, array in inputs.items()])
    return tuple(
        (name, array.dtype.str, (length, *array.shape[2:]) if name in sequences.inputs else array.shape[1:])
        for name, array in inputs.items()
    )


def fail(work: Work, error: Exception) -> None:
    """Ends a work with an error, unless its caller has left."""
    if not work.future.done():
        work.future.set_exception(error)


def finish(work: Work, result: Any) -> None:
    """Ends a work with its result, unless its caller has left."""
    if not work.future.done():
        work.future.set_result(result)
