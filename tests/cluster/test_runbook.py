# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""docs/runbook.md: each incident happens, and each command of the page is typed, in order, and prints what is shown."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cluster import api_server
from tests.cluster.fleet import DEV, Fleet, overlay
from tests.cluster.incidents import AWAY, INCIDENTS, PAGE, no_api_server
from tests.cluster.kube import Kube
from tests.contract.docs_pages import ROOT, Block, below, matches

pytestmark = pytest.mark.timeout(600)

COMMAND_S = 180
#: What is over may take a moment to show: one looks again.
LOOK_AGAIN_S = 90


@dataclass(frozen=True)
class Operator:
    """Somebody who types the page's commands in the checkout."""

    overlay: Path

    def type(self, command: str) -> tuple[int, str]:
        """Runs a command; returns its exit code and all that it printed."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("ARGOSY_")}
        typed = ["bash", "-c", command.replace(str(DEV.relative_to(ROOT)), str(self.overlay))]
        done = subprocess.run(
            typed,
            cwd=ROOT,
            env={**environment, "PATH": path, "COLUMNS": "200", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )
        return done.returncode, done.stdout

    def follow(self, block: Block) -> None:
        """Types all commands of a block. Fails where one ends otherwise, or prints something else, than is shown."""
        step, _, how = block.argument.partition(", ")
        assert step in ("look", "do", "over"), block
        for command, shown in block.commands():
            end = time.monotonic() + (LOOK_AGAIN_S if step == "over" else 0)
            while True:
                code, printed = self.type(command)
                as_shown = not shown.strip() or matches(shown, printed)
                if as_shown and (code != 0) is (how == "fails"):
                    break
                assert time.monotonic() < end, f"{block}: {command} exits with {code} and prints\n{printed}"


@pytest.fixture(scope="module")
def operator(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """An operator of the fleet, which has one of everything before and after."""
    yield Operator(overlay(tmp_path_factory.mktemp("runbook")))
    fleet.ready()


@pytest.mark.parametrize("heading", INCIDENTS)
def test_an_incident_is_seen_and_ended_by_the_page_s_commands(
    fleet: Fleet, callers: Kube, operator: Operator, heading: str
) -> None:
    fleet.ready()
    with INCIDENTS[heading](fleet, callers):
        for block in below(PAGE, heading):
            operator.follow(block)


@api_server.needed
def test_an_api_server_that_is_away_is_seen_and_its_return_too(fleet: Fleet, callers: Kube, operator: Operator) -> None:
    fleet.ready()
    look, over = below(PAGE, AWAY)
    with no_api_server(fleet, callers):
        operator.follow(look)
    operator.follow(over)
    api_server.settled()
