# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls as values: what to send and how to read the answer. Both clients, sync and asyncio, send the same calls."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import index
from typing import Any, Generic, SupportsIndex, TypeVar

from google.protobuf.message import Message

from argosy_client.errors import bad_answer
from argosy_client.results import Timing
from argosy_client.settings import MAX_MESSAGE_BYTES

T = TypeVar("T")

#: Metadata that names the model, by which the gateway routes without reading the message.
MODEL_KEY = "x-model"


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call, ready to be sent.

    Args:
        path: "/package.Service/Method".
        request: The message.
        response_type: Class of the answer, or of each answer of a stream.
        read: Makes the public result from an answer and the call's timing.
        model: Name of the model; empty where none is named.
    """

    path: str
    request: Message
    response_type: type[Message]
    read: Callable[[Any, Timing], T]
    model: str = ""

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Metadata to send along."""
        return ((MODEL_KEY, self.model),) if self.model else ()


def first(call: Call[list[T]]) -> Call[T]:
    """The same call for one item: its result is the only one of the list."""
    read = call.read
    return replace(call, read=lambda answer, timing: read(answer, timing)[0])  # type: ignore[arg-type, return-value]


def checked_model(model: str | None) -> str:
    """Returns the name, "" for None. Raises ValueError for a name that cannot travel as metadata."""
    if model and not (isinstance(model, str) and model.isascii() and model.isprintable() and " " not in model):
        raise ValueError(f"model is {model!r}; a model's name has letters, digits, '.', '_' and '-' only")
    return model or ""


def checked_version(version: str | int | None) -> str:
    """Returns a version number or label as text, "" for None."""
    return "" if version is None else str(version)


def checked_top_k(top_k: int) -> int:
    """Returns the number of results wanted. Raises ValueError for one that is no whole number from 0 up."""
    return checked_whole(top_k, "top_k", 0, 2**31 - 1, " (0 selects the default number)")


def checked_whole(value: int, name: str, low: int, high: int, more: str = "") -> int:
    """Returns a whole number. Raises ValueError for one outside of ``low..high``, or that is none."""
    if not isinstance(value, SupportsIndex) or not low <= index(value) <= high:
        raise ValueError(f"{name} is {value!r}; it must be from {low} to {high}{more}")
    return index(value)


def check_size(request: Message) -> None:
    """Raises ValueError for a request larger than any fleet takes by default."""
    size = request.ByteSize()
    if size > MAX_MESSAGE_BYTES:
        raise ValueError(
            f"the request has {size:,} bytes; at most {MAX_MESSAGE_BYTES:,} fit in one call: send fewer items at a time"
        )


def expect(results: Sequence[Any], count: int) -> None:
    """Raises ArgosyError unless there is one result for each item sent."""
    if len(results) != count:
        raise bad_answer(f"the server sent {len(results)} results for {count} items")


def timing_of(trailers: Iterable[tuple[str, Any]], total_ms: float) -> Timing:
    """Reads a call's timing from its trailers; what is absent or unreadable stays unknown."""
    found = {key: value for key, value in trailers if key.startswith("argosy-") and isinstance(value, str)}
    batch_size = _number(found.get("argosy-batch-size"))
    return Timing(
        total_ms=total_ms,
        queue_ms=_number(found.get("argosy-queue-ms")),
        compute_ms=_number(found.get("argosy-compute-ms")),
        batch_size=None if batch_size is None else int(batch_size),
        replica=found.get("argosy-replica", ""),
        device=found.get("argosy-device", ""),
    )


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None
