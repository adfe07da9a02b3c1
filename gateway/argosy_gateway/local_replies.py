# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Envoy's own failures, in the words of Argosy: each gets a message that says what to do, and one ErrorInfo."""

from typing import Any

from argosy_gateway.resources.refusals import (
    FAILED_PRECONDITION,
    INTERNAL,
    INVALID_ARGUMENT,
    UNAVAILABLE,
    Refusal,
    details,
)

_CEL = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"

#: The connection broke after the call had been sent. Envoy retries that once, except for bodies too large to keep.
_LOST = "response.code_details.contains('{connection_termination}')"

#: What Envoy notes of a failure, as a CEL expression, and what the caller is told. The first that applies counts; the
#: status is Envoy's own, which the details repeat, except for INTERNAL.
_REPLIES: tuple[tuple[str, Refusal], ...] = (
    (
        "response.code_details.contains('REQUEST_BUFFER_CONVERSION_FAIL')",
        Refusal(
            FAILED_PRECONDITION,
            "X_MODEL_REQUIRED",
            "the message is larger than 16 MiB, so the gateway does not look for the model in it: "
            "set the metadata x-model to the model's name",
        ),
    ),
    (
        "response.code_details.contains('REQUEST_OUT_OF_DATA')",
        Refusal(INVALID_ARGUMENT, "MESSAGE_REQUIRED", "the call ended before its first message"),
    ),
    (
        "response.code_details.startsWith('grpc_field_extraction_INVALID_ARGUMENT')",
        Refusal(INVALID_ARGUMENT, "MESSAGE_MALFORMED", "the message cannot be read as a request of the method"),
    ),
    (
        f"{_LOST} && upstream.request_attempt_count > 1",
        Refusal(
            INTERNAL,
            "WORKER_LOST",
            "the worker was lost while it had this call, as an earlier one may have been: it is not tried again, since "
            "the call itself may be what ends them",
        ),
    ),
    (
        _LOST,
        Refusal(UNAVAILABLE, "WORKER_LOST", "the worker was lost while it had this call, which cannot be sent again"),
    ),
    (
        "response.code == 503",
        Refusal(UNAVAILABLE, "UPSTREAM_UNREACHABLE", "nothing that can answer the call is reachable now; try again"),
    ),
)


def local_reply_config() -> dict[str, Any]:
    """Renders the mappers, in JSON form."""
    return {"mappers": [_mapper(expression, refusal) for expression, refusal in _REPLIES]}


def _mapper(expression: str, refusal: Refusal) -> dict[str, Any]:
    header = {"key": "grpc-status-details-bin", "value": details(refusal)}
    # Envoy makes the gRPC status from this one, and INTERNAL from 400.
    status = {"status_code": 400} if refusal.code == INTERNAL else {}
    return {
        "filter": {
            "extension_filter": {
                "name": "envoy.access_loggers.extension_filters.cel",
                "typed_config": {"@type": _CEL, "expression": expression},
            }
        },
        "body": {"inline_string": refusal.message},
        "headers_to_add": [{"header": header, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}],
        **status,
    }
