# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The demo against a fleet in this process that answers as expected, differently, or not at all."""

import io
import json

import grpc
import pytest
from argosy.status import Problem
from argosy_client import demo
from argosy_client.cli.app import app
from google.protobuf import json_format
from rich.console import Console
from typer.testing import CliRunner

from tests.unit.client.fake_fleet import FakeFleet, serve


@pytest.fixture
def knowing(fleet: FakeFleet) -> FakeFleet:
    """A fleet that gives the expected answers."""
    for sample in demo.samples():
        answer = json_format.ParseDict({**sample.expected, "model": sample.model}, sample.response_type())
        fleet.answers[sample.path] = answer
    return fleet


def _run(fleet: FakeFleet) -> tuple[bool, str]:
    screen = io.StringIO()
    good = demo.run(fleet.address, Console(file=screen, width=160))
    return good, screen.getvalue()


def test_expected_answers_make_a_good_demo_that_shows_inputs_and_answers(knowing: FakeFleet) -> None:
    good, shown = _run(knowing)

    assert good
    for text in ("seven.png", "▀", "7 (1.0000)", "yes.wav 0.8 s", "yes (1.0000)", "delicious", "positive", "5 of 5"):
        assert text in shown
    assert knowing.last.metadata["x-model"] == "diabetes"


def test_another_answer_is_a_failed_demo_that_names_the_difference(fleet: FakeFleet) -> None:
    good, shown = _run(fleet)

    assert not good
    assert "0 of 5" in shown
    assert "no: results[0].labels" in shown


def test_a_failing_call_leaves_the_others_and_fails_the_demo(knowing: FakeFleet) -> None:
    knowing.problem = (grpc.StatusCode.UNAVAILABLE, Problem("loading", "MODEL_NOT_READY", {"model": "digits"}))
    knowing.healthy_despite_problem = True

    good, shown = _run(knowing)

    assert not good
    assert shown.count("MODEL_NOT_READY") == 5


def test_models_that_the_fleet_lacks_are_left_out_on_request(knowing: FakeFleet) -> None:
    """The fleet lists digits alone."""
    screen = io.StringIO()

    assert demo.run(knowing.address, Console(file=screen, width=160), only_served=True)
    assert "1 of 1" in screen.getvalue()


def test_nobody_there_is_one_line() -> None:
    gone = FakeFleet()
    serve(gone).stop(None).wait()

    good, shown = _run(gone)

    assert not good
    assert "is the fleet running? make run" in shown


def test_the_command_exits_with_0_only_where_all_are_equal(knowing: FakeFleet) -> None:
    good = CliRunner().invoke(app, ["demo", "--json", "--address", knowing.address])
    knowing.answers.popitem()
    bad = CliRunner().invoke(app, ["demo", "--json", "--address", knowing.address])

    assert (good.exit_code, bad.exit_code) == (0, 1)
    entries = json.loads(good.stdout)
    assert [entry["equal"] for entry in entries] == [True] * 5
    assert set(entries[0]) == {
        *("domain", "method", "model", "version", "equal", "difference", "error", "response", "timing")
    }
    assert [entry["equal"] for entry in json.loads(bad.stdout)] == [True] * 4 + [False]
