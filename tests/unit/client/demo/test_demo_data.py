# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The demo's data are the golden samples of the models in the repository, and stay so."""

from importlib import resources
from pathlib import Path

import pytest
import yaml
from argosy_client.demo import Sample, samples

MODELS = Path(__file__).parents[4] / "models"
DATA = Path(str(resources.files("argosy_client.demo"))) / "data"


def test_there_is_one_sample_for_each_domain() -> None:
    assert [sample.domain for sample in samples()] == ["vision", "speech", "nlp", "recommendation", "tabular"]


def test_every_file_equals_the_model_s_own() -> None:
    files = [file for file in DATA.rglob("*") if file.is_file() and file.name != "samples.json"]

    assert len(files) >= len(samples())
    for file in files:
        assert file.read_bytes() == (MODELS / file.relative_to(DATA)).read_bytes(), file


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.domain)
def test_the_tolerance_is_the_model_s_own(sample: Sample) -> None:
    config = yaml.safe_load((MODELS / sample.domain / sample.model / "model.yaml").read_text())
    golden = {entry["file"]: entry["tolerance"] for entry in config["golden"]}
    folder = DATA / sample.domain / sample.model

    ours = [file.relative_to(folder).as_posix() for file in folder.rglob("*.json")]
    assert [golden[name] for name in ours] == [sample.tolerance]


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.domain)
def test_a_request_names_its_model_and_holds_its_files(sample: Sample) -> None:
    message = sample.message()

    assert message.model == sample.model  # type: ignore[attr-defined]
    for content in sample.files.values():
        assert content in message.SerializeToString()
