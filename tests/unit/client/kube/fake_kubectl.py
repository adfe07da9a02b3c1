# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A ``kubectl`` for tests: a program on PATH that answers from files, as the real one would write it."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Answers from the folder in which it is; what makes it fail comes first.
_PROGRAM = """
import json, os, pathlib, signal, sys, time
folder = pathlib.Path(__file__).resolve().parent
def text(name):
    path = folder / name
    return path.read_text() if path.exists() else ""
options = [one for one in sys.argv[1:] if one.startswith("-")]
words = [one for one in sys.argv[1:] if not one.startswith("-")]
with (folder / "asked.txt").open("a") as asked:
    asked.write(json.dumps([os.getpid(), *sys.argv[1:]]) + "\\n")
if text("error"):
    sys.exit(text("error"))
if words[0] == "port-forward":
    port = json.loads(text("ports.json")).get(words[1].removeprefix("pod/") + words[2])
    if port is None:
        sys.exit('Error from server (NotFound): pods "' + words[1] + '" not found')
    signal.signal(signal.SIGUSR1, lambda *_: sys.exit("error: lost connection to pod"))
    if port:
        print("Forwarding from 127.0.0.1:" + str(port) + " -> 1", flush=True)
    signal.pause()
elif words[0] == "create":
    sys.stdin.read()
    left = int(text("refusals") or 0)
    if left:
        (folder / "refusals").write_text(str(left - 1))
        sys.exit("Error from server (TooManyRequests): Cannot evict pod as it would violate the pod's disruption "
                 "budget.")
    (folder / "evicted").touch()
elif words[0] == "get" and options[0].startswith("--raw"):
    first, *rest = text("watch.txt").splitlines()
    print(first, flush=True)
    while not (folder / "evicted").exists():
        time.sleep(0.01)
    print("\\n".join(rest), flush=True)
    if (folder / "cut").exists():
        sys.exit(print(text("cut"), end=""))
    signal.pause()
elif words[0] == "logs":
    path = folder / ("previous.txt" if "--previous" in options else "logs.txt")
    sys.stdout.buffer.write(path.read_bytes() if path.exists() else b"")
elif words[0] == "config":
    print("here\\nthere")
else:
    print(text("pods.json"))
"""


@dataclass(frozen=True)
class FakeKubectl:
    """The program, and what it answers."""

    folder: Path

    def write(self) -> None:
        """Makes the program."""
        path = self.folder / "kubectl"
        path.write_text(f"#!{sys.executable} -IS\n{_PROGRAM}")
        path.chmod(0o755)
        self.pods()
        self.forwards({})

    def pods(self, *manifests: dict[str, Any]) -> None:
        """Sets the pods that there are."""
        (self.folder / "pods.json").write_text(json.dumps({"items": manifests}))

    def forwards(self, ports: dict[str, int]) -> None:
        """Sets which local port stands for "POD:PORT"; 0 is one that never comes."""
        (self.folder / "ports.json").write_text(json.dumps(ports))

    def say(self, name: str, text: str) -> None:
        """Sets what is in a file: logs.txt, previous.txt, watch.txt, its end ("cut"), refusals, or the error of all."""
        (self.folder / name).write_text(text)

    def asked(self) -> list[list[str]]:
        """The command lines so far."""
        return [one[1:] for one in self._asked()]

    def running(self) -> list[int]:
        """Processes that have not ended."""
        return [pid for pid, *_ in self._asked() if _alive(int(pid))]

    def pid(self, word: str) -> int:
        """The last process with a word in its command line."""
        return max(int(pid) for pid, *words in self._asked() if word in words)

    def _asked(self) -> list[list[Any]]:
        path = self.folder / "asked.txt"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def pod(
    name: str, *, component: str = "worker", ip: str = "10.0.0.7", ready: bool = True, **more: Any
) -> dict[str, Any]:
    """A pod's manifest; ``more`` goes into its metadata and, by status=..., into its status."""
    domain = {"argosy.dev/domain": "vision"} if component == "worker" else {}
    group = "worker-vision" if component == "worker" else component
    labels = {"app.kubernetes.io/component": component, "app.kubernetes.io/name": group, **domain}
    status = {
        "phase": "Running",
        "podIP": ip,
        "conditions": [{"type": "Ready", "status": str(ready)}],
        **more.pop("status", {}),
    }
    env = [{"name": "ARGOSY_WORKER_DRAIN_S", "value": "3"}, {"name": "POD_IP", "valueFrom": {}}]
    metadata = {"name": name, "uid": f"uid-{name}", "creationTimestamp": "2026-11-30T06:00:00Z", "labels": labels}
    return {
        "metadata": {**metadata, **more},
        "spec": {"containers": [{"name": "main", "env": env}], "terminationGracePeriodSeconds": 30},
        "status": status,
    }
