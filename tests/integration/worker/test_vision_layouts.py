# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Both layouts of a detector are served by model.yaml alone, and give the same answer on one graph that has both."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from argosy_worker import offline

from tests.support.fleet import MODELS

SIFTED = {"sifted": {"boxes": "boxes", "labels": "labels", "scores": "scores"}, "box_format": "corners"}


def repository(folder: Path, **changed: Any) -> Path:
    """The model of scenes, its section ``detect`` changed."""
    shutil.copytree(MODELS / "vision/scenes", folder / "scenes")
    path = folder / "scenes/model.yaml"
    config = yaml.safe_load(path.read_text())
    config["vision"]["detect"] |= changed
    if "sifted" in changed:
        del config["vision"]["detect"]["candidates"]
    path.write_text(yaml.safe_dump(config))
    return folder


@pytest.mark.parametrize("changed", [{}, SIFTED], ids=["candidates", "sifted"])
async def test_a_detector_is_served_by_its_golden_samples_in_either_layout(
    tmp_path: Path, changed: dict[str, Any]
) -> None:
    (state,) = await offline.check("vision", repository(tmp_path, **changed))
    (version,) = state.versions
    assert (version.state.name, version.reason) == ("READY", "")


async def test_a_detector_whose_boxes_mean_something_else_is_not_served(tmp_path: Path) -> None:
    (state,) = await offline.check("vision", repository(tmp_path, box_format="corners"))
    (version,) = state.versions
    assert version.state.name == "FAILED"
    assert "golden sample golden/scene.json differs" in version.reason
