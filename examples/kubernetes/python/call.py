# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Beside the fleet, has a picture and a text classified without a proxy: ``python call.py [--seconds 30]``.

gRPC learns from the control plane, which the file in GRPC_XDS_BOOTSTRAP names, where the replicas of a model are.
"""

import argparse
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from argosy_client import Argosy, ArgosyError

CALLERS = 4

#: Asks a question; returns the label that a model gave, and the worker that answered.
Ask = Callable[[], tuple[str, str]]


def questions(fleet: Argosy, picture: bytes) -> dict[str, tuple[str, Ask]]:
    """Questions by name, each with the answer that is known."""

    def image() -> tuple[str, str]:
        answer = fleet.vision.classify(picture, model="digits", timeout_s=5)
        return answer.best.label, answer.timing.replica

    def text() -> tuple[str, str]:
        answer = fleet.nlp.classify("A lovely film.", model="sentiment", timeout_s=5)
        return answer.best.label, answer.timing.replica

    return {"vision digits": ("7", image), "nlp sentiment": ("positive", text)}


class Tally:
    """Counts calls, for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls = 0
        self._replicas = set[str]()
        self.failed = 0

    def ask(self, expected: str, ask: Ask) -> None:
        """Asks a question and notes what came of it."""
        try:
            label, replica = ask()
            why = "" if label == expected else f"answered {label!r} in the place of {expected!r}"
        except ArgosyError as error:
            why, replica = str(error), ""
        with self._lock:
            self._calls += 1
            if why:
                self.failed += 1
                print(why, file=sys.stderr)
            else:
                self._replicas.add(replica)

    def line(self, when: str) -> str:
        """All of it, in a line."""
        with self._lock:
            workers = " ".join(sorted(self._replicas))
            return f"{when}: {self._calls} calls, {self.failed} failed, answered by {workers}"


def go_on(asked: Mapping[str, tuple[str, Ask]], seconds: float) -> int:
    """Keeps asking for a while, and says every second how it goes; returns how many calls failed."""
    tally, end = Tally(), time.monotonic() + seconds

    def keep_asking() -> None:
        while time.monotonic() < end:
            for each in asked.values():
                tally.ask(*each)

    callers = [threading.Thread(target=keep_asking) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(1, left))
        print(tally.line("so far"), flush=True)
    for caller in callers:
        caller.join()
    print(tally.line("in all"), flush=True)
    return tally.failed


def main() -> int:
    """Returns 0 where no call failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=Path("/srv/seven.png"), help="picture of a seven")
    parser.add_argument("--seconds", type=float, default=0.0, help="how long to go on calling")
    chosen = parser.parse_args()
    with Argosy("xds:///") as fleet:
        asked = questions(fleet, chosen.picture.read_bytes())
        for name, (expected, ask) in asked.items():
            try:
                label, _ = ask()
            except ArgosyError as error:
                sys.exit(f"{name}: {error}")
            if label != expected:
                sys.exit(f"{name}: answered {label!r} in the place of {expected!r}")
            print(f"{name}: {label}", flush=True)
        return 1 if chosen.seconds and go_on(asked, chosen.seconds) else 0


if __name__ == "__main__":
    sys.exit(main())
