# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The verbs of ``argosy vision``: what people read, what programs read, and the pictures that are saved."""

import json
from pathlib import Path

import numpy as np
import pytest
from argosy_client.cli.pictures import save_mask
from PIL import Image

from tests.unit.client.cli.conftest import Argosy
from tests.unit.client.fake_fleet import FakeFleet
from tests.unit.client.fake_vision import PICTURE


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "seven.png"
    Image.new("RGB", (5, 4)).save(file)
    return file


def test_detect_lists_objects_and_draws_them(argosy: Argosy, fleet: FakeFleet, image: Path, tmp_path: Path) -> None:
    out = tmp_path / "boxes.png"
    result = argosy("vision", "detect", image, "--min-score", "0.5", "--max-detections", "3", "--out", out)

    assert result.exit_code == 0, result.stderr
    for text in ("seven.png", "seven", "0.7500", "1.0", "2.0", "3.5", "4.0", "model digits, version 3"):
        assert text in result.stdout
    assert (fleet.last.request.min_score, fleet.last.request.max_detections) == (0.5, 3)
    with Image.open(out) as drawn:
        assert drawn.size[0] > 5
        assert len(set(drawn.get_flattened_data())) > 1

    (entry,) = json.loads(argosy("vision", "detect", image, "--json").stdout)
    assert entry["detections"][0]["box"] == {"x_min": 1, "y_min": 2, "x_max": 3.5, "y_max": 4}
    assert set(entry) == {"input", "detections", "width", "height", "model", "version", "timing"}


def test_pictures_of_several_files_go_into_a_folder(argosy: Argosy, image: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.png"
    other.write_bytes(image.read_bytes())
    out = tmp_path / "found"
    assert argosy("vision", "segment", image, other, "--out", out).exit_code == 0
    assert sorted(file.name for file in out.iterdir()) == ["other.png", "seven.png"]

    twin = tmp_path / "sub" / "seven.png"
    twin.parent.mkdir()
    twin.write_bytes(b"png")
    refused = argosy("vision", "segment", image, twin, "--out", out)
    assert refused.exit_code == 2
    assert "same name" in refused.stderr


def test_segment_tells_shares_and_saves_the_classes(argosy: Argosy, image: Path, tmp_path: Path) -> None:
    out = tmp_path / "mask.png"
    result = argosy("vision", "segment", image, "--out", out)
    for text in ("seven", "66.7%", "one", "33.3%"):
        assert text in result.stdout
    with Image.open(out) as mask:
        assert mask.mode == "P"
        assert np.asarray(mask).tolist() == [[1, 7, 7], [7, 1, 7]]

    (entry,) = json.loads(argosy("vision", "segment", image, "--json").stdout)
    assert set(entry) == {"input", "segments", "model", "version", "timing"}


def test_inspect_tells_the_verdict_and_saves_the_picture(argosy: Argosy, image: Path, tmp_path: Path) -> None:
    out = tmp_path / "heat.png"
    result = argosy("vision", "inspect", image, "--out", out)
    for text in ("defective", "2.5", "2", "3.5"):
        assert text in result.stdout
    assert out.read_bytes() == PICTURE

    (entry,) = json.loads(argosy("vision", "inspect", image, "--json").stdout)
    assert entry["heatmap"] == [[0, 0.25, 0], [0.5, 0, -1]]
    assert "picture" not in entry


def test_compare_tells_the_verdict(argosy: Argosy, image: Path) -> None:
    result = argosy("vision", "compare", image, image, "--timing")
    for text in ("the same", "0.7500", "0.5000", "model digits, version 3", "queue 0.2 ms"):
        assert text in result.stdout
    assert json.loads(argosy("vision", "compare", image, image, "--json").stdout)["same"] is True


def test_explain_shows_the_heat_and_saves_the_picture(
    argosy: Argosy, fleet: FakeFleet, image: Path, tmp_path: Path
) -> None:
    out = tmp_path / "why.png"
    options = ("--target", "seven", "--method", "rise", "--grid", "6", "--seed", "4", "--explain-to", out)
    result = argosy("vision", "explain", image, *options)
    for text in ("seven 0.7500", "0.1000 where all is hidden", "-1.00", "98 altered images", "fidelity 0.500"):
        assert text in result.stdout
    assert out.read_bytes() == PICTURE
    assert (fleet.last.request.grid_size, fleet.last.request.options.target) == (6, "seven")

    entry = json.loads(argosy("vision", "explain", image, "--json").stdout)
    assert entry["heatmap"][1] == [0.5, 0, -1]
    assert (entry["summary"]["method"], "rendering" in entry["summary"]) == ("occlusion", False)


def test_a_failing_file_leaves_the_pictures_of_the_others(argosy: Argosy, image: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"broken")
    out = tmp_path / "found"
    result = argosy("vision", "inspect", image, bad, "--out", out)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{bad}: INVALID_ARGUMENT")
    assert [file.name for file in out.iterdir()] == ["seven.png"]


def test_a_mask_of_any_class_has_a_colour(tmp_path: Path) -> None:
    mask = np.arange(256, dtype=np.uint8).reshape(8, 32)
    save_mask(tmp_path / "mask.png", mask)
    with Image.open(tmp_path / "mask.png") as saved:
        np.testing.assert_array_equal(np.asarray(saved), mask)
        assert len(saved.convert("RGB").getcolors() or []) > 5
