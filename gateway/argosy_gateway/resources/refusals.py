# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers that Envoy gives by itself: a gRPC status with one ErrorInfo, as a direct response."""

import base64
from dataclasses import dataclass

from argosy.status import Problem, pack
from envoy.config.core.v3.base_pb2 import HeaderValue, HeaderValueOption
from envoy.config.route.v3.route_components_pb2 import DirectResponseAction

INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 3, 5, 9, 12, 13, 14


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status with its reason. A message with ``%...%`` holds values of the request; the script ``model.lua``
    then makes the details, which must repeat the message as sent."""

    code: int
    reason: str
    message: str

    @property
    def dynamic(self) -> bool:
        """Whether the message depends on the request."""
        return "%" in self.message


UNKNOWN_MODEL = Refusal(NOT_FOUND, "MODEL_NOT_FOUND", "Request for unknown model: '%REQ(x-model):128%' is not found")
MODEL_REQUIRED = Refusal(
    INVALID_ARGUMENT, "MODEL_REQUIRED", "model name is required: the method has no default model; name one"
)
UNKNOWN_METHOD = Refusal(UNIMPLEMENTED, "METHOD_UNKNOWN", "unknown method %REQ(:path):256%")


def direct_response() -> DirectResponseAction:
    """An answer without a body; gRPC statuses travel in headers of an HTTP 200."""
    return DirectResponseAction(status=200)


def headers(refusal: Refusal) -> list[HeaderValueOption]:
    """Response headers that carry a refusal."""
    values = {
        "content-type": "application/grpc",
        "grpc-status": str(refusal.code),
        "grpc-message": refusal.message,
    }
    if refusal.dynamic:
        values["argosy-reason"] = refusal.reason
    else:
        values["grpc-status-details-bin"] = details(refusal)
    return [overwrite(key, value) for key, value in values.items()]


def details(refusal: Refusal) -> str:
    """The value of ``grpc-status-details-bin``."""
    packed = pack(refusal.code, Problem(refusal.message, refusal.reason))
    return base64.b64encode(packed).decode("ascii").rstrip("=")


def overwrite(key: str, value: str) -> HeaderValueOption:
    """Sets a header, whatever it was."""
    return HeaderValueOption(
        header=HeaderValue(key=key, value=value), append_action=HeaderValueOption.OVERWRITE_IF_EXISTS_OR_ADD
    )
