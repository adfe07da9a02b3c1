# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How the command line fails: one line, the right exit code, JSON where JSON is wanted."""

import json
from pathlib import Path

import grpc
import pytest
from argosy.status import Problem
from argosy_client.cli import batch, verbs
from argosy_client.cli.group import load
from argosy_client.cli.verbs import Verb

from tests.unit.client.cli.conftest import Argosy
from tests.unit.client.fake_fleet import FakeFleet, serve


def test_a_failed_call_is_one_line_with_status_reason_and_what_to_do(argosy: Argosy, fleet: FakeFleet) -> None:
    fleet.problem = (grpc.StatusCode.NOT_FOUND, Problem("there is no model 'x'", "MODEL_NOT_FOUND", {"model": "x"}))

    result = argosy("nlp", "classify", "text", "--model", "x")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "argosy: NOT_FOUND (MODEL_NOT_FOUND): there is no model 'x'; 'argosy models' lists what there is\n"
    )


def test_a_failed_call_in_json_has_all_its_fields(argosy: Argosy, fleet: FakeFleet) -> None:
    fleet.problem = (grpc.StatusCode.RESOURCE_EXHAUSTED, Problem("queue full", "QUEUE_FULL", {"limit": "8"}, 0.5))

    result = argosy("models", "--json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads(result.stderr) == {
        "error": {
            "code": "RESOURCE_EXHAUSTED",
            "message": "queue full",
            "reason": "QUEUE_FULL",
            "metadata": {"limit": "8"},
            "retry_after_s": 0.5,
        }
    }


@pytest.mark.parametrize(
    ("code", "problem", "advice"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Problem("full", "QUEUE_FULL", {}, 0.5), "full; try again in 0.5 s"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, Problem("late"), "late; --timeout allows more time"),
        (grpc.StatusCode.UNIMPLEMENTED, Problem("what"), "the gateway of an Argosy fleet?"),
        (
            grpc.StatusCode.UNAVAILABLE,
            Problem("loading", "MODEL_NOT_READY", {"model": "digits"}),
            "'argosy models show digits' says more",
        ),
    ],
)
def test_the_line_says_what_to_do(
    argosy: Argosy, fleet: FakeFleet, code: grpc.StatusCode, problem: Problem, advice: str
) -> None:
    fleet.problem = (code, problem)

    result = argosy("models")

    assert result.exit_code == 1
    assert advice in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_nobody_at_the_address_asks_whether_the_fleet_runs_once_for_all_files(argosy: Argosy, tmp_path: Path) -> None:
    gone = FakeFleet()
    serve(gone).stop(None).wait()
    files = [tmp_path / f"{number}.png" for number in range(9)]
    for file in files:
        file.write_bytes(b"png")

    result = argosy("vision", "classify", *files, "--address", gone.address)

    assert result.exit_code == 1
    assert result.stderr == (
        f"argosy: UNAVAILABLE: no answer at {gone.address} (connection refused); is the fleet running? make run\n"
    )


def test_a_worker_that_the_gateway_cannot_reach_fails_its_file_alone(
    argosy: Argosy, fleet: FakeFleet, tmp_path: Path
) -> None:
    fleet.problem = (grpc.StatusCode.UNAVAILABLE, Problem("upstream connect error or disconnect/reset before headers"))
    files = [tmp_path / "1.png", tmp_path / "2.png"]
    for file in files:
        file.write_bytes(b"png")

    result = argosy("vision", "classify", *files)

    assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [str(file) for file in files]


def test_control_characters_of_a_message_never_reach_the_terminal(argosy: Argosy, fleet: FakeFleet) -> None:
    fleet.problem = (grpc.StatusCode.INTERNAL, Problem("\x1b[2Jgone", "ENGINE_FAULT"))

    assert "\x1b" not in argosy("models").stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("models", "--bogus"), "No such option: --bogus"),
        (("model",), "Did you mean 'models'?"),
        (("nlp", "classify"), "TEXT..."),
        (("nlp", "classify", "text", "--top-k", "-1"), "--top-k"),
        (("models", "--timeout", "0"), "--timeout"),
        (("models", "--address", "http://x"), "host:port"),
        (("nlp", "classify", "text", "--model", "a b"), "a model's name"),
        (("tabular", "predict"), "CSV file or --row"),
        (("tabular", "predict", "--row", "age"), "name=value"),
        (("tabular", "predict", "--row", "age=old"), "not a number"),
        (("tabular", "predict", "--row", "age=1,age=2"), "twice"),
        (("recommendation", "recommend", "--item", "a=-1"), "above 0"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    argosy: Argosy, fleet: FakeFleet, arguments: tuple[str, ...], message: str
) -> None:
    result = argosy(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not fleet.asked


def test_wrong_usage_is_json_where_json_is_wanted(argosy: Argosy) -> None:
    assert json.loads(argosy("models", "--json", "--bogus").stderr)["error"]["code"] == "USAGE"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("age,bmi\n1\n", "rows.csv:2: 1 values for 2 features"),
        ("age,bmi\n1,old\n", "rows.csv:2: 'old' in column 'bmi' is not a number"),
        ("age,age\n1,2\n", "rows.csv:1: the first line must name each feature once"),
        ("age\n", "has no rows"),
        ("", "has no rows"),
    ],
)
def test_a_wrong_csv_names_its_line(argosy: Argosy, fleet: FakeFleet, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(text)

    result = argosy("tabular", "predict", file)

    assert result.exit_code == 2
    assert message in result.stderr
    assert not fleet.asked


def test_a_missing_csv_is_one_line(argosy: Argosy, tmp_path: Path) -> None:
    result = argosy("tabular", "predict", tmp_path / "none.csv")

    assert result.exit_code == 1
    assert result.stderr == f"argosy: No such file or directory: {tmp_path / 'none.csv'}\n"


def test_an_interrupt_ends_quietly_with_130(argosy: Argosy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "_followed", interrupted)
    file = tmp_path / "seven.png"
    file.write_bytes(b"png")

    result = argosy("vision", "classify", file)

    assert (result.exit_code, result.output) == (130, "")


def test_a_verb_whose_package_is_missing_says_what_to_install(argosy: Argosy, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Verb("check", "argosy_worker.not_there:check", "Check.")
    monkeypatch.setattr("argosy_client.cli.group.verbs", lambda: {"check": missing})

    result = argosy("check")

    assert result.exit_code == 2
    assert "install 'argosy[cli,worker,cpu]'" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_verb_may_be_a_function_or_a_typer_app() -> None:
    for verb in verbs.verbs().values():
        assert load(verb).name == verb.name


def test_the_overview_names_every_verb_without_loading_any(argosy: Argosy) -> None:
    result = argosy("--help")

    assert result.exit_code == 0
    for name in ("models", "vision", "demo", "protos", "check", "up"):
        assert name in result.stdout
