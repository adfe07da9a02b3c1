# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Domain errors. They know nothing of gRPC: ``serving/status.py`` maps each class to its status."""

from collections.abc import Mapping

from argosy.status import MESSAGE_BYTES, VALUE_BYTES, shortened


class ArgosyError(Exception):
    """Base of all errors that a caller is told about.

    Args:
        message: What is wrong and what to do, for people. Sent to the caller; a long one is cut, as are values.
        reason: UPPER_SNAKE reason for machines; the class's own where empty.
        metadata: Dynamic values of the message, for machines.
    """

    reason = "UNKNOWN"

    def __init__(self, message: str, *, reason: str = "", metadata: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = shortened(message, MESSAGE_BYTES)
        self.reason = reason or type(self).reason
        self.metadata = {key: shortened(value, VALUE_BYTES) for key, value in (metadata or {}).items()}


class InvalidInput(ArgosyError):
    """The request cannot be served as it stands, now or later."""

    reason = "INVALID_INPUT"


class MessageTooLarge(ArgosyError):
    """The message is larger than the server takes."""

    reason = "MESSAGE_TOO_LARGE"


class ModelNotFound(ArgosyError):
    """No such model, version or label."""

    reason = "MODEL_NOT_FOUND"


class MethodNotSupported(ArgosyError):
    """The model exists and does not implement the method."""

    reason = "METHOD_NOT_SUPPORTED"


class StaleEpoch(ArgosyError):
    """A newer control plane has spoken already."""

    reason = "STALE_EPOCH"


class Overloaded(ArgosyError):
    """Too much work is waiting; ``retry_after_s`` is when a retry may succeed, in seconds."""

    reason = "QUEUE_FULL"

    def __init__(
        self, message: str, *, retry_after_s: float, reason: str = "", metadata: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, reason=reason, metadata=metadata)
        self.retry_after_s = retry_after_s


class NotReady(ArgosyError):
    """The model, or the worker, does not answer at present.

    ``retry_elsewhere`` is true where another replica may answer at once (loading or draining here).
    """

    reason = "MODEL_NOT_READY"

    def __init__(
        self,
        message: str,
        *,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_elsewhere: bool = False,
    ) -> None:
        super().__init__(message, reason=reason, metadata=metadata)
        self.retry_elsewhere = retry_elsewhere


class DeadlineExpired(ArgosyError):
    """The caller's deadline passed before the work was done."""

    reason = "DEADLINE_EXCEEDED"


class NotImplementedHere(ArgosyError):
    """The method exists in the protocol and not in this server."""

    reason = "NOT_IMPLEMENTED"


class EngineFault(ArgosyError):
    """The engine failed, or its output cannot be used. ``cause_text`` is logged and never sent."""

    reason = "ENGINE_FAULT"

    def __init__(
        self,
        cause_text: str,
        message: str = "the engine failed to run the model; the worker's log says why",
        *,
        reason: str = "",
    ) -> None:
        super().__init__(message, reason=reason)
        self.cause_text = cause_text


class InputRefused(EngineFault):
    """The engine works, but not on these values: an index outside a table, a length that it cannot take, an overflow.

    That it works at all is what golden samples prove, again and again.
    """

    reason = "INPUT_REFUSED"

    def __init__(
        self,
        cause_text: str,
        message: str = "the model cannot run on these values: a number is outside what it knows, or a length is one "
        "that it cannot take; the worker's log says which",
        *,
        reason: str = "",
    ) -> None:
        super().__init__(cause_text, message, reason=reason)


class CodecRefused(InputRefused):
    """A model's codec cannot make anything of these values.

    Args:
        message: What is wrong and what to do, for the caller.
        reason: UPPER_SNAKE reason for machines.
    """

    def __init__(self, message: str, *, reason: str = "INPUT_REFUSED") -> None:
        super().__init__(message, message, reason=reason)


class Defect(ArgosyError):
    """Our own code failed in a way that nobody foresaw; the log has the trace."""

    reason = "INTERNAL"


class ModelInvalid(Exception):
    """A repository entry that cannot be served; the text names file, line and key where known. The model is FAILED."""
