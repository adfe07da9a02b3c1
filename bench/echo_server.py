# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A bare server for comparison: grpc.aio on uvloop that parses the request, answers a constant, and does nothing else.

``python -m bench.echo_server`` prints one JSON line with its port and serves until SIGTERM.
"""

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import grpc
import uvloop
from argosy_worker.serving import server
from argosy_worker.settings import Settings

from bench import methods, tiny_model


def handler(method: methods.Method) -> Any:
    """Parses with the request's class and serializes the right answer for every call."""
    answer = method.answer

    async def echo(_request: Any, _rpc: grpc.aio.ServicerContext) -> Any:
        return answer

    return grpc.unary_unary_rpc_method_handler(
        echo,
        request_deserializer=method.request_type.FromString,
        response_serializer=method.response_type.SerializeToString,
    )


def bare(options: list[tuple[str, Any]]) -> Any:
    """Makes a server as grpc.aio makes it; a worker's asks for calls ahead."""
    return grpc.aio.server(options=options)


async def serve() -> None:
    """Serves on a free port of 127.0.0.1, with the worker's own server options."""
    stopping = asyncio.Event()
    defaults = Settings(domain=tiny_model.DOMAIN, repository=Path())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    grpc_server, port = server.bind("127.0.0.1", 0, defaults.max_message_bytes, bare)
    handlers = {method.path: handler(method) for method in methods.all_methods(tiny_model.make())}
    grpc_server.add_generic_rpc_handlers((server.MethodTable(handlers),))
    await grpc_server.start()
    print(json.dumps({"message": "serving", "port": port}), flush=True)
    await stopping.wait()
    await grpc_server.stop(None)


if __name__ == "__main__":
    uvloop.run(serve())
