# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The edge: one fused wrapper around every unary method does context, deadline, parsing, status, trailers, metrics.

Methods are registered with raw bytes: parsing here, not in grpc, makes a malformed message INVALID_ARGUMENT, and
one wrapper costs less than a chain of interceptors.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from argosy_worker import context as request_context
from argosy_worker.context import RequestContext
from argosy_worker.errors import (
    ArgosyError,
    DeadlineExpired,
    Defect,
    EngineFault,
    InputRefused,
    InvalidInput,
    MessageTooLarge,
    NotReady,
)
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.metrics import Metrics
from argosy_worker.serving.patience import Patience
from argosy_worker.serving.privacy import frames, without_values
from argosy_worker.serving.status import TYPED_CODES, Trailers, describe
from argosy_worker.tracing import CallEnd, Tracer
from argosy_worker.usage import Outcome, UsageSink

logger = logging.getLogger(__name__)

#: Part of the time which a call brings that is left for the way of its answer, and the most that is, in seconds. The
#: deadline in the header counts from when the caller sent it: how long the call was on its way here is not in it.
WAY_PART, WAY_MOST_S = 0.04, 0.004

Codes = Mapping[type[ArgosyError], grpc.StatusCode]


@dataclass(slots=True)
class Exchange:
    """One call at the edge; the method notes which model serves it and with which work."""

    context: RequestContext
    served: ServedModel | None = None
    call: ActiveCall | None = None

    def use(self, served: ServedModel) -> None:
        """Takes note of the version that serves the call, which keeps it in memory until the call has ended."""
        self.served = served
        if self.context.shadow:
            served.usage.hold()
        else:
            served.usage.enter()

    def may_load(self, model: str) -> None:
        """Refuses a copy of a call whose version was put aside.

        Raises:
            NotReady: loading it could put aside one that callers use.
        """
        if self.context.shadow:
            raise NotReady(f"model '{model}' was put aside, and a copy of a call loads nothing")

    def leave(self) -> None:
        """Takes note that the call has ended."""
        if self.served is None:
            return
        if self.context.shadow:
            self.served.usage.release()
        else:
            self.served.usage.leave()


#: Serves one parsed request; returns the response message.
Serve = Callable[[Any, Exchange], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Edge:
    """What every method shares."""

    replica: str
    max_message_bytes: int
    metrics: Metrics
    tracer: Tracer | None = None
    patience: Patience | None = None
    """Where calls wait that cannot go elsewhere; None refuses them."""
    usage: UsageSink | None = None

    def unary(self, method: str, parse: Callable[[bytes], Any], serve: Serve, codes: Codes = TYPED_CODES) -> Any:
        """Returns the handler of one unary method; ``method`` is its full name without the leading slash."""

        async def handle(raw: bytes, rpc: grpc.aio.ServicerContext) -> bytes:
            started = time.monotonic()
            remaining = rpc.time_remaining()
            deadline = None if remaining is None else started + remaining - min(WAY_PART * remaining, WAY_MOST_S)
            exchange = Exchange(self._context(method, rpc.invocation_metadata() or (), deadline, started))
            code = "CANCELLED"  # what stays when the caller leaves in the middle
            try:
                try:
                    if len(raw) > self.max_message_bytes or (remaining is not None and remaining <= 0):
                        self._refuse_unread(raw)
                    request = _parsed(parse, raw)
                    try:
                        answer = await serve(request, exchange)
                    except NotReady as refused:
                        if self.patience is None or not exchange.context.again or exchange.served is not None:
                            raise
                        answer = await self.patience.serve(partial(serve, request, exchange), refused, deadline)
                    response: bytes = answer.SerializeToString()
                    rpc.set_trailing_metadata(self._trailers(exchange))
                    code = "OK"
                    return response
                except ArgosyError as refused:
                    error: ArgosyError = refused
                except Exception as defect:
                    logger.error("defect", extra={**_who(method, exchange), "exception": frames(defect)})
                    error = Defect("a defect in the server; its log says more under this request id")
                status, explanation = describe(error, codes)
                code = status.name
                if isinstance(error, EngineFault):
                    cause = without_values(error.cause_text)
                    # What a caller can provoke is no error of ours.
                    level = logging.WARNING if isinstance(error, InputRefused) else logging.ERROR
                    logger.log(level, "engine fault", extra={**_who(method, exchange), "cause": cause})
                # It holds this frame, which holds it: a cycle that would wait for the garbage collector.
                error.__traceback__ = None
                # Setting the code instead would be cheaper, and would send an empty message before the status: callers
                # would be shown it, and neither gateway nor gRPC clients would make the call again.
                await rpc.abort(status, error.message, (*self._trailers(exchange), *explanation))
                raise AssertionError("abort always raises")
            finally:
                exchange.leave()
                self._account(method, exchange, code, started)
                # So would it be with what abort raises: that is kept by the call's state, which this would lead to.
                del rpc

        return grpc.unary_unary_rpc_method_handler(handle)

    def _context(
        self, method: str, metadata: Iterable[tuple[str, str | bytes]], deadline: float | None, started: float
    ) -> RequestContext:
        context = request_context.build(metadata, deadline)
        if self.tracer is None:
            return context
        trace = self.tracer.begin(method, metadata, started)
        return context if trace is None else context._replace(trace=trace)

    def _refuse_unread(self, raw: bytes) -> None:
        if len(raw) > self.max_message_bytes:
            raise MessageTooLarge(
                f"the message has {len(raw)} bytes, at most {self.max_message_bytes} are taken",
                metadata={"max_bytes": str(self.max_message_bytes)},
            )
        raise DeadlineExpired("the deadline had passed when the call arrived")

    def _trailers(self, exchange: Exchange) -> Trailers:
        served, call = exchange.served, exchange.call
        if served is None or call is None:
            return (("argosy-replica", self.replica),)
        return (
            ("argosy-model", served.name),
            ("argosy-version", served.version_text),
            ("argosy-replica", self.replica),
            ("argosy-device", served.device),
            ("argosy-batch-size", str(call.batch_size)),
            ("argosy-queue-ms", f"{call.queue_s * 1e3:.3f}"),
            ("argosy-compute-ms", f"{call.compute_s * 1e3:.3f}"),
        )

    def _account(self, method: str, exchange: Exchange, code: str, started: float) -> None:
        ended = time.monotonic()
        context, served, call = exchange.context, exchange.served, exchange.call
        model, version = (served.name, served.version) if served else ("", 0)
        submitted, queue_s, compute_s, batch, items = (
            (call.submitted, call.queue_s, call.compute_s, call.batch_size, call.items)
            if call
            else (0.0, 0.0, 0.0, 0, 0)
        )
        self.metrics.observe(
            method,
            model,
            version,
            code,
            ended - started,
            submitted - started,
            queue_s,
            compute_s,
            batch,
            shadow=context.shadow,
        )
        if self.usage is not None:
            self.usage.record(Outcome(context, method, model, version, code, items, compute_s))
        if self.tracer is not None and context.trace is not None:
            call_end = CallEnd(method, started, submitted, ended, code, context.request_id, model, version)
            self.tracer.end(context.trace, call_end)


def _parsed(parse: Callable[[bytes], Any], raw: bytes) -> Any:
    try:
        return parse(raw)
    except DecodeError as error:
        raise InvalidInput("the message is not what the method takes", reason="MESSAGE_MALFORMED") from error


def _who(method: str, exchange: Exchange) -> dict[str, str]:
    """What every line about a call says of it; the model is the one that was named where none was found."""
    context = exchange.context
    model = exchange.served.name if exchange.served else context.model
    trace = {"trace_id": context.trace.id} if context.trace else {}
    return {"method": method, "model": model, "request_id": context.request_id, **trace}
