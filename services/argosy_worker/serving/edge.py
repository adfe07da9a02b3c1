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
            exchange = self.exchange(method, rpc.invocation_metadata() or (), remaining, started)
            code = "CANCELLED"  # what stays when the caller leaves in the middle
            try:
                try:
                    if len(raw) > self.max_message_bytes or (remaining is not None and remaining <= 0):
                        self.refuse_unread(raw)
                    request = parsed(parse, raw)
                    try:
                        answer = await serve(request, exchange)
                    except NotReady as refused:
                        if self.patience is None or not exchange.context.again or exchange.served is not None:
                            raise
                        deadline = exchange.context.deadline
                        answer = await self.patience.serve(partial(serve, request, exchange), refused, deadline)
                    response: bytes = answer.SerializeToString()
                    rpc.set_trailing_metadata(self.trailers(exchange))
                    code = "OK"
                    return response
                except Exception as failure:
                    status, message, trailers = self.refusal(method, exchange, failure, codes)
                code = status.name
                # Setting the code instead would be cheaper, and would send an empty message before the status: callers
                # would be shown it, and neither gateway nor gRPC clients would make the call again.
                await rpc.abort(status, message, trailers)
                raise AssertionError("abort always raises")
            finally:
                exchange.leave()
                self.account(method, exchange, code, started)
                # So would it be with what abort raises: that is kept by the call's state, which this would lead to.
                del rpc

        return grpc.unary_unary_rpc_method_handler(handle)

    def exchange(
        self, method: str, metadata: Iterable[tuple[str, str | bytes]], remaining: float | None, started: float
    ) -> Exchange:
        """Begins a call at a monotonic time, with so many seconds left or no deadline."""
        deadline = None if remaining is None else started + remaining - min(WAY_PART * remaining, WAY_MOST_S)
        context = request_context.build(metadata, deadline)
        if self.tracer is not None:
            trace = self.tracer.begin(method, metadata, started)
            context = context if trace is None else context._replace(trace=trace)
        return Exchange(context)

    def refusal(
        self, method: str, exchange: Exchange, failure: Exception, codes: Codes
    ) -> tuple[grpc.StatusCode, str, Trailers]:
        """Returns how a failed call ends, and logs what its caller is not told."""
        if isinstance(failure, ArgosyError):
            error = failure
        else:
            logger.error("defect", extra={**_who(method, exchange), "exception": frames(failure)})
            error = Defect("a defect in the server; its log says more under this request id")
        status, explanation = describe(error, codes)
        if isinstance(error, EngineFault):
            # What a caller can provoke is no error of ours.
            level = logging.WARNING if isinstance(error, InputRefused) else logging.ERROR
            logger.log(
                level, "engine fault", extra={**_who(method, exchange), "cause": without_values(error.cause_text)}
            )
        # It holds the frames that it came through, and they hold it: a cycle that would wait for the garbage collector.
        failure.__traceback__ = None
        return status, error.message, (*self.trailers(exchange), *explanation)

    def refuse_unread(self, raw: bytes) -> None:
        """Refuses a message that is too large, or one that came too late.

        Raises:
            MessageTooLarge: it is larger than the limit.
            DeadlineExpired: it is not.
        """
        if len(raw) > self.max_message_bytes:
            raise MessageTooLarge(
                f"the message has {len(raw)} bytes, at most {self.max_message_bytes} are taken",
                metadata={"max_bytes": str(self.max_message_bytes)},
            )
        raise DeadlineExpired("the deadline had passed when the call arrived")

    def trailers(self, exchange: Exchange) -> Trailers:
        """Returns what every answer ends with."""
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

    def account(self, method: str, exchange: Exchange, code: str, started: float) -> None:
        """Takes note of a call that has ended, with the name of its status."""
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


def parsed(parse: Callable[[bytes], Any], raw: bytes) -> Any:
    """Parses a message.

    Raises:
        InvalidInput: it is not what the method takes.
    """
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
