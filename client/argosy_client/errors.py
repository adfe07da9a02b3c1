# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors of calls: what the fleet said, in one line and as fields."""

from collections.abc import Mapping
from typing import Any

import grpc
from argosy.status import Problem, unpack
from google.protobuf.message import DecodeError


class ArgosyError(Exception):
    """A call that failed.

    Args:
        code: The gRPC status code.
        message: What is wrong and what to do, for people.
        reason: UPPER_SNAKE reason for programs, such as "MODEL_NOT_FOUND"; empty where the failure did not come
            from the fleet (no connection, for instance).
        metadata: Values of the message, for programs.
        retry_after_s: Time after which a retry may succeed, in seconds; None where the fleet named none.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(code, message, reason, metadata, retry_after_s)
        self.code = code
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata or {})
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        name = f"{self.code.name} ({self.reason})" if self.reason else str(self.code.name)
        return f"{name}: {' '.join(self.message.split())}"


class NotFoundError(ArgosyError):
    """No such model, version, label or service."""


class UnavailableError(ArgosyError):
    """Nobody answers at present: no connection, or the model loads or drains. A retry may succeed."""


class OverloadedError(ArgosyError):
    """Too much work is waiting, or a quota is used up; ``retry_after_s`` says when to try again."""


class DeadlineExceededError(ArgosyError):
    """The deadline of the call passed before its answer came."""


_CLASSES: dict[grpc.StatusCode, type[ArgosyError]] = {
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: OverloadedError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
}


def from_rpc(error: Any) -> ArgosyError:
    """Reads a failed call; ``error`` is a grpc.RpcError or a grpc.aio.AioRpcError."""
    code = error.code()
    problem = _problem(error.details() or "", error.trailing_metadata() or ())
    kind = _CLASSES.get(code, ArgosyError)
    return kind(code, problem.message, problem.reason, problem.metadata, problem.retry_after_s)


def bad_answer(message: str) -> ArgosyError:
    """An answer that does not fit its request: the server is not what the contract says."""
    return ArgosyError(grpc.StatusCode.INTERNAL, message, "BAD_ANSWER")


def _problem(message: str, trailers: Any) -> Problem:
    try:
        return unpack(message, trailers)
    except DecodeError:  # Details of somebody else's making; the message still counts.
        return Problem(message)
