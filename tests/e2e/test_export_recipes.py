# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The recipes of examples/export, each in an environment of its own: what they export is added to a running fleet, and
answers as the framework did. Slow: environments are made once, below .cache/export."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from argosy_client.cli.app import app
from typer.testing import CliRunner

from tests.support.envoy import Gateway, run_gateway
from tests.support.fleet import run_workers

ROOT = Path(__file__).parents[2]
#: Domain and methods that each recipe's graph must be given by itself.
RECIPES = {
    "pytorch": ("vision", ["Classify", "Explain"]),
    "keras": ("tabular", ["Predict", "PredictStream"]),
    "scikit-learn": ("tabular", ["Predict", "PredictStream"]),
    "lightgbm": ("tabular", ["Predict", "PredictStream"]),
    "hugging-face": ("nlp", ["Classify", "Explain", "Tokenize"]),
}
#: Longest time for an export with its addition, in seconds; making the environment is not counted.
MOST_S = 240
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for domain in {domain for domain, _ in RECIPES.values()}:
        (folder / domain).mkdir()
    return folder


@pytest.fixture(scope="module")
def gateway(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    domains = sorted(path.name for path in models.iterdir())
    options = ("--repository-poll-s", "0.2", "--repository-settle-s", "0.1", "--drain-s", "0")
    started = [(domain, models / domain) for domain in domains]
    for _, repository in started:
        _add_first(repository)
    with (
        run_workers(started, *options) as workers,
        run_gateway(
            [(domain, worker.address) for domain, worker in zip(domains, workers, strict=True)],
            tmp_path_factory.mktemp("gateway"),
        ) as running,
    ):
        yield running


def _add_first(repository: Path) -> None:
    """A worker without any model is not ready, and nobody waits for it."""
    from tests.support.models import add_model

    add_model(repository, f"first-{repository.name}")


def environment(recipe: Path) -> Path:
    """Python of the recipe's environment, made where it is not there yet or its requirements have changed."""
    requirements = (recipe / "requirements.txt").read_bytes()
    folder = ROOT / ".cache/export" / f"{recipe.name}-{hashlib.sha256(requirements).hexdigest()[:12]}"
    python = folder / "bin/python"
    if not (folder / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "-r", recipe / "requirements.txt"]
        subprocess.run(install, check=True, timeout=1200)
        (folder / "ready").touch()
    return python


@pytest.mark.parametrize("name", RECIPES)
def test_a_fresh_export_is_added_and_answers_as_its_framework_did(
    name: str, gateway: Gateway, models: Path, tmp_path: Path
) -> None:
    recipe = ROOT / "examples/export" / name
    python = environment(recipe)
    started = time.monotonic()
    variables = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "2", "TF_CPP_MIN_LOG_LEVEL": "3"}
    subprocess.run([python, recipe / "export.py", tmp_path], check=True, timeout=MOST_S, env=variables)
    domain, methods = RECIPES[name]
    command = ["add", str(tmp_path), "--name", name, "--repository", str(models / domain), "--json"]
    ended = CliRunner().invoke(app, [*command, "--address", gateway.address])
    took = time.monotonic() - started
    assert ended.exit_code == 0, ended.output
    facts = json.loads(ended.stdout)
    assert (facts["domain"], facts["methods"]) == (domain, methods)
    assert not [one for one in facts["findings"] if one["weight"] != "note"]
    assert facts["golden_samples_by"] == "framework"
    served = facts["served"]
    assert max(served["difference"].values()) < 1e-4
    assert max(served["difference_from_onnxruntime"].values()) < 1e-6
    assert took < MOST_S
    print(f"{name}: {took:.1f} s, differences {served['difference']}, median {served['latency']['p50_ms']:.2f} ms")
