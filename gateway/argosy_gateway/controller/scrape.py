# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the metrics of workers, none of which is trusted to answer soon, well, or at all."""

import asyncio
import logging
from collections.abc import Mapping, Sequence

import aiohttp
from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_UNREACHABLE

from argosy_gateway.fleet import WorkerView

_log = logging.getLogger(__name__)

#: Longest time that all workers together may take to answer, in seconds.
_TIMEOUT_S = 3.0
#: Longest answer that counts, in bytes.
_MOST_BYTES = 16 << 20


def metrics_address(worker: WorkerView) -> str:
    """Where a worker's metrics are, "host:port"; empty where it has none.

    A worker says the port alone: the host is the one on which it serves calls, so that none can have others called.
    """
    port = worker.metrics_address.rpartition(":")[2]
    usable = port.isascii() and port.isdecimal() and 0 < int(port) < 65536
    return f"{worker.address.rpartition(':')[0]}:{port}" if usable else ""


async def texts(workers: Sequence[WorkerView], timeout_s: float = _TIMEOUT_S) -> Mapping[str, str]:
    """The metrics of workers, by address. One that cannot be reached, or has not answered within the time, is left out.

    Args:
        workers: The workers.
        timeout_s: Longest time that all of them together may take from beginning to end, in seconds.
    """
    asked = [worker for worker in workers if worker.status != WORKER_STATUS_UNREACHABLE and metrics_address(worker)]
    timeout = aiohttp.ClientTimeout(total=timeout_s)  # it includes the wait for a connection to be free
    headers = {"Accept-Encoding": "identity"}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers, auto_decompress=False) as session:
        found = await asyncio.gather(*(_text(session, metrics_address(worker)) for worker in asked))
    return {worker.address: text for worker, text in zip(asked, found, strict=True) if text}


async def _text(session: aiohttp.ClientSession, address: str) -> str:
    body = bytearray()
    try:
        async with session.get(f"http://{address}/metrics", allow_redirects=False, raise_for_status=True) as answer:
            async for chunk in answer.content.iter_chunked(1 << 16):
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise ValueError(f"longer than {_MOST_BYTES} bytes")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        _log.debug("metrics not read", extra={"address": address, "reason": str(error) or type(error).__name__})
        return ""
    return body.decode("utf-8", "replace")
