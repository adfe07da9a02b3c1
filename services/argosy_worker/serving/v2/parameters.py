# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Request parameters of V2: reserved names have fixed types."""

from collections.abc import Mapping
from typing import Any

from argosy_worker.errors import InvalidInput, NotImplementedHere

_RESERVED = {
    "sequence_id": ("int64_param", "string_param", "uint64_param"),
    "sequence_start": ("bool_param",),
    "sequence_end": ("bool_param",),
    "priority": ("uint64_param", "int64_param"),
    "timeout": ("int64_param", "uint64_param"),
    # Sent on every call by some clients, also unary ones, where it means nothing.
    "triton_enable_empty_final_response": ("bool_param",),
}


def check_request(parameters: Mapping[str, Any]) -> None:
    """Checks a request's parameters; names that are not reserved are the caller's own and are ignored.

    Raises:
        InvalidInput: a reserved name with a value of another type, or an unknown ``triton_`` name.
        NotImplementedHere: the request belongs to a sequence, for which no model keeps state.
    """
    if not parameters:
        return
    for name, value in parameters.items():
        kind = value.WhichOneof("parameter_choice")
        if name in _RESERVED and kind not in _RESERVED[name]:
            raise InvalidInput(f"parameter '{name}' must be {' or '.join(_RESERVED[name])}, got {kind}")
        if name.startswith("triton_") and name not in _RESERVED:
            raise InvalidInput(f"parameter '{name}' is reserved")
    sequence = parameters.get("sequence_id")
    if sequence is not None and (sequence.int64_param or sequence.uint64_param or sequence.string_param):
        raise NotImplementedHere("no model here keeps state between the requests of a sequence")


def check_output(name: str, parameters: Mapping[str, Any]) -> None:
    """Checks a requested output's parameters.

    Raises:
        NotImplementedHere: it asks for classification or shared memory.
    """
    for key in ("classification", "shared_memory_region"):
        if key in parameters:
            raise NotImplementedHere(f"output '{name}': {key} is not available")
