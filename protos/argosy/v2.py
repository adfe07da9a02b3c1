# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of the V2 protocol (``inference.GRPCInferenceService``), from a private descriptor pool.

They never enter the default pool, where they would clash with another package's copy of the same protocol.
"""

from functools import cache
from typing import Any

from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from argosy.descriptors import v2_pool

SERVICE = "inference.GRPCInferenceService"


@cache
def message(name: str) -> Any:
    """Returns a message class of package ``inference`` by its short name, such as ``"ModelInferRequest"``."""
    cls: type[Message] = GetMessageClass(v2_pool().FindMessageTypeByName(f"inference.{name}"))
    return cls


def service() -> ServiceDescriptor:
    """Returns the descriptor of the V2 service."""
    return v2_pool().FindServiceByName(SERVICE)
