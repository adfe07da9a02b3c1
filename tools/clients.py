# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``make test-clients``: builds the example clients of other languages and calls a local fleet with them.

Each client is copied to a folder of its own and built from nothing but the exported protos. A language whose toolchain
is missing here is skipped, and said so.
"""

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from argosy.export import export

from tools.free_fleet import free_fleet

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples" / "clients"
IMAGE = ROOT / "models" / "vision" / "digits" / "golden" / "seven.png"
BUILD_TIMEOUT_S = 900.0
RUN_TIMEOUT_S = 120.0

#: What each client has to print, one line a call. Languages spell status codes in their own way.
EXPECTED = (
    re.compile(r"answer: 7 \(0\.9\d+\)|answer: 7 \(1\.0+\)"),
    re.compile(r"too late: DEADLINE_?EXCEEDED", re.IGNORECASE),
    re.compile(r"unknown model: NOT_?FOUND MODEL_NOT_FOUND", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Programs that a language needs, and its oldest usable version."""

    programs: tuple[str, ...]
    version: tuple[str, ...]
    oldest: tuple[int, ...]

    def missing(self) -> str:
        """Returns why the language cannot be built here; empty where it can."""
        absent = [program for program in self.programs if shutil.which(program) is None]
        if absent:
            return f"no {' and no '.join(absent)}"
        done = subprocess.run(self.version, capture_output=True, text=True, check=False)
        found = re.search(r"\d+(\.\d+)*", done.stdout + done.stderr)
        if done.returncode != 0 or found is None:
            return f"{' '.join(self.version)} does not work"
        if tuple(map(int, found.group().split("."))) < self.oldest:
            return f"version {found.group()} is older than {'.'.join(map(str, self.oldest))}"
        return ""


@dataclass(frozen=True, slots=True)
class Client:
    """How one example is built and run. In commands {protos}, {address} and {image} stand for what they say."""

    name: str
    toolchain: Toolchain
    build: tuple[tuple[str, ...], ...]
    run: tuple[str, ...]


MAVEN = ("mvn", "--quiet", "--batch-mode", "-Dstyle.color=never", "-Dprotos={protos}")
CLIENTS = (
    Client(
        "go",
        Toolchain(("go",), ("go", "version"), (1, 24)),
        (("./generate.sh", "{protos}"), ("go", "build", "-o", "client", ".")),
        ("./client", "{address}", "{image}"),
    ),
    Client(
        "node",
        Toolchain(("node", "npm"), ("node", "--version"), (18,)),
        (("npm", "install", "--no-package-lock", "--no-fund", "--no-audit", "--loglevel=error"),),
        ("node", "client.js", "{address}", "{image}", "{protos}"),
    ),
    Client(
        "java",
        Toolchain(("javac", "mvn"), ("javac", "-version"), (17,)),
        ((*MAVEN, "package"),),
        (*MAVEN, "exec:java", "-Dexec.args={address} {image}"),
    ),
)


class Failed(Exception):
    """A client could not be built, or answered wrongly. The text is for people."""


def execute(client: Client, command: Sequence[str], folder: Path, timeout_s: float, values: dict[str, str]) -> str:
    """Runs a command of a client and returns what it printed. Raises Failed."""
    # protoc comes with grpcio-tools.
    environment = {**os.environ, "PROTOC": f"{sys.executable} -m grpc_tools.protoc"}
    filled = [argument.format_map(values) for argument in command]
    try:
        done = subprocess.run(
            filled, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(filled)}: not done after {timeout_s:g} s") from None
    if done.returncode != 0:
        raise Failed(f"{' '.join(filled)}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-4000:]}")
    return done.stdout


def without_colours(output: str) -> str:
    """Removes the escape sequences that Maven prints even when it is asked not to."""
    return re.sub(r"\x1b\[[0-9;]*m", "", output).strip()


def check_output(output: str) -> None:
    """Raises Failed unless the lines are the expected ones."""
    lines = without_colours(output).splitlines()
    if len(lines) != len(EXPECTED) or not all(map(re.fullmatch, EXPECTED, lines)):
        raise Failed(f"expected {[pattern.pattern for pattern in EXPECTED]}, it printed:\n{output}")


def built(clients: Sequence[Client], work: Path, protos: Path, outcomes: dict[str, str]) -> list[Client]:
    """Builds clients and returns those that can be run; the others' outcomes are noted."""
    usable = []
    for client in clients:
        begin = time.monotonic()
        reason = client.toolchain.missing()
        if reason:
            outcomes[client.name] = f"SKIPPED {client.name}: {reason}"
            continue
        shutil.copytree(EXAMPLES / client.name, work / client.name)
        try:
            for command in client.build:
                execute(client, command, work / client.name, BUILD_TIMEOUT_S, {"protos": str(protos)})
        except Failed as error:
            outcomes[client.name] = f"FAILED {client.name}: {error}"
            continue
        print(f"{client.name}: built in {time.monotonic() - begin:.0f} s", flush=True)
        usable.append(client)
    return usable


def called(client: Client, work: Path, values: dict[str, str]) -> str:
    """Runs a built client and returns its outcome."""
    try:
        output = execute(client, client.run, work / client.name, RUN_TIMEOUT_S, values)
        check_output(output)
    except Failed as error:
        return f"FAILED {client.name}: {error}"
    print("".join(f"{client.name}: {line}\n" for line in without_colours(output).splitlines()), end="", flush=True)
    return f"passed {client.name}"


async def run(clients: Sequence[Client], work: Path) -> dict[str, str]:
    """Builds and runs clients and returns the outcome of each."""
    outcomes: dict[str, str] = {}
    protos = work / "protos"
    export(protos)
    usable = await asyncio.to_thread(built, clients, work, protos, outcomes)
    if usable:
        async with free_fleet(work / "fleet", {"vision": ROOT / "models" / "vision"}) as address:
            values = {"protos": str(protos), "address": address, "image": str(IMAGE)}
            for client in usable:
                outcomes[client.name] = await asyncio.to_thread(called, client, work, values)
    return outcomes


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the clients named, or all; 0 where none failed."""
    parser = argparse.ArgumentParser(prog="tools.clients", description=__doc__)
    parser.add_argument("names", nargs="*", help="languages to try; all of them where none is named")
    names = parser.parse_args(arguments).names
    unknown = sorted(set(names) - {client.name for client in CLIENTS})
    if unknown:
        parser.error(f"no client in {', '.join(unknown)}")
    clients = [client for client in CLIENTS if not names or client.name in names]
    with tempfile.TemporaryDirectory() as work:
        outcomes = asyncio.run(run(clients, Path(work)))
    print("\n".join(outcomes.values()))
    kinds = [outcome.split()[0] for outcome in outcomes.values()]
    print(f"{kinds.count('passed')} passed, {kinds.count('FAILED')} failed, {kinds.count('SKIPPED')} skipped")
    return 1 if "FAILED" in kinds else 0


if __name__ == "__main__":
    sys.exit(main())
