# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Stand-in workers as processes."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc


@dataclass
class Standin:
    """A running stand-in."""

    process: "subprocess.Popen[bytes]"
    domain: str
    address: str

    def set(self, **change: Any) -> dict[str, Any]:
        """Changes its state; returns the calls that it has received by model, and the labels it was given."""
        with grpc.insecure_channel(self.address) as channel:
            answer: dict[str, Any] = json.loads(
                channel.unary_unary("/test.Control/Set")(json.dumps(change).encode(), timeout=5)
            )
            return answer


@contextlib.contextmanager
def run_standin(domain: str, replica: str, models: dict[str, Any], port: int = 0) -> Iterator[Standin]:
    """Runs a stand-in until the end of the block."""
    command = [sys.executable, "-m", "tests.contract.gateway.standin", "--domain", domain, "--replica", replica]
    command += ["--models", json.dumps(models), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"the stand-in ended with {process.wait()}"
        yield Standin(process, domain, f"127.0.0.1:{json.loads(line)['port']}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
