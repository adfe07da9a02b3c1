# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Waking the event loop: a burst of events is heard in a few turns, and nobody waits for the loop to hear of it."""

import json
import subprocess
import sys

from argosy_worker.serving import waking

#: In a process of its own: how gRPC wakes loops is settled once grpc.aio has been used.
PROGRAM = """
import asyncio, contextlib, json, socket, threading, time
import grpc
from argosy_worker.serving import accepting, server, waking

PATH, CALLS = "/test.Service/Method", 200
read, bells = 0, []

class Counting(waking._Bell):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        bells.append(self)

    def recv(self, *arguments):
        global read
        read += 1
        return super().recv(*arguments)

def rung():
    with contextlib.suppress(BlockingIOError):
        return len(socket.socket.recv(bells[0], 1 << 16, socket.MSG_PEEK))
    return 0

async def handler(raw, _rpc):
    if raw == b"first":
        first.set()
        until = time.monotonic() + 20
        while rung() < accepting.AHEAD // 2 and time.monotonic() < until:
            time.sleep(0.01)  # the loop is busy until the others have come
    return raw

def ask(address):
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(PATH)
        calls = [call.future(b"first", timeout=20)]
        first.wait(20)
        calls += [call.future(b"other", timeout=20) for _ in range(CALLS)]
        return [each.result().decode() for each in calls]

async def main():
    made, port = server.bind("127.0.0.1", 0, 1 << 20)
    made.add_generic_rpc_handlers((server.MethodTable({PATH: grpc.unary_unary_rpc_method_handler(handler)}),))
    await made.start()
    answers = await asyncio.to_thread(ask, f"127.0.0.1:{port}")
    await accepting.stop(made, 5.0)
    print(json.dumps({"answers": answers, "read": read}))

first = threading.Event()
waking._Bell = Counting
waking.all_at_once()
asyncio.run(main())
"""


def test_a_burst_of_calls_wakes_the_loop_less_than_once_for_each() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(ran.stdout)
    assert found["answers"] == ["first"] + ["other"] * 200
    # Four events and more for each of them: it comes, its message does, its answer is sent, it ends.
    assert 0 < found["read"] < 200


def test_ringing_never_waits_and_is_answered_once() -> None:
    read, write = waking._Sockets().socketpair()
    with read, write:
        read.setblocking(False)
        rung = 0
        try:
            while rung < 1_000_000:
                rung += write.send(b"1")
        except BlockingIOError:
            pass
        assert 0 < rung < 1_000_000, "the socket never fills: nothing is tested"
        assert len(read.recv(1)) == rung
        assert read.recv(1) == b"", "another loop was first"
        assert write.send(b"1") == 1
