# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The small programs that are in images and in no package."""

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "docker"


def program(name: str) -> ModuleType:
    """Imports a program of an image by its file."""
    specification = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def repository(folder: Path) -> Path:
    for name in ("vision/digits", "nlp/sentiment"):
        (folder / name / "1").mkdir(parents=True)
        (folder / name / "1" / "model.onnx").write_text(name)
    (folder / "README.md").write_text("no model")
    return folder


def test_models_are_copied_whole_and_only_those_that_have_changed(tmp_path: Path) -> None:
    copy_models = program("copy_models")
    source, target = repository(tmp_path / "source"), tmp_path / "target"
    assert copy_models.copy(source, target) == ["nlp/sentiment", "vision/digits"]
    assert (target / "nlp/sentiment/1/model.onnx").read_text() == "nlp/sentiment"
    (target / "vision/digits/1/model.onnx").write_text("an earlier one")
    (target / "vision/digits/2").mkdir()
    (target / "vision/digits/2/model.onnx").write_text("gone since")
    assert copy_models.copy(source, target) == ["vision/digits"]
    assert (target / "vision/digits/1/model.onnx").read_text() == "vision/digits"
    assert sorted(str(path.relative_to(target)) for path in target.glob("*/*/*")) == [
        "nlp/sentiment/1",
        "vision/digits/1",
    ]


def test_a_volume_that_cannot_be_written_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "target").write_text("a file")
    copy_models = program("copy_models")
    assert copy_models.main([str(tmp_path / "target"), "--source", str(repository(tmp_path / "source"))]) == 1
    assert capsys.readouterr().err.count("\n") == 1


class Admin(BaseHTTPRequestHandler):
    """Envoy's admin, whose callers leave one at a time once they were told to."""

    asked: list[str]
    callers: list[int]

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self._answer(
            f"http.gateway.downstream_cx_active: {self.callers.pop() if len(self.callers) > 1 else self.callers[0]}\n"
        )

    def do_POST(self) -> None:
        self.asked.append(f"POST {self.path}")
        self._answer("OK\n")


@contextmanager
def admin(callers: list[int]) -> Iterator[tuple[str, list[str]]]:
    handler = type("Handler", (Admin,), {"asked": [], "callers": callers})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        try:
            yield f"127.0.0.1:{server.server_port}", handler.asked
        finally:
            server.shutdown()
            serving.join()


def test_callers_are_told_to_leave_before_envoy_stops_and_are_waited_for() -> None:
    with admin([0, 1, 3]) as (address, asked):
        assert program("envoy_drain").main(["--admin", address, "--delay", "0", "--seconds", "10"]) == 0
    assert asked[0] == "POST /drain_listeners?graceful"
    assert len(asked) == 4


def test_callers_that_stay_are_not_waited_for_longer_than_allowed() -> None:
    with admin([1]) as (address, asked):
        assert program("envoy_drain").main(["--admin", address, "--delay", "0", "--seconds", "0.3"]) == 0
    assert asked[0].startswith("POST")


def test_an_envoy_that_does_not_answer_is_not_ready(capsys: pytest.CaptureFixture[str]) -> None:
    with admin([0]) as (address, _):
        assert program("envoy_drain").main(["--admin", address, "--ready"]) == 0
    assert program("envoy_drain").main(["--admin", address, "--ready"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_extras_bring_what_the_extras_that_they_name_need() -> None:
    project = {
        "dependencies": ["grpcio>=1"],
        "optional-dependencies": {
            "all": ["argosy[cli, worker]", "extra>=3"],
            "cli": ["typer>=2"],
            "worker": ["argosy[cli]", "uvloop>=1"],
            "other": ["never>=1"],
        },
    }
    requirements = program("dependencies").requirements
    assert requirements(project, ["all"]) == ["extra>=3", "grpcio>=1", "typer>=2", "uvloop>=1"]
    with pytest.raises(KeyError, match="unknown"):
        requirements(project, ["unknown"])


def test_only_the_bytecode_of_what_was_imported_stays(tmp_path: Path) -> None:
    used, other = tmp_path / "package/__pycache__/used.pyc", tmp_path / "package/__pycache__/other.pyc"
    used.parent.mkdir(parents=True)
    for path in (used, other, tmp_path / "package/other.py"):
        path.touch()
    assert program("slim").unused(tmp_path, [str(used)]) == [other]
