# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The command ``argosy`` against a real fleet."""

import json
import shutil
from pathlib import Path
from typing import Any

import argosy_client
import pytest

from tests.e2e.requests import FEATURES
from tests.e2e.shell import Ended, argosy_command
from tests.support.fleet import ALL_MODELS, DEMO, MODELS, FleetAddresses

SEVEN = str(MODELS / "vision/digits/golden/seven.png")
YES = str(MODELS / "speech/commands/golden/yes.wav")
ROW = ",".join(f"{name}={value}" for name, value in FEATURES.items())


def run(fleet: FleetAddresses, *arguments: str) -> Ended:
    """Runs a verb against the fleet."""
    return argosy_command(*arguments, "--address", fleet.gateway, "--timeout", "60")


def answer(fleet: FleetAddresses, *arguments: str) -> Any:
    """The JSON that a verb answers."""
    ended = run(fleet, *arguments, "--json")
    assert (ended.status, ended.err) == (0, "")
    return json.loads(ended.out)


def test_each_domain_answers_in_json(fleet: FleetAddresses) -> None:
    assert answer(fleet, "vision", "classify", SEVEN)[0]["labels"][0]["label"] == "7"
    assert answer(fleet, "speech", "classify", YES)[0]["labels"][0]["label"] == "yes"
    assert answer(fleet, "nlp", "classify", "a wonderful day")[0]["labels"][0]["label"] == "positive"
    assert len(answer(fleet, "recommendation", "similar", "mystery-07", "--top-k", "3")["items"]) == 3
    assert 25 < answer(fleet, "tabular", "predict", "--row", ROW)[0]["values"][0] < 346


def test_tables_name_input_answer_and_model(fleet: FleetAddresses) -> None:
    ended = run(fleet, "vision", "classify", SEVEN, SEVEN)
    assert ended.status == 0
    rows = [line.split() for line in ended.out.splitlines() if line.startswith(SEVEN)]
    assert [row[1] for row in rows] == ["7", "7"]
    assert "model digits, version 1" in ended.out


def test_timing_tells_where_the_time_went(fleet: FleetAddresses) -> None:
    ended = run(fleet, "nlp", "classify", "fine", "--timing")
    assert ended.status == 0
    for told in ("queue", "compute", "batch", "replica", "device", "cpu"):
        assert told in ended.out


def test_models_workers_and_health_are_shown(fleet: FleetAddresses) -> None:
    assert [(row["domain"], row["name"]) for row in answer(fleet, "models")] == [
        (domain, name) for domain, names in sorted(ALL_MODELS.items()) for name in names
    ]
    shown = run(fleet, "models", "show", "diabetes")
    assert shown.status == 0
    assert "blood" in shown.out.lower() or "Efron" in shown.out
    assert {row["address"] for row in answer(fleet, "workers")} == set(fleet.workers.values())
    assert answer(fleet, "health") == {"fleet": "SERVING", **dict.fromkeys(DEMO, "SERVING")}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("models", "show", "nope"), "NOT_FOUND (MODEL_NOT_FOUND)"),
        (("nlp", "classify", "fine", "--model", "digits"), "NOT_FOUND (MODEL_NOT_FOUND)"),
        (("vision", "classify", str(MODELS / "vision/digits/model.yaml")), "IMAGE_FORMAT_UNSUPPORTED"),
        (("vision", "classify", "/absent.png"), "No such file"),
        (("recommendation", "similar", "nope"), "INVALID_ARGUMENT (ITEM_UNKNOWN)"),
    ],
    ids=["unknown model", "model of another domain", "no image", "no file", "unknown item"],
)
def test_a_call_that_fails_is_one_line_and_status_1(
    fleet: FleetAddresses, arguments: tuple[str, ...], said: str
) -> None:
    ended = run(fleet, *arguments)
    assert (ended.status, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert said in line


def test_an_error_in_json_is_one_object_with_its_reason(fleet: FleetAddresses) -> None:
    ended = run(fleet, "models", "show", "nope", "--json")
    assert ended.status == 1
    error = json.loads(ended.err)["error"]
    assert (error["code"], error["reason"], error["metadata"]) == ("NOT_FOUND", "MODEL_NOT_FOUND", {"model": "nope"})


def test_a_fleet_that_is_not_there_is_one_line_and_status_1() -> None:
    ended = argosy_command("health")
    assert (ended.status, ended.out) == (1, "")
    (line,) = ended.err.splitlines()
    assert "no answer at 127.0.0.1:1" in line


def test_the_demo_is_right_in_every_domain(fleet: FleetAddresses) -> None:
    ended = run(fleet, "demo")
    assert (ended.status, ended.err) == (0, "")
    for domain in DEMO:
        assert domain in ended.out


def test_the_demo_fails_where_an_answer_differs(fleet: FleetAddresses, tmp_path: Path) -> None:
    package = tmp_path / "argosy_client"
    shutil.copytree(Path(argosy_client.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    golden = package / "demo/data/vision/digits/golden/seven.json"
    known = json.loads(golden.read_text())
    known["response"]["results"][0]["labels"][0]["label"] = "8"
    golden.write_text(json.dumps(known))
    ended = argosy_command("demo", "--address", fleet.gateway, package=tmp_path)
    assert ended.status == 1
    assert "is '7', not '8'" in ended.out
