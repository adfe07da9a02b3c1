# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The V2 protocol's service as Ray Serve wants it: a function that adds handlers. Requests stay bytes until the replica
has them: Ray Serve pickles them on their way, and classes of a private pool cannot be."""

from typing import Any

import grpc
from argosy import v2


def add_to_server(servicer: Any, server: Any) -> None:
    """Adds the service; Ray Serve puts its own handlers in the place of the servicer's."""
    handlers = {"ModelInfer": grpc.unary_unary_rpc_method_handler(servicer.ModelInfer)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(v2.SERVICE, handlers),))
