# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a repository: what is found, and how errors name their place."""

from pathlib import Path

import pytest
from argosy_worker.errors import ModelInvalid
from argosy_worker.repository import scan

from tests.support.models import add_model


def test_a_model_without_yaml_takes_the_defaults(tmp_path: Path) -> None:
    add_model(tmp_path, "plain")
    entry = scan.read(tmp_path, "plain")
    assert (entry.name, entry.versions, entry.config.methods) == ("plain", (1,), [])


def test_hidden_folders_and_folders_without_a_model_are_passed_over(tmp_path: Path) -> None:
    add_model(tmp_path, "good")
    add_model(tmp_path, ".hidden")
    (tmp_path / "notes").mkdir()
    (tmp_path / "README.md").write_text("text")
    assert scan.names(tmp_path) == ["good"]


@pytest.mark.parametrize(
    ("policy", "served"),
    [("", (3,)), ("{latest: 2}", (3, 2)), ("{all: true}", (3, 2, 1)), ("{listed: [1, 3]}", (3, 1))],
)
def test_the_version_policy_chooses_versions_newest_first(tmp_path: Path, policy: str, served: tuple[int, ...]) -> None:
    for version in (1, 2, 3):
        yaml = f"version_policy: {policy}\n" if policy and version == 1 else ""
        add_model(tmp_path, "many", yaml, version=version)
    assert scan.read(tmp_path, "many").versions == served


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("description: fine\nbatchign: {}\n", "model.yaml:2: batchign: unknown key"),
        ("batching:\n  max_delay_ms: 1.0\n  max_batch_size: many\n", "model.yaml:3: batching.max_batch_size: Input"),
        ("batching:\n  max_batch_size: '8'\n", "model.yaml:2: batching.max_batch_size: Input"),
        ("version_policy: {latest: 1, all: true}\n", "model.yaml:1: version_policy: Value error, set only one of"),
        ("methods: [Classify]\ndefault_for: [Embed]\n", "default_for names Embed"),
        ("metrics:\n- {name: a, value: 1.0}\n- {name: b}\n", "model.yaml:3: metrics.1.value: Field required"),
        ("name: other\n", "name: is 'other', but the folder is 'm'"),
        ("a: [1\n", "model.yaml:2: not YAML"),
        ("a: &x [1]\nb: *x\n", "model.yaml:2: not YAML: aliases are not allowed"),
        ("- 1\n", "model.yaml:1: file: Input should be"),
        ("labels_file: ../../etc/passwd\n", "labels_file"),
        ("labels_file: a/../../secret\n", "lies outside the model's folder"),
        ("labels_file: absent.txt\n", "absent.txt: no such file"),
        ("? [1, 2]\n: 3\n", "model.yaml:1"),
    ],
)
def test_a_bad_yaml_names_file_line_and_key(tmp_path: Path, yaml: str, said: str) -> None:
    add_model(tmp_path, "m", yaml)
    with pytest.raises(ModelInvalid) as error:
        scan.read(tmp_path, "m")
    assert said in str(error.value)


def test_a_deeply_nested_yaml_is_refused(tmp_path: Path) -> None:
    add_model(tmp_path, "m", "a: " + "[" * 5000)
    with pytest.raises(ModelInvalid):
        scan.read(tmp_path, "m")


def test_a_huge_yaml_is_refused_unread(tmp_path: Path) -> None:
    add_model(tmp_path, "m", "#" * (2 << 20))
    with pytest.raises(ModelInvalid, match="larger than"):
        scan.read(tmp_path, "m")


def test_a_model_without_versions_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.yaml").write_text("description: none\n")
    with pytest.raises(ModelInvalid, match="no version to serve"):
        scan.read(tmp_path, "m")


def test_an_unusable_name_is_refused(tmp_path: Path) -> None:
    add_model(tmp_path, "bad name")
    with pytest.raises(ModelInvalid, match="a model's name"):
        scan.read(tmp_path, "bad name")
