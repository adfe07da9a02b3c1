# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Every command and program that the documentation marks is executed, in order, and prints what the page shows."""

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from argosy import v2
from google.protobuf.descriptor import MethodDescriptor
from prometheus_client.parser import text_string_to_metric_families

from tests.contract.docs_fleet import DocumentedFleet, run_documented_fleet
from tests.contract.docs_grpcurl import grpcurl
from tests.contract.docs_pages import ROOT, Block, blocks, matches, pages
from tools import reference

COMMAND_SECONDS = 60
#: README.md last: it ends with a fleet of its own, and the other pages share one.
WITH_COMMANDS = sorted(
    (page for page in pages() if any(block.mark == "run" for block in blocks(page))),
    key=lambda page: page.parent == ROOT,
)


class Reader:
    """Somebody who types a page's commands in a folder that looks like the checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fleet: DocumentedFleet | None = None
        self._stack = contextlib.ExitStack()
        self._document = ""
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith("ARGOSY_")}
        self._environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        for name in ("deploy", "examples", "models"):
            (folder / name).symlink_to(ROOT / name)

    def start(self, document: str) -> None:
        """Starts a fleet, if it is not the one that runs, which stops."""
        if document == self._document:
            return
        self.stop()
        self.fleet = self._stack.enter_context(run_documented_fleet(document, self.folder, self._environment))
        self._environment["ARGOSY_ADDRESS"] = self.fleet.address
        self._environment["ARGOSY_XDS"] = f"127.0.0.1:{self.fleet.ports[18000]}"
        self._document = document

    def stop(self) -> None:
        """Stops the fleet."""
        self._document = ""
        self._stack.close()

    def type(self, command: str) -> tuple[int, str]:
        """Runs a command; returns its exit code and all that it printed."""
        command = self.fleet.here(command) if self.fleet else command
        if command.startswith("grpcurl ") and not shutil.which("grpcurl"):
            return 0, grpcurl(shlex.split(command)[1:])
        if command.startswith("curl -s ") and not shutil.which("curl"):
            with urllib.request.urlopen(command.removeprefix("curl -s "), timeout=10) as answer:  # noqa: S310
                return 0, answer.read().decode()
        return self._run(["bash", "-c", command])

    def program(self, text: str) -> tuple[int, str]:
        """Runs a Python program."""
        return self._run([sys.executable, "-c", text])

    def _run(self, command: list[str]) -> tuple[int, str]:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    made = Reader(tmp_path_factory.mktemp("checkout"))
    yield made
    made.stop()


def test_the_table_of_v2_methods_is_what_worker_and_gateway_answer(reader: Reader) -> None:
    reader.start("deploy/local/fleet.yaml")
    assert reader.fleet is not None
    listed = (line.split("|")[1:4] for line in (ROOT / "docs/protocols.md").read_text().splitlines())
    rows = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in listed if len(cells) == 3}
    for port, column in ((8101, 0), (8080, 1)):
        with grpc.insecure_channel(f"127.0.0.1:{reader.fleet.ports[port]}") as channel:
            for method in v2.service().methods:
                refused = _status(channel, method) is grpc.StatusCode.UNIMPLEMENTED
                assert (rows[method.name][column] == "UNIMPLEMENTED") is refused, f"{method.name} at {port}"


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_commands_of_a_page_work_and_print_what_it_shows(page: Path, reader: Reader) -> None:
    listed = [block for block in blocks(page) if block.mark in ("run", "output")]
    for index, block in enumerate(listed):
        if block.mark == "output":
            continue
        if block.argument.startswith("fleet "):
            reader.start(block.argument.removeprefix("fleet "))
        if block.language == "python":
            follows = listed[index + 1] if index + 1 < len(listed) else None
            shown = follows.text if follows and follows.mark == "output" else ""
            _compare(block, block.text, shown, *reader.program(block.text))
        else:
            for command, shown in block.commands():
                _compare(block, command, shown, *reader.type(command))


def _compare(block: Block, command: str, shown: str, code: int, printed: str) -> None:
    failed = code != 0
    assert failed is (block.argument == "fails"), f"{block}: {command} exits with {code}:\n{printed}"
    if shown.strip():
        assert matches(shown, printed), f"{block}: {command} prints\n{printed}\nwhere the page shows\n{shown}"


@pytest.mark.parametrize(("port", "table"), [(9103, "worker-metrics"), (18001, "control-plane-metrics")])
def test_the_tables_of_metrics_are_what_is_scraped(port: int, table: str, reader: Reader) -> None:
    reader.start("deploy/local/fleet.yaml")
    code, printed = reader.type('argosy nlp classify "A lovely film."')
    assert code == 0, printed
    scraped = dict(_scraped(reader.type(f"curl -s http://127.0.0.1:{port}/metrics")[1]))
    cells = [line.split("|")[1:4] for line in reference.SECTIONS[table]().splitlines()[2:]]
    documented = {name.strip(" `"): set(re.findall(r"`(\w+)`", labels)) for name, _, labels in cells}
    assert len(scraped) >= 4
    assert scraped.items() <= documented.items()
    unused = {
        "argosy_gateway_ads_nacks_total",
        "argosy_gateway_front_calls_total",
        "argosy_gateway_front_model_calls_total",
        "argosy_shadow_requests_total",  # nothing is mirrored here
        "argosy_shadow_request_seconds",
        "argosy_shadow_compute_seconds",
        "argosy_shadow_dropped_total",
        "argosy_shadow_difference",
        "argosy_gateway_wake_seconds",  # nothing is scaled here
        "argosy_gateway_wanted_replicas",
    }
    assert documented.keys() - scraped.keys() <= unused


def _scraped(text: str) -> Iterator[tuple[str, set[str]]]:
    """Yields each metric with its labels, those of a histogram's buckets left out."""
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                name = f"{family.name}_total" if family.type == "counter" else family.name
                yield name, set(sample.labels) - {"le"}


def _status(channel: grpc.Channel, method: MethodDescriptor) -> grpc.StatusCode:
    """The status of a V2 call about the model digits, with nothing else in the message."""
    request = v2.message(method.input_type.name)()
    fields = request.DESCRIPTOR.fields_by_name
    for name in ("name", "model_name"):
        if name in fields and "SharedMemory" not in method.name:
            setattr(request, name, "digits")
    path = f"/{v2.SERVICE}/{method.name}"
    call = channel.stream_stream(path)(iter([request.SerializeToString()]), timeout=10)
    with contextlib.suppress(grpc.RpcError):
        list(call)
    code: grpc.StatusCode = call.code()
    return code
