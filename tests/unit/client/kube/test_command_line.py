# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy --kube``: every verb through a forwarded port, and the verbs of operators."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from argosy.fleet.v1 import fleet_pb2
from argosy_client.cli.app import app
from typer.testing import CliRunner, Result

from tests.support.envoy import wait_for
from tests.unit.client.fake_fleet import FakeFleet
from tests.unit.client.kube.fake_kubectl import FakeKubectl, pod

Argosy = Callable[..., Result]
METRICS = b'argosy_queue_items{domain="vision",model="digits",version="3"} 5\n'


@pytest.fixture
def argosy(kubectl: FakeKubectl, fleet: FakeFleet) -> Argosy:
    """The command line; the gateway's pod is the fake fleet. ARGOSY_ADDRESS leads elsewhere."""
    kubectl.pods(pod("gateway-a", component="gateway"), pod("worker-a", ip="10.0.0.7"), pod("worker-b", ip="10.0.0.8"))
    kubectl.forwards({"gateway-a:8080": int(fleet.address.rpartition(":")[2])})

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(app, arguments, env={"ARGOSY_ADDRESS": "127.0.0.1:1", "NO_COLOR": "1"})
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def metrics() -> Iterator[int]:
    """The port of a worker's metrics."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(METRICS)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "words", [("models",), ("models", "show", "digits"), ("workers",), ("health",), ("nlp", "classify", "fine")]
)
def test_a_verb_asks_the_fleet_on_kubernetes(
    argosy: Argosy, kubectl: FakeKubectl, fleet: FakeFleet, words: tuple[str, ...]
) -> None:
    result = argosy("--kube", *words)
    assert result.exit_code == 0, result.output
    assert fleet.asked
    assert [asked[0] for asked in kubectl.asked()] == ["get", "port-forward"]
    assert not kubectl.running()


def test_the_namespace_and_the_context_are_kubectl_s(argosy: Argosy, kubectl: FakeKubectl) -> None:
    assert argosy("--kube", "--namespace", "team", "--context", "there", "models").exit_code == 0
    assert all({"--namespace=team", "--context=there"} <= set(asked) for asked in kubectl.asked())


def test_top_reads_the_metrics_of_workers_through_their_pods(
    argosy: Argosy, kubectl: FakeKubectl, fleet: FakeFleet, metrics: int
) -> None:
    gateway = int(fleet.address.rpartition(":")[2])
    kubectl.forwards({"gateway-a:8080": gateway, "worker-a:9101": metrics})
    workers = [
        fleet_pb2.Worker(replica=f"worker-{name}", domain="vision", address=address, metrics_address="0.0.0.0:9101")
        for name, address in (("a", "10.0.0.7:8101"), ("b", "10.0.0.8:8101"))
    ]
    fleet.answers["/argosy.fleet.v1.FleetService/ListWorkers"] = fleet_pb2.ListWorkersResponse(workers=workers)
    result = argosy("--kube", "top", "--json", "--interval", "0.1")
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    assert {one["model"]: one["queue_items"] for one in shown["models"]}["digits"] == 5, shown
    troubles = {one["replica"]: one["error"] for one in shown["workers"]}
    assert troubles["worker-a"] == ""
    assert "the port-forward to worker-b ended" in troubles["worker-b"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--kube", "--address", "a:1", "models"), "No such option: --address"),
        (("--kube", "models", "--address", "127.0.0.1:1"), "--kube finds the gateway by itself"),
        (("--namespace", "team", "models"), "argosy --kube --namespace"),
        (("--context", "there", "models"), "argosy --kube --context"),
        (("drain", "worker-a"), "argosy --kube drain"),
        (("logs", "seven"), "argosy --kube logs"),
        (("--kube", "xds-bootstrap"), "leave --kube out"),
        (("--kube", "models", "label", "digits", "stable=1"), "leave --kube out"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    argosy: Argosy, kubectl: FakeKubectl, words: tuple[str, ...], message: str
) -> None:
    result = argosy(*words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert kubectl.asked() == []


def test_what_the_cluster_says_is_one_line(argosy: Argosy, kubectl: FakeKubectl) -> None:
    kubectl.say("error", "The connection to the server 127.0.0.1:1 was refused - did you specify the right host?")
    result = argosy("--kube", "models")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "argosy: no cluster can be reached: The connection to the server 127.0.0.1:1 was refused - did you specify the "
        "right host?\n"
    )
    result = argosy("--kube", "logs", "seven", "--json")
    assert json.loads(result.stderr)["error"]["code"] == "KUBERNETES"


def test_drain_says_that_nothing_was_in_flight(argosy: Argosy, kubectl: FakeKubectl) -> None:
    terminated = {"terminated": {"exitCode": 0, "finishedAt": "2026-11-30T06:00:04Z"}}
    last = pod(
        "worker-a",
        deletionTimestamp="2026-11-30T06:00:30Z",
        deletionGracePeriodSeconds=30,
        status={"containerStatuses": [{"name": "main", "state": terminated}]},
    )
    events = (("ADDED", pod("worker-a")), ("DELETED", last))
    kubectl.say("watch.txt", "\n".join(json.dumps({"type": kind, "object": each}) for kind, each in events))
    result = argosy("--kube", "drain", "worker-a")
    assert result.exit_code == 0, result.output
    assert result.stdout == "worker-a has ended after 4 s: nothing was in flight\n"


def test_logs_shows_a_call_and_exits_with_1_where_there_is_nothing(argosy: Argosy, kubectl: FakeKubectl) -> None:
    entry = {"time": "T", "level": "ERROR", "message": "engine fault", "request_id": "seven", "model": "digits"}
    kubectl.say("logs.txt", f"[pod/worker-a/worker] 2026-11-30T06:00:00Z {json.dumps(entry)}\n")
    result = argosy("--kube", "logs", "seven")
    assert result.exit_code == 0, result.output
    assert result.stdout == "T worker-a/worker ERROR engine fault request_id=seven model=digits\n"
    (line,) = json.loads(argosy("--kube", "logs", "seven", "--json").stdout)
    assert (line["pod"], line["fields"]["model"]) == ("worker-a", "digits")
    missing = argosy("--kube", "logs", "eight")
    assert (missing.exit_code, missing.stderr) == (1, "argosy: no pod has logged anything of eight\n")
    assert argosy("--kube", "logs", " ").exit_code == 2, "all lines are of no call"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_kubectl_never_outlives_the_command_line(kubectl: FakeKubectl, number: signal.Signals) -> None:
    kubectl.pods(pod("gateway-a", component="gateway"))
    kubectl.forwards({"gateway-a:8080": 0})  # the command line waits for it
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell may have it ignored
        "sys.argv = ['argosy', '--kube', 'models']; from argosy_client.cli.main import main; main()"
    )
    environment = {**os.environ, "ARGOSY_ADDRESS": ""}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE) as process:
        wait_for(lambda: any(asked[0] == "port-forward" for asked in kubectl.asked()), "the forward")
        (forward,) = kubectl.running()
        process.send_signal(number)
        process.communicate(timeout=20)
    wait_for(lambda: forward not in kubectl.running(), "kubectl to end")
    assert process.returncode == (130 if number is signal.SIGINT else -number)


def test_a_shell_completes_the_options_and_what_the_cluster_has(argosy: Argosy) -> None:
    def completed(line: str) -> list[str]:
        environment = {
            "_ARGOSY_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        }
        return CliRunner().invoke(app, [], prog_name="argosy", env=environment).stdout.split()

    assert argosy
    assert completed("argosy --k") == ["--kube"]
    assert completed("argosy --kube --nam") == ["--namespace"]
    assert completed("argosy --kube --context t") == ["there"]
    assert completed("argosy --kube dr") == ["drain"]
    assert completed("argosy --kube drain worker-") == ["worker-a", "worker-b"]
    assert completed("argosy --kube drain --even") == ["--even-last"]


def test_without_kube_nothing_of_it_is_loaded() -> None:
    program = (
        "import sys; sys.argv = ['argosy', 'protos', '--help']\n"
        "from argosy_client.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('loaded:', {'argosy_client.kube.kubectl', 'kubernetes', 'grpc'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "loaded: set()" in done.stdout, done.stderr
