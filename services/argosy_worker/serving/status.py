# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The one table from domain errors to gRPC statuses."""

from collections.abc import Mapping
from functools import lru_cache

import grpc
from argosy.status import DETAILS_KEY, Problem, pack

from argosy_worker import errors

_CODES: Mapping[type[errors.ArgosyError], grpc.StatusCode] = {
    errors.InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    errors.MessageTooLarge: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.ModelNotFound: grpc.StatusCode.NOT_FOUND,
    errors.MethodNotSupported: grpc.StatusCode.FAILED_PRECONDITION,
    errors.StaleEpoch: grpc.StatusCode.FAILED_PRECONDITION,
    errors.Overloaded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.NotReady: grpc.StatusCode.UNAVAILABLE,
    errors.DeadlineExpired: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.NotImplementedHere: grpc.StatusCode.UNIMPLEMENTED,
    errors.InputRefused: grpc.StatusCode.INVALID_ARGUMENT,
    errors.EngineFault: grpc.StatusCode.INTERNAL,
    errors.Defect: grpc.StatusCode.INTERNAL,
}

#: Where V2 clients expect other codes than ours (Triton's).
V2_CODES: Mapping[type[errors.ArgosyError], grpc.StatusCode] = {
    **_CODES,
    errors.Overloaded: grpc.StatusCode.UNAVAILABLE,
}
TYPED_CODES = _CODES

#: Asks the gateway to try another replica; set only by loading and draining workers.
RETRY_TRAILER = ("argosy-retry", "1")
#: Tells gRPC's own retries to stop. Clients without a proxy retry UNAVAILABLE, which V2 has for overload too, and
#: attempts must not add to that.
NO_RETRY_TRAILER = ("grpc-retry-pushback-ms", "-1")

Trailers = tuple[tuple[str, str | bytes], ...]


def describe(
    error: errors.ArgosyError, codes: Mapping[type[errors.ArgosyError], grpc.StatusCode]
) -> tuple[grpc.StatusCode, Trailers]:
    """Returns the status code of an error and the trailers that explain it."""
    code = codes.get(type(error)) or next(codes[cls] for cls in type(error).__mro__ if cls in codes)
    if isinstance(error, errors.Overloaded):
        values = tuple(error.metadata.items())
        details = _refusal(code, error.message, error.reason, values, error.retry_after_s)
        no_retry = (NO_RETRY_TRAILER,) if code is grpc.StatusCode.UNAVAILABLE else ()
        return code, ((DETAILS_KEY, details), *no_retry)
    details = pack(code.value[0], Problem(error.message, error.reason, error.metadata))
    if isinstance(error, errors.NotReady) and error.retry_elsewhere:
        return code, ((DETAILS_KEY, details), RETRY_TRAILER)
    return code, ((DETAILS_KEY, details),)


@lru_cache(maxsize=1024)
def _refusal(
    code: grpc.StatusCode, message: str, reason: str, values: tuple[tuple[str, str], ...], retry_after_s: float
) -> bytes:
    """Details of a refusal; an overloaded worker says the same over and over."""
    return pack(code.value[0], Problem(message, reason, dict(values), retry_after_s))
