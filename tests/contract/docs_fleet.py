# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A fleet as the documentation runs it, with ``argosy up``, on free ports instead of the documented ones."""

import contextlib
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.envoy import free_ports

START_SECONDS = 60.0
GATEWAY, ADMIN, CONTROL, CONTROL_METRICS = 8080, 9901, 18000, 18001
_PORT = re.compile(r"(?<=127\.0\.0\.1:)(\d{4,5})\b")


@dataclass(frozen=True)
class DocumentedFleet:
    """Which port stands for each of the documented ones."""

    ports: Mapping[int, int]

    @property
    def address(self) -> str:
        """Where the gateway listens."""
        return f"127.0.0.1:{self.ports[GATEWAY]}"

    def here(self, text: str) -> str:
        """Replaces documented ports by those of this fleet."""
        return _PORT.sub(lambda found: str(self.ports.get(int(found[1]), found[1])), text)


@contextlib.contextmanager
def run_documented_fleet(document: str, folder: Path, environment: Mapping[str, str]) -> Iterator[DocumentedFleet]:
    """Runs the fleet of a document, named as on the page, until left; waits until it says that it is up."""
    text = (folder / document).read_text()
    listed = sorted({int(port) for port in _PORT.findall(text)})
    # Next to each other, as --control-port takes three.
    control = _three()
    wanted = [GATEWAY, ADMIN, *listed]
    ports = dict(zip(wanted, free_ports(len(wanted)), strict=True)) | {CONTROL: control, CONTROL_METRICS: control + 1}
    fleet = DocumentedFleet(ports)
    copy = folder / "fleet-on-free-ports.yaml"
    copy.write_text(fleet.here(text))
    command = ["argosy", "up", "--fleet", copy.name, "--port", str(ports[GATEWAY])]
    command += ["--admin-port", str(ports[ADMIN]), "--control-port", str(control)]
    log = folder / "up.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=output, stderr=output)
    try:
        _await_up(process, log)
        yield fleet
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _three() -> int:
    """Returns a free port whose next two are free too."""
    while True:
        (first,) = free_ports(1)
        with contextlib.suppress(OSError), socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", first + 1))
            two.bind(("127.0.0.1", first + 2))
            return first


def _await_up(process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while "Argosy is up" not in log.read_text():
        if process.poll() is not None or time.monotonic() > end:
            raise AssertionError(f"argosy up: {log.read_text()}")
        time.sleep(0.05)
