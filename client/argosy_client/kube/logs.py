# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What all programs of a fleet logged of one call, in order of time."""

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from argosy_client.kube.errors import explain
from argosy_client.kube.kubectl import Cluster
from argosy_client.kube.pods import PART, Pod, pods

#: "[pod/NAME/CONTAINER] TIME TEXT", as kubectl writes it with --prefix and --timestamps.
_LINE = re.compile(r"\[pod/([^/\]]+)/([^\]]+)\] (\S+) (.*)")
#: Of what kubectl says, as much is kept for the line that says why it failed.
_KEPT_LINES = 20


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line about a call.

    Args:
        time: When its program wrote it, as RFC 3339.
        fields: What the line says beside time, level and message.
    """

    time: str
    pod: str
    container: str
    level: str
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def lines_of(cluster: Cluster, request_id: str, since: str) -> list[LogLine]:
    """Finds the lines with a request id in the logs of all pods of the fleet, those of restarted containers too.

    Args:
        cluster: Where the fleet is.
        request_id: The call's ``x-request-id``.
        since: How far back to look, such as "1h"; empty for all that the nodes have.

    Raises:
        KubeError: there is no fleet, or the cluster cannot be asked.
    """
    choice = ["--prefix", "--timestamps", "--ignore-errors", "--tail=-1", *([f"--since={since}"] if since else ())]
    fleet = pods(cluster)
    found = _told(cluster, ["logs", f"--selector={PART}", "--all-containers", *choice])
    lines = [*found, *(line for one in _earlier(fleet) for line in _told(cluster, ["logs", *one, *choice]))]
    return [line for _, line in sorted(matching(lines, request_id), key=lambda each: each[0])]


def matching(lines: Iterable[str], request_id: str) -> Iterator[tuple[str, LogLine]]:
    """Yields the lines of kubectl that are about a call, each with the time at which its node got it."""
    for line in lines:
        found = _LINE.fullmatch(line.rstrip("\n")) if request_id in line else None
        if found is None:
            continue
        pod, container, at, text = found.groups()
        try:
            entry = json.loads(text)
        except ValueError:
            entry = None
        if not isinstance(entry, dict):
            yield at, LogLine(at, pod, container, "", text)
        elif entry.get("request_id") == request_id:
            said = {key: value for key, value in entry.items() if key not in ("time", "level", "message", "logger")}
            time, level, message = (str(entry.get(key, "")) for key in ("time", "level", "message"))
            yield at, LogLine(time or at, pod, container, level, message, said)


def _earlier(fleet: Iterable[Pod]) -> Iterator[list[str]]:
    for pod in fleet:
        for container in pod.restarted:
            yield [pod.name, f"--container={container}", "--previous"]


def _told(cluster: Cluster, arguments: list[str]) -> Iterator[str]:
    """Yields what kubectl prints, as it comes: the logs of a fleet may be large."""
    running = cluster.start(*arguments)
    last: deque[str] = deque(maxlen=_KEPT_LINES)
    try:
        with running.output as lines:
            for line in lines:
                last.append(line)
                yield line
        if running.wait() != 0:
            raise explain("".join(last))
    finally:
        running.end()
