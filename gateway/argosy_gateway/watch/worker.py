# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Watches one worker: dials it, follows its state, dials again."""

import asyncio
import logging
import random
from collections.abc import Callable

import grpc
from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_UNREACHABLE
from argosy.fleet.v1.load_pb2 import WorkerLoad
from argosy.fleet.v1.worker_pb2 import WatchStateRequest
from argosy.fleet.v1.worker_pb2_grpc import WorkerServiceStub
from google.protobuf.duration_pb2 import Duration

from argosy_gateway.discovery import WorkerSpec
from argosy_gateway.fleet import WorkerView
from argosy_gateway.latest import Latest
from argosy_gateway.watch import labels, state
from argosy_gateway.watch.dial import Dial, plain

_log = logging.getLogger(__name__)

#: Told of a worker's load: its address, and the report.
Report = Callable[[str, WorkerLoad], None]

#: Time between two reports of a worker's load, in seconds.
_LOAD_INTERVAL_S = 1

#: Time within which a worker must send its state after it was dialled, in seconds.
_FIRST_STATE_S = 1.0
#: A connection that lasted so long was a good one, in seconds.
_STEADY_S = 1.0
#: Delays before the next attempt by the number of failures in a row, in seconds; the last repeats.
_DELAYS_S = (0.0, 0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
_CHANNEL = (
    # Pings find a worker that hangs without closing its connection.
    ("grpc.keepalive_time_ms", 1000),
    ("grpc.keepalive_timeout_ms", 1000),
    # gRPC 1.85 waits for the answer so long whatever the line above says; its default is a minute.
    ("grpc.http2.ping_timeout_ms", 1000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.max_receive_message_length", 64 << 20),
    # A pool of its own: channels share connections otherwise, and with them the library's own slow back-off.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
)


async def watch(
    spec: WorkerSpec,
    view: WorkerView,
    update: Callable[[WorkerView], None],
    wanted: Latest[labels.Wanted | None],
    dial: Dial = plain,
    report: Report | None = None,
    outdone: labels.Outdone | None = None,
) -> None:
    """Follows a worker until cancelled.

    A lost connection is tried again at once and only then counts: what the worker held stays known and unreachable.

    Args:
        spec: The worker.
        view: What is known of it so far.
        update: Told of each change.
        wanted: Labels to apply; None applies nothing.
        dial: Opens a channel to the worker.
        report: Told of its load; None asks for none.
        outdone: Told of the epoch for which it refuses what is wanted, where that is a higher one.
    """
    failures = 0
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        reached = False

        def on_view(changed: WorkerView) -> None:
            nonlocal view, reached
            view, reached = changed, True
            update(view)

        try:
            reason = await _follow(spec, view, on_view, wanted, dial, report, outdone)
            lost = failures > 0 and not reached
        except state.WorkerProblem as problem:
            reason, lost = str(problem), True
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # A connection that failed at the same moment has swallowed it, as wait_for of Python 3.11 does.
            raise asyncio.CancelledError
        if lost and view.status != WORKER_STATUS_UNREACHABLE:
            _log.warning("worker unreachable", extra={"worker": spec.address, "reason": reason})
            view = state.unreachable(view)
            update(view)
        steady = reached and loop.time() - began > _STEADY_S
        failures = 0 if steady else failures + 1
        delay = _DELAYS_S[min(failures, len(_DELAYS_S) - 1)]
        await asyncio.sleep(delay * random.uniform(0.8, 1.2))  # noqa: S311


async def _follow(
    spec: WorkerSpec,
    view: WorkerView,
    on_view: Callable[[WorkerView], None],
    wanted: Latest[labels.Wanted | None],
    dial: Dial,
    report: Report | None,
    outdone: labels.Outdone | None,
) -> str:
    """Follows one connection to its end; returns why it ended."""
    async with dial(spec.address, _CHANNEL) as channel:
        stub = WorkerServiceStub(channel)  # type: ignore[no-untyped-call]
        interval = Duration(seconds=_LOAD_INTERVAL_S) if report else None
        call = stub.WatchState(WatchStateRequest(load_interval=interval))
        applying: asyncio.Task[None] | None = None
        try:
            first = await asyncio.wait_for(call.read(), _FIRST_STATE_S)
            if first is grpc.aio.EOF or first.WhichOneof("update") != "snapshot":
                return "it did not begin with its state"
            view = state.apply(view, first)
            on_view(view)
            applying = asyncio.create_task(labels.keep_applied(stub, spec.address, wanted, outdone))
            while (message := await call.read()) is not grpc.aio.EOF:
                if message.WhichOneof("update") == "load":
                    if report:
                        report(spec.address, message.load)
                    continue
                view = state.apply(view, message)
                on_view(view)
        except TimeoutError:
            return f"it did not send its state within {_FIRST_STATE_S:g} s"
        except grpc.aio.AioRpcError as error:
            return f"{error.code().name}: {error.details()}"
        finally:
            call.cancel()
            if applying is not None:
                applying.cancel()
    return "it closed the connection"
