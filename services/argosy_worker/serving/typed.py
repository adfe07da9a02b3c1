# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A domain's typed service: chooses the model, runs the domain's method, says who answered."""

from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import aclosing
from typing import Any

from google.protobuf.message_factory import GetMessageClass

from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.domain import Domain
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.serving import edge_stream
from argosy_worker.serving.edge import Edge, Exchange, Serve


def handlers(domain: Domain, manager: ModelManager, edge: Edge, executor: Executor) -> dict[str, Any]:
    """Returns the handlers of a domain's service by path, such as ``/argosy.vision.v1.VisionService/Classify``."""
    service = domain.service
    made = {}
    for name in domain.methods:
        full_name = f"{service.full_name}/{name}"
        parse = GetMessageClass(service.methods_by_name[name].input_type).FromString
        made[f"/{full_name}"] = edge.unary(full_name, parse, _serve(domain, name, manager, executor))
    for name in domain.streams:
        full_name = f"{service.full_name}/{name}"
        parse = GetMessageClass(service.methods_by_name[name].input_type).FromString
        made[f"/{full_name}"] = edge_stream.handler(edge, full_name, parse, _stream(domain, name, manager, executor))
    return made


def chosen_model(named: str, exchange: Exchange) -> str:
    """Returns the model that message and metadata agree on; empty where neither names one.

    Raises:
        InvalidInput: they disagree.
    """
    header = exchange.context.model
    if named and header and named != header:
        raise InvalidInput(
            f"the message names model '{named}', the metadata x-model '{header}'",
            reason="MODEL_MISMATCH",
            metadata={"model": named, "x-model": header},
        )
    return named or header


def _serve(domain: Domain, name: str, manager: ModelManager, executor: Executor) -> Serve:
    method = domain.methods[name]

    async def serve(request: Any, exchange: Exchange) -> Any:
        served = await _chosen(name, request, exchange, manager)
        terms = exchange.context.terms
        stable = manager.stable_of(served) if exchange.context.shadow else None
        call = exchange.call = ActiveCall(served, terms, executor, stable)
        served.batcher.turn_away(terms)
        response = await method(request, call)
        response.model, response.version = served.name, served.version_text
        return response

    return serve


def _stream(domain: Domain, name: str, manager: ModelManager, executor: Executor) -> edge_stream.Serve:
    method = domain.streams[name]

    async def serve(first: Any, others: AsyncIterator[Any], exchange: Exchange) -> AsyncIterator[Any]:
        served = await _chosen(name, first, exchange, manager)
        call = exchange.call = ActiveCall(served, exchange.context.terms, executor)
        async with aclosing(method(first, others, call)) as responses:  # type: ignore[type-var]
            async for response in responses:
                response.model, response.version = served.name, served.version_text
                yield response

    return serve


async def _chosen(method: str, request: Any, exchange: Exchange, manager: ModelManager) -> ServedModel:
    """Finds the version that a call, or the first message of a stream, means, and has the exchange use it.

    Raises:
        ArgosyError: there is none, or it does not answer.
    """
    model = chosen_model(request.model, exchange) or manager.default_model(method)
    if not model:
        raise InvalidInput(f"{method} has no default model here: name one", reason="MODEL_REQUIRED")
    context = exchange.context
    version = context.wanted_version(request.version)
    served = manager.serving(model, version, method)
    if served is None:
        exchange.may_load(model)
        served = await manager.obtain(model, version, method, context.deadline)
    exchange.use(served)
    return served
