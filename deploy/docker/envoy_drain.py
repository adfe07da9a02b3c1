#!/usr/bin/env python3
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs beside Envoy, in its container: sends callers elsewhere before Envoy stops, or says whether Envoy is ready.

``argosy-drain`` is a preStop hook: it waits until no new connections come, tells Envoy's callers to leave, and returns
once they have. ``argosy-drain --ready`` is a probe: it exits with 1 while Envoy cannot serve. Standard library alone.
"""

import argparse
import sys
import time
import urllib.request

_TIMEOUT_S = 2.0
_LOOK_EVERY_S = 0.2


def ask(admin: str, path: str, post: bool = False) -> str:
    """Returns what Envoy's admin says. Raises OSError where it does not answer, or not with 200."""
    request = urllib.request.Request(f"http://{admin}{path}", method="POST" if post else "GET")
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        text: str = answer.read().decode()
        return text


def active(statistics: str) -> int:
    """Sums the values of ``name: value`` lines."""
    return sum(int(line.rpartition(":")[2]) for line in statistics.splitlines() if line.strip())


def drain(admin: str, delay_s: float, seconds: float) -> None:
    """Sends callers elsewhere and waits until all have gone, at most ``seconds`` in all."""
    end = time.monotonic() + seconds
    # Until every node knows that the pod stops, it gets new connections.
    time.sleep(min(delay_s, seconds))
    ask(admin, "/drain_listeners?graceful", post=True)
    while time.monotonic() < end:
        if not active(ask(admin, "/stats?filter=^http.gateway.downstream_cx_active$")):
            return
        time.sleep(_LOOK_EVERY_S)


def main(arguments: list[str]) -> int:
    """Returns 0, or 1 with one line on standard error where Envoy does not answer."""
    parser = argparse.ArgumentParser(prog="argosy-drain", description="Sends Envoy's callers elsewhere.")
    parser.add_argument("--admin", default="127.0.0.1:9901", help="host:port of Envoy's admin; default %(default)s")
    parser.add_argument(
        "--delay", type=float, default=3.0, help="seconds before callers are told to leave; default %(default)s"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds that all of it may take; default 20")
    parser.add_argument("--ready", action="store_true", help="only tell whether Envoy is ready")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.ready:
            ask(chosen.admin, "/ready")
        else:
            drain(chosen.admin, chosen.delay, chosen.seconds)
    except OSError as error:
        print(f"argosy-drain: {chosen.admin}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
