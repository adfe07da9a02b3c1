# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs in a pod: ``python caller.py ADDRESS`` keeps calls in flight and counts what becomes of them.

Each answer is compared with the known one. Prints a line of JSON twice a second, and a last one, with "ended": true,
after SIGTERM. It needs nothing but what is in a worker's image.
"""

import argparse
import json
import signal
import sys
import threading
import time
from collections import Counter

import grpc
from argosy_client.demo.compare import difference
from argosy_client.demo.samples import Sample, as_dict, samples

REPORT_EVERY_S = 0.5
#: The first failures are told in full, and the first calls that took so many seconds.
TOLD, SLOW_S = 20, 1.0


class Tally:
    """Outcomes so far."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: Counter[str] = Counter()
        self._replicas: Counter[str] = Counter()
        self._failures: list[str] = []
        self._slow: list[str] = []
        self._slowest_s = 0.0

    def add(self, code: str, replica: str, seconds: float, why: str) -> None:
        """Counts one call; ``why`` is empty where its answer is right."""
        with self._lock:
            self._codes[code] += 1
            self._replicas[replica] += 1
            self._slowest_s = max(self._slowest_s, seconds)
            line = f"{time.strftime('%T')} {code} of {replica or 'nobody'} after {seconds:.2f} s"
            if why and len(self._failures) < TOLD:
                self._failures.append(f"{line}: {why}")
            if seconds >= SLOW_S and len(self._slow) < TOLD:
                self._slow.append(line)

    def line(self, ended: bool) -> str:
        """All of it, as a line of JSON."""
        with self._lock:
            return json.dumps(
                {
                    "codes": self._codes,
                    "replicas": self._replicas,
                    "failures": self._failures,
                    "slow": self._slow,
                    "slowest_s": round(self._slowest_s, 3),
                    "ended": ended,
                }
            )


def keep_calling(
    sample: Sample, address: str, deadline_s: float, pause_s: float, tally: Tally, stop: threading.Event
) -> None:
    """One caller with a connection of its own, until ``stop``."""
    request, expected = sample.message(), sample.expected_dict()
    with grpc.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1)]) as channel:
        method = channel.unary_unary(
            sample.path,
            request_serializer=type(request).SerializeToString,
            response_deserializer=sample.response_type.FromString,
        )
        while not stop.is_set():
            began, code, why, replica = time.monotonic(), "OK", "", ""
            try:
                answer, call = method.with_call(request, metadata=(("x-model", sample.model),), timeout=deadline_s)
                replica = str(dict(call.trailing_metadata() or ()).get("argosy-replica", ""))
                why = difference(expected, as_dict(answer), sample.tolerance)
                code = "WRONG_ANSWER" if why else "OK"
            except grpc.RpcError as error:
                code, why = error.code().name, str(error.details())
            tally.add(code, replica, time.monotonic() - began, why)
            stop.wait(pause_s)


def main(arguments: list[str]) -> int:
    """Calls until SIGTERM, or for as long as it may."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("--domain", default="vision")
    parser.add_argument("--callers", type=int, default=8)
    parser.add_argument("--deadline-s", type=float, default=10.0)
    parser.add_argument("--pause-s", type=float, default=0.02)
    parser.add_argument("--longest-s", type=float, default=1800.0)
    chosen = parser.parse_args(arguments)
    sample = next(each for each in samples() if each.domain == chosen.domain)
    stop, tally = threading.Event(), Tally()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    callers = [
        threading.Thread(
            target=keep_calling, args=(sample, chosen.address, chosen.deadline_s, chosen.pause_s, tally, stop)
        )
        for _ in range(chosen.callers)
    ]
    for caller in callers:
        caller.start()
    end = time.monotonic() + chosen.longest_s
    while not stop.wait(REPORT_EVERY_S) and time.monotonic() < end:
        print(tally.line(ended=False), flush=True)
    stop.set()
    for caller in callers:
        caller.join()
    print(tally.line(ended=True), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
