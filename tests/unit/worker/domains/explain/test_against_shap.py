# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Our Shapley values beside those of shap, which is fetched once into ``.cache/shap``, not into the environment."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy_worker.domains._shared.explain import methods

from tests.support.tangled import BACKGROUND, ITEM, tangled
from tests.unit.worker.domains.explain.test_explaining import exact_shapley, game_of

ROOT = Path(__file__).parents[5]
FOLDER = ROOT / ".cache/shap"
FETCH_SECONDS = 600.0
PROGRAM = """
import json, shap
from tests.support.tangled import BACKGROUND, ITEM, tangled
masker = shap.maskers.Independent(BACKGROUND, max_samples=len(BACKGROUND))
found = shap.explainers.Exact(tangled, masker)(ITEM[None])
print(json.dumps({"values": found.values[0].tolist(), "base": float(found.base_values[0])}))
"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(FETCH_SECONDS + 240)]


@pytest.fixture(scope="module")
def by_shap() -> dict[str, Any]:
    """What shap finds, in a process of its own."""
    if not (FOLDER / "shap").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*command, "--target", str(FOLDER), "shap>=0.48"],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["pip said nothing"]
            pytest.skip(f"shap cannot be installed here: {said[-1]}")
    environment = os.environ | {"PYTHONPATH": f"{FOLDER}:{ROOT}"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


async def test_our_values_approach_those_of_shap(by_shap: dict[str, Any]) -> None:
    game = game_of(tangled, ITEM, BACKGROUND)
    found, base = await methods.shapley(game, methods.shapley_evaluations(6, 16_000), np.random.default_rng(1))
    assert found == pytest.approx(by_shap["values"], abs=0.12)
    assert base == pytest.approx(by_shap["base"], abs=0.01)


def test_the_definition_that_our_other_tests_compare_with_is_shaps(by_shap: dict[str, Any]) -> None:
    assert exact_shapley(tangled, ITEM, BACKGROUND) == pytest.approx(by_shap["values"], abs=1e-9)
