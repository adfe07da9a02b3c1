# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Pods that stand for others: they have their labels, listen where those might, and try to reach each other."""

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.cluster.kube import Kube, Manifest, image, locked_pod
from tests.contract.manifests.policies import End, Port

#: Seconds that a connection may take: as many packets as are sent again in it get through, or none.
WAIT_S = 2

#: Listens on the ports of its arguments, and says a byte to whoever comes.
_LISTEN = """
import asyncio, signal, sys

async def come(reader, writer):
    writer.write(b"x")
    writer.close()

async def main():
    for port in sys.argv[1:]:
        await asyncio.start_server(come, "", int(port), backlog=512)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()

asyncio.run(main())
"""

#: Reads [address, port, protocol] of each connection to try; prints which it made. A datagram asks DNS for the API
#: server's address.
_TRY = """
import asyncio, json, sys

NAME = b"kubernetes.default.svc.cluster.local"
LABELS = b"".join(bytes([len(label)]) + label for label in NAME.split(b"."))
QUESTION = bytes.fromhex("abcd01000001000000000000") + LABELS + bytes.fromhex("0000010001")

async def answered(address, port, protocol):
    if protocol == "UDP":
        heard = asyncio.get_running_loop().create_future()
        class Heard(asyncio.DatagramProtocol):
            def datagram_received(self, data, sender):
                heard.done() or heard.set_result(None)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Heard, remote_addr=(address, port))
        transport.sendto(QUESTION)
        try:
            await heard
        finally:
            transport.close()
        return
    _, writer = await asyncio.open_connection(address, port)
    writer.close()

async def main():
    few = asyncio.Semaphore(64)
    async def made(each):
        async with few:
            try:
                await asyncio.wait_for(answered(*each), WAIT_S)
            except (OSError, TimeoutError, asyncio.TimeoutError):
                return False
            return True
    print(json.dumps(await asyncio.gather(*map(made, json.load(sys.stdin)))))

asyncio.run(main())
""".replace("WAIT_S", str(WAIT_S))


@dataclass(frozen=True)
class StandIn:
    """A pod that runs, and its address."""

    kube: Kube
    pod: str
    address: str

    def reaches(self, wanted: list[tuple[str, Port]]) -> list[bool]:
        """Tries to connect to addresses, all at once; says which answered."""
        text = json.dumps([(address, port.number, port.protocol) for address, port in wanted])
        said = self.kube.run("exec", "--stdin", self.pod, "--", "python", "-c", _TRY, text=text)
        found: list[bool] = json.loads(said)
        return found


def manifest(name: str, end: End, ports: Iterable[int]) -> Manifest:
    """A pod with the labels of an end, and nothing else of it."""
    command = ["python", "-c", _LISTEN, *map(str, ports)]
    pod = locked_pod(name, image("worker-vision"), command)
    pod["metadata"]["labels"] = {**end.labels, "argosy.dev/stands-in": "true"}
    # Ports below 1024, without being root.
    pod["spec"]["securityContext"]["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    return pod


def tried(sources: dict[str, StandIn], wanted: dict[str, list[tuple[str, Port]]]) -> dict[str, list[bool]]:
    """Has every source try its connections, a few sources at a time."""
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda name: sources[name].reaches(wanted[name]), sources)
        return dict(zip(sources, found, strict=True))
