# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Alerts fire when they should, and every query asks for something that the fleet exports."""

import json
import re
import subprocess
import urllib.request
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from argosy_client import Argosy, NotFoundError
from argosy_gateway.controller import metrics
from prometheus_client import generate_latest

from tests.contract.manifests.metrics import Query, Recorded, alerts, dashboards, parse, queries
from tests.contract.manifests.rendered import ROOT, Manifests, combined
from tests.support.envoy import free_ports, run_gateway
from tests.support.gomodules import Missing, program
from tests.support.worker import run_worker

ALERT_TESTS = Path(__file__).parent / "alerts.yaml"
PROMTOOL = ("github.com/prometheus/prometheus/cmd/promtool", "v0.316.0")


@pytest.fixture(scope="module")
def fleet() -> Manifests:
    """A fleet that is watched."""
    return combined("dev", "monitoring")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """The metrics of a worker, a control plane and an Envoy that have answered calls, and of a controller."""
    (status_port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("gateway")
    with (
        run_worker("nlp", ROOT / "models/nlp", wait_for=["models"]) as worker,
        run_gateway([("nlp", worker.address)], folder, envoy_options=["--status-port", str(status_port)]) as gateway,
        Argosy(gateway.address) as argosy,
    ):
        for _ in range(3):
            argosy.nlp.classify("A lovely film.")
        with pytest.raises(NotFoundError):
            argosy.nlp.classify("A lovely film.", version=99)
        argosy.models()
        ports = (worker.metrics_port, gateway.metrics_port, status_port)
        controller = generate_latest(metrics.registry(lambda: 1)).decode()
        pages = (page(port, "/stats/prometheus" if port == status_port else "/metrics") for port in ports)
        return parse(controller, *pages)


def page(port: int, path: str) -> str:
    """A page of metrics."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        text: str = answer.read().decode()
        return text


@pytest.fixture(scope="module")
def promtool() -> str:
    """Prometheus' own tool."""
    try:
        return str(program("promtool"))
    except Missing as reason:
        pytest.skip(str(reason))


def test_every_query_reads_metrics_that_the_fleet_exports(fleet: Manifests, recorded: Recorded) -> None:
    unknown = {query.place: query.names() - recorded.names for query in queries(fleet)}
    assert {place: names for place, names in unknown.items() if names} == {}
    assert all(query.names() for query in queries(fleet))


def test_every_query_runs_on_what_was_recorded(
    fleet: Manifests, recorded: Recorded, promtool: str, tmp_path: Path
) -> None:
    """Those whose metrics have samples also find something."""
    asked = {query.plain(): query for query in queries(fleet)}
    document = {
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": list(recorded.series()),
                "promql_expr_test": [{"expr": text, "eval_time": "15m", "exp_samples": []} for text in asked],
            }
        ],
    }
    (tmp_path / "queries.yaml").write_text(yaml.safe_dump(document))
    done = subprocess.run([promtool, "test", "rules", "queries.yaml"], cwd=tmp_path, capture_output=True, text=True)
    output = done.stdout + done.stderr
    assert "error" not in output.lower(), output
    # promtool expected nothing, and complains of each query that found something.
    found = {json.loads(text) for text in re.findall(r'expr: ("(?:[^"\\]|\\.)*")', output)}
    sampled = {series.partition("{")[0] for series in recorded.samples}
    idle = {query.place for text, query in asked.items() if text not in found and query.names() <= sampled}
    # No call failed by a fault of the fleet, and so nothing warned.
    assert {place for place in idle if not place.startswith("Argosy")} <= {"fleet.json: Calls that failed"}


def test_alerts_fire_when_they_should_and_only_then(fleet: Manifests, promtool: str, tmp_path: Path) -> None:
    groups = fleet.of("PrometheusRule")[0]["spec"]["groups"]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": groups}))
    (tmp_path / "alerts.yaml").write_bytes(ALERT_TESTS.read_bytes())
    done = subprocess.run([promtool, "test", "rules", "alerts.yaml"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_tested_when_it_fires_and_when_it_does_not(fleet: Manifests) -> None:
    cases = [case for test in yaml.safe_load(ALERT_TESTS.read_text())["tests"] for case in test["alert_rule_test"]]
    tested = {(case["alertname"], bool(case["exp_alerts"])) for case in cases}
    assert tested == {(rule["alert"], fires) for rule in alerts(fleet) for fires in (True, False)}


def test_alerts_say_how_bad_it_is_and_what_to_do(fleet: Manifests) -> None:
    for rule in alerts(fleet):
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert rule["annotations"].keys() == {"summary", "description"}
        assert rule["alert"].startswith("Argosy")


@pytest.mark.slow
@pytest.mark.timeout(1300)
def test_promtool_can_be_built_from_its_module() -> None:
    """From then on the tests above run."""
    try:
        built = program("promtool", *PROMTOOL, tags="remove_all_sd")
    except Missing as reason:
        pytest.skip(str(reason))
    done = subprocess.run([built, "--version"], capture_output=True, text=True)
    assert "promtool" in done.stdout + done.stderr


def test_what_is_scraped_has_the_ports_that_the_monitors_name(fleet: Manifests) -> None:
    scraped = set()
    for monitor in fleet.of("PodMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        for key, pod in fleet.pods().items():
            if wanted <= pod["metadata"]["labels"].items():
                ports = {
                    port["name"]
                    for each in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"])
                    for port in each.get("ports", ())
                }
                assert {endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]} <= ports
                scraped.add(key)
    assert scraped == {key for key in fleet.pods() if key.startswith("Deployment/")}


def test_dashboards_are_of_one_kind(fleet: Manifests) -> None:
    found = dashboards(fleet)
    assert len({dashboard["uid"] for dashboard in found.values()}) == len(found) == 3
    for dashboard in found.values():
        assert dashboard["title"].startswith("Argosy / ")
        variables = {variable["name"] for variable in dashboard["templating"]["list"]}
        assert {"datasource", "namespace"} <= variables
        assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
        for panel in dashboard["panels"]:
            assert panel["title"] and panel["description"].endswith("."), panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"]
            for target in panel["targets"]:
                assert target["legendFormat"]
                assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
                assert 'namespace=~"$namespace"' in target["expr"]
                assert used(target["expr"]) <= variables | {"__rate_interval"}
        assert not [pair for pair in combinations(dashboard["panels"], 2) if overlap(*pair)]


def used(expression: str) -> set[str]:
    """The variables of a query."""
    return set(re.findall(r"\$(\w+)", expression))


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two panels cover each other."""
    a, b = one["gridPos"], other["gridPos"]
    return bool(
        a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]
    )


def test_a_query_that_asks_for_nothing_is_noticed(recorded: Recorded) -> None:
    assert Query("", "rate(argosy_no_such_total[5m])").names() - recorded.names == {"argosy_no_such_total"}
