# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls for known models that no replica can answer: says why."""

from typing import Protocol

import grpc
from argosy import v2
from argosy.fleet.v1.model_pb2 import MODEL_STATE_LOADING, MODEL_STATE_UNLOADED, ModelState
from argosy.status import Problem
from grpc.aio import ServicerContext

from argosy_gateway.fleet import Fleet, ModelView
from argosy_gateway.front.fleet_service import unknown_model
from argosy_gateway.front.problems import abort
from argosy_gateway.services import Method

#: When to try again, in seconds, where that may help soon.
_SOON_S = 1.0


class Waking(Protocol):
    """What knows of models whose workers an autoscaler starts for a call."""

    def retry_after_s(self, model: ModelView) -> float | None:
        """Takes note of a call of a model that cannot answer.

        Returns:
            When it is expected to, in seconds from now; None where no autoscaler will change that.
        """
        ...


async def answer(method: Method, name: str, fleet: Fleet, context: ServicerContext, waking: Waking) -> bytes:
    """Answers a call whose model is not ready: ModelReady with false, others with the reason.

    Whoever only asks whether it is ready wakes nothing.
    """
    model = fleet.models.get(name)
    if model is None or method.domain not in ("", *model.domains):
        await abort(context, grpc.StatusCode.NOT_FOUND, unknown_model(name))
    if method.service == v2.SERVICE and method.name == "ModelReady":
        response: bytes = v2.message("ModelReadyResponse")(ready=False).SerializeToString()
        return response
    return await abort(context, *refusal(method, model, waking.retry_after_s(model)))


def refusal(method: Method, model: ModelView, wakes_in_s: float | None = None) -> tuple[grpc.StatusCode, Problem]:
    """The status of a call for a model that is not ready. V2 calls an unloaded model unknown, as Triton does.

    ``wakes_in_s`` is when the model is expected to answer, where it is being woken.
    """
    state = ModelState.Name(model.state).removeprefix("MODEL_STATE_")
    metadata = {"model": model.name, "state": state, "reason": model.reason}
    if method.service == v2.SERVICE and model.state == MODEL_STATE_UNLOADED:
        message = f"Request for unknown model: '{model.name}' has no available versions"
        return grpc.StatusCode.NOT_FOUND, Problem(message, "MODEL_NOT_FOUND", metadata)
    because = f": {model.reason}" if model.reason else ""
    soon = model.answerable or model.state == MODEL_STATE_LOADING
    return grpc.StatusCode.UNAVAILABLE, Problem(
        f"model '{model.name}' is not at ready state: {state}{because}",
        "MODEL_NOT_READY",
        metadata,
        retry_after_s=_SOON_S if soon and wakes_in_s is None else wakes_in_s,
    )
