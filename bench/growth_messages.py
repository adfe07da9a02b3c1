# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a call costs with larger and larger messages, there and back, through the gateway."""

import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import numpy as np
from argosy import v2

from bench import each_once, servers
from bench.growth import Cost
from bench.procs import ServerFailed
from bench.servers import Endpoint

#: Bytes of a tensor; 64 MB are below the limit of a message, 64 MiB.
SIZES = (1_000, 16_000, 256_000, 4_000_000, 16_000_000, 64_000_000)
OF = "bytes"
NAME = "echo"
PATH = f"/{v2.SERVICE}/ModelInfer"
#: Calls of each size, at least and at most, and the bytes that they shall come to.
LEAST_CALLS, MOST_CALLS, BYTES = 3, 300, 64_000_000
_FLOAT = 4


async def measure(rounds: int, progress: Callable[[str], None], sizes: Sequence[int] = SIZES) -> list[Cost]:
    """Sends tensors to a model that returns them, one call at a time, and compares what comes back."""
    took = Cost("gateway: a call that sends and returns a tensor", "ms", OF, 2, judged=False)
    cpu = Cost("worker and Envoy: CPU of it", "ms", OF, 2)
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as name:
        folder = Path(name)
        _write(folder / "models")
        async with AsyncExitStack() as stack:
            worker = stack.enter_context(servers.worker(folder, folder / "models", None))
            gateway = stack.enter_context(servers.gateway(folder, worker, None, None))
            (channel,) = channels = await each_once.connect(stack, gateway.address, 1)
            metadata = (("x-model", NAME),)
            await each_once.until_answered(channel, PATH, _request(SIZES[0]), metadata)
            for number in range(rounds):
                for size in sizes:
                    progress(f"round {number + 1} of {rounds}: messages of {size:,} bytes")
                    request, calls = _request(size), min(max(BYTES // size, LEAST_CALLS), MOST_CALLS)
                    before, began = _cpu_seconds(gateway), time.monotonic()
                    outcome = await each_once.ask(channels, PATH, [request] * calls, _check(size), 1, metadata)
                    took.add(size, (time.monotonic() - began) / calls * 1e3)
                    cpu.add(size, (_cpu_seconds(gateway) - before) / calls * 1e3)
                    if outcome.wrong:
                        raise ServerFailed(f"messages of {size} bytes: {dict(outcome.wrong)}")
    return [took, cpu]


def _write(repository: Path) -> None:
    (repository / NAME / "1").mkdir(parents=True)
    (repository / NAME / "model.yaml").write_text(
        "batching: {max_batch_size: 1}\nexecution: {engine: simulated, parameters: {fixed_ms: 0.0, item_ms: 0.0}}\n",
        "utf-8",
    )


def _content(size: int) -> bytes:
    content: bytes = np.arange(size // _FLOAT, dtype=np.float32).tobytes()
    return content


def _request(size: int) -> bytes:
    message = v2.message("ModelInferRequest")(model_name=NAME)
    message.inputs.add(name="x", datatype="FP32", shape=(1, size // _FLOAT))
    message.raw_input_contents.append(_content(size))
    serialized: bytes = message.SerializeToString()
    return serialized


def _check(size: int) -> Callable[[int, bytes], None]:
    content = _content(size)

    def check(_number: int, reply: bytes) -> None:
        # What the message adds around the tensor comes before it; comparing bytes costs least.
        if not reply.endswith(content):
            raise ValueError("the tensor came back changed")

    return check


def _cpu_seconds(endpoint: Endpoint) -> float:
    return sum(server.cpu_seconds() for server in endpoint.servers)
