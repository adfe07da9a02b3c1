# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What B7 makes of its figures, how a peer is started, and a server's processes."""

import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from bench.peers import __main__ as b7
from bench.peers import environments, tree
from bench.peers.environments import PEERS, Start
from bench.peers.measure import Figures
from bench.procs import ServerFailed


def figures(server: str, cpu_us: float, b2: float, b3: float) -> list[Figures]:
    return [Figures(server, cpu_us, 1000.0, b2, b3, {"B1": {}, "B2": {}, "B3": {}})]


def measured(**peers: tuple[float, float, float]) -> dict[str, list[Figures]]:
    ours = {b7.WORKER: figures(b7.WORKER, 200, 1, 0.9), b7.GATEWAY: figures(b7.GATEWAY, 300, 0.98, 0.9)}
    return {**ours, **{name: figures(name, *values) for name, values in peers.items()}}


def test_being_ahead_keeps_every_promise() -> None:
    section = b7.section(measured(kserve=(800, 0.06, 0.0), pytriton=(150, 0.6, 0.5)), {}, 1, 5.0)
    assert section.passed
    # A peer that needs less CPU than we do on B1 is shown, and promised against only where we said so.
    assert [bound.name for bound in section.bounds if "B1" in bound.name] == ["B1: CPU of kserve / ours"]
    assert section.table.rows[3][2].startswith("0.75")


@pytest.mark.parametrize("values", [(800, 0.99, 0.0), (800, 0.06, 0.95), (150, 0.06, 0.0)])
def test_being_behind_on_any_of_the_three_breaks_a_promise(values: tuple[float, float, float]) -> None:
    assert not b7.section(measured(kserve=values), {}, 1, 5.0).passed


def test_a_peer_that_does_not_install_is_a_row_that_says_so() -> None:
    section = b7.section({**measured(), "kserve": []}, {"kserve": "does not install: no such package"}, 1, 5.0)
    assert section.table.rows[-1][:2] == ("kserve", "-")
    assert "kserve does not install: no such package" in section.table.notes
    assert section.passed


def test_our_own_wrong_replies_fail_the_run() -> None:
    found = measured()
    found[b7.WORKER][0].others["B1"] = {"OK, but other scores": 1}
    assert not b7.section(found, {}, 1, 5.0).passed


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_peer_is_told_its_port(peer: environments.Peer, tmp_path: Path) -> None:
    command = peer.command(Start(Path("env/bin"), tmp_path, (4001, 4002, 4003), "tiny", 64))
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert "4001" in " ".join(command) + written
    assert command[0].startswith("env/bin/")


def test_what_cannot_be_installed_is_said_with_pips_last_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def failing(command: list[str], **_: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess(command, 1, "", "much\nERROR: no matching distribution\n")

    monkeypatch.setattr(environments, "FOLDER", tmp_path)
    monkeypatch.setattr(subprocess, "run", failing)
    with pytest.raises(ServerFailed, match="does not install: ERROR: no matching distribution"):
        environments.install(PEERS[0])


def test_a_server_is_all_processes_that_inherit_its_token() -> None:
    token = uuid.uuid4().hex
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    command = ["env", f"PEER_TOKEN={token}", sys.executable, "-c", child]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        while len(tree.pids(token)) < 2:
            assert process.poll() is None
        assert process.pid in tree.pids(token)
        assert tree.cpu_seconds(token) >= 0
        tree.end(token)
        process.wait(20)
    give_up = time.monotonic() + 20
    while tree.pids(token):  # what was killed takes a moment to go
        assert time.monotonic() < give_up
