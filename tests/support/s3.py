# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A server that speaks S3: moto's, in an environment of its own, as its libraries exclude the Kubernetes client's."""

import contextlib
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

_MOTO = Path(__file__).parents[2] / ".cache/moto/bin/moto_server"


MISSING = "no S3 server: `make s3-server` installs moto's in an environment of its own"


def program() -> str | None:
    """The server's program; None where there is none."""
    return str(_MOTO) if _MOTO.exists() else shutil.which("moto_server")


@contextlib.contextmanager
def s3_server(bucket: str) -> Iterator[dict[str, str]]:
    """Runs it with one bucket; yields the variables of a process that may use it. Skips where there is none."""
    found = program()
    if found is None:
        pytest.skip(MISSING)
    command = [found, "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        reading = threading.Thread(target=server.stdout.read)
        try:
            said = next((line for line in server.stdout if "Running on" in line), "")
            assert said, f"{found} ended before it served"
            url = said.split("Running on")[1].strip()
            reading.start()
            made = urllib.request.Request(f"{url}/{bucket}", method="PUT")  # noqa: S310
            urllib.request.urlopen(made, timeout=10).close()  # noqa: S310
            yield {
                "AWS_ENDPOINT_URL": url,
                "AWS_ALLOW_HTTP": "true",
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_REGION": "us-east-1",
            }
        finally:
            server.terminate()
            server.wait(10)
            if reading.ident is not None:
                reading.join()
