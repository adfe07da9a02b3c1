# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from argosy_client.bridge.place import Place, find_place, find_repository, model_name, publish, staged
from argosy_worker.repository import scan

FLEET = """
workers:
  - {domain: vision, address: "127.0.0.1:1", repository: models/vision}
  - {domain: tabular, address: "127.0.0.1:2"}
  - {domain: tabular, address: "127.0.0.1:3", repository: models/tabular}
"""


def test_a_worker_sees_nothing_of_a_model_until_all_of_it_is_there(tmp_path: Path) -> None:
    place = Place(tmp_path, "fresh", 1)
    with staged(place) as staging:
        (staging / "fresh/1").mkdir(parents=True)
        (staging / "fresh/1/model.onnx").write_text("all of it")
        assert scan.names(tmp_path) == []
        publish(staging, place)
        assert scan.names(tmp_path) == ["fresh"]
        assert (tmp_path / "fresh/1/model.onnx").read_text() == "all of it"
    assert [path.name for path in tmp_path.iterdir()] == ["fresh"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="disk"), staged(Place(tmp_path, "fresh", 1)) as staging:
        (staging / "fresh").mkdir()
        raise OSError("disk full")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_is_replaced_gets_the_next_version(tmp_path: Path) -> None:
    for version in ("1", "7", "07", "golden"):
        (tmp_path / "old" / version).mkdir(parents=True)
    assert find_place(tmp_path, "old", replace=True).version == 8
    assert find_place(tmp_path, "new", replace=False).version == 1
    with pytest.raises(ValueError, match="exists already"):
        find_place(tmp_path, "old", replace=False)


def test_the_repository_is_that_of_the_domains_first_worker_that_has_one(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text(FLEET)
    assert find_repository(fleet, "tabular") == Path("models/tabular")
    with pytest.raises(ValueError, match="no worker of the domain nlp"):
        find_repository(fleet, "nlp")
    fleet.write_text("workers: {")
    with pytest.raises(ValueError, match="no YAML"):
        find_repository(fleet, "nlp")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("Churn Model (v2).onnx", "churn-model-v2"),
        ("model.onnx", "exported"),
        ("___.onnx", "model"),
        ("a.b.onnx", "a.b"),
    ],
)
def test_a_model_is_named_after_its_file_or_its_folder(file: str, name: str, tmp_path: Path) -> None:
    assert model_name(None, tmp_path / "Exported" / file) == name


@pytest.mark.parametrize("name", ["../a", "a/b", ".a", "a b", "a" * 129, "\n"])
def test_a_name_that_no_folder_may_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a model"):
        model_name(name, Path("model.onnx"))
