# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a worker's metrics over HTTP, with the standard library alone."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from time import monotonic
from typing import NamedTuple

from argosy_client.fleet_results import Worker

#: Largest page that is read, in bytes.
MAX_BYTES = 32 << 20
_LINE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)(?: -?\d+)?")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)",?')
_ESCAPED = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}
#: Addresses that mean every interface of the worker's machine.
_ANYWHERE = ("0.0.0.0", "::", "[::]")  # noqa: S104


class Sample(NamedTuple):
    """One value with its labels."""

    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Page:
    """What one worker told, and when; ``error`` says in a few words why it told nothing.

    Args:
        time: On the monotonic clock, in seconds.
    """

    worker: Worker
    time: float
    samples: tuple[Sample, ...] = ()
    error: str = ""


def parse(text: str) -> Iterator[Sample]:
    """Yields the samples of a page in Prometheus's text format; what is no sample is passed over."""
    for line in text.splitlines():
        found = None if line.startswith("#") else _LINE.fullmatch(line)
        if found is None:
            continue
        labels = {
            key: re.sub(r"\\.", lambda escaped: _ESCAPED.get(escaped[0], escaped[0]), value)
            for key, value in _LABEL.findall(found[2] or "")
        }
        try:
            yield Sample(found[1], labels, float(found[3]))
        except ValueError:
            continue


def metrics_address(worker: Worker) -> tuple[str, int]:
    """Host and port of a worker's metrics. Raises ValueError where it has none."""
    host, _, port = worker.metrics_address.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal():
        raise ValueError("it serves no metrics")
    if host in _ANYWHERE:
        host = worker.address.rpartition(":")[0]
    return host.removeprefix("[").removesuffix("]"), int(port)


def scrape(
    workers: Sequence[Worker],
    timeout_s: float,
    locate: Callable[[Worker], tuple[str, int]] = metrics_address,
) -> list[Page]:
    """Reads the metrics of all workers at the same time, each within ``timeout_s`` seconds or so; never raises.

    Args:
        workers: The workers.
        timeout_s: Time for each, in seconds.
        locate: Tells host and port of a worker's metrics, and may take a time of its own; raises ValueError with the
            reason where there are none.
    """
    if not workers:
        return []
    with ThreadPoolExecutor(min(len(workers), 16)) as pool:
        return list(pool.map(lambda worker: _page(worker, timeout_s, locate), workers))


def _page(worker: Worker, timeout_s: float, locate: Callable[[Worker], tuple[str, int]]) -> Page:
    try:
        host, port = locate(worker)
        return Page(worker, monotonic(), tuple(parse(_read(host, port, timeout_s))))
    except ValueError as error:
        return Page(worker, monotonic(), error=str(error))
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Page(worker, monotonic(), error=f"{worker.metrics_address}: {reason}")


def _read(host: str, port: int, timeout_s: float) -> str:
    connection = HTTPConnection(host, port, timeout=timeout_s)
    try:
        connection.request("GET", "/metrics", headers={"Accept": "text/plain"})
        response = connection.getresponse()
        if response.status != 200:
            raise HTTPException(f"HTTP status {response.status}")
        body = response.read(MAX_BYTES + 1)
    finally:
        connection.close()
    if len(body) > MAX_BYTES:
        raise HTTPException(f"more than {MAX_BYTES} bytes of metrics")
    return body.decode("utf-8", "replace")
